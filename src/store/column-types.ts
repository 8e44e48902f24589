/** A `bigint` column as a number. Throws RangeError beyond 2^53: silently rounding an id or an instant would be worse. */
export function parseBigint(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError(`bigint column: ${text} does not fit a number`);
  return number;
}
