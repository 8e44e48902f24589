const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** The prefixes that tell kinds of records apart. */
const PREFIXES = { case: '500', user: '005', queue: '00G', task: '00T' } as const;

/**
 * The id in its 18-character form, or null for text that is no id of that kind. Ids come in 15 characters, where case
 * matters, or in 18, where the last three tell the case of the others (2026-11-21).
 */
export function toId(kind: keyof typeof PREFIXES, text: string): string | null {
  if (!/^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$/.test(text) || !text.startsWith(PREFIXES[kind])) return null;
  return text.length === 18 ? text : `${text}${suffixOf(text)}`;
}

/** One character for each five: which of them are capitals. */
function suffixOf(text: string): string {
  return [0, 5, 10]
    .map((start) => {
      const capitals = [...text.slice(start, start + 5)].map((char, at) =>
        /[A-Z]/.test(char) ? 1 << at : 0,
      );
      return DIGITS[capitals.reduce((sum, bit) => sum + bit, 0)] ?? '';
    })
    .join('');
}
