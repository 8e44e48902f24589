/** The number behind an id, or null for text that no Zendesk record can have as its id. */
export function toId(text: string | null): number | null {
  const id = text !== null && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(id) ? id : null;
}
