const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECK_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const POD = '5g0';

/** The id of the n-th record of a kind, 18 characters. Later ones sort behind earlier ones. */
export function makeId(keyPrefix: string, ordinal: number): string {
  let rest = ordinal;
  let digits = '';
  for (let place = 0; place < 9; place += 1) {
    digits = `${DIGITS[rest % DIGITS.length]}${digits}`;
    rest = Math.floor(rest / DIGITS.length);
  }
  return withChecksum(`${keyPrefix}${POD}${digits}`);
}

/** The id in its 18 characters, or null for what is no id. Those of 15 are told apart by case. */
export function normaliseId(text: unknown): string | null {
  if (typeof text !== 'string' || !/^[0-9A-Za-z]+$/.test(text)) return null;
  if (text.length === 15) return withChecksum(text);
  if (text.length !== 18) return null;
  return withChecksum(text.slice(0, 15)) === text ? text : null;
}

/** Each of the three last characters tells which of five before are capitals. */
function withChecksum(id: string): string {
  let check = '';
  for (let from = 0; from < 15; from += 5) {
    let bits = 0;
    for (let at = 0; at < 5; at += 1) {
      if (/[A-Z]/.test(id[from + at] ?? '')) bits += 1 << at;
    }
    check += CHECK_DIGITS[bits];
  }
  return id + check;
}
