/**
 * True of what `askInCase` said on a case: its last line is an address to opt out by. One who answers and quotes it writes
 * something else at the end, or in front of the address.
 */
export function isOwnAsk(text: string, optOutUrl: string): boolean {
  return text.trimEnd().split('\n').at(-1)?.trim().startsWith(optOutUrl) === true;
}
