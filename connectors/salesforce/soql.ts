/** Text as a SOQL literal. Whatever it holds, it stays one literal. */
export function quote(text: string): string {
  const escaped = text
    .replaceAll(/[\\'"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `'${escaped}'`;
}

/** A list for IN. At most 200 ids, so that the query fits into an address. */
export function quoteAll(texts: readonly string[]): string {
  return `(${texts.map(quote).join(',')})`;
}
