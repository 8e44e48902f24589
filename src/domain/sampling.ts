import { createHash } from 'node:crypto';

const BYTES = 6;
const RANGE = 2 ** (8 * BYTES);

/**
 * True for the share `ratio` (0 to 1) of all cases. The same case always gets the same verdict at the same ratio, on every
 * machine and after every reopening; raising the ratio only adds cases. Throws RangeError for a ratio outside 0 to 1.
 */
export function isSampled(connector: string, caseId: string, ratio: number): boolean {
  if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`sampling ratio ${ratio}: expected 0 to 1`);
  // JSON keeps ("a", "b1") and ("ab", "1") apart.
  const hash = createHash('sha256')
    .update(JSON.stringify([connector, caseId]))
    .digest();
  return hash.readUIntBE(0, BYTES) / RANGE < ratio;
}
