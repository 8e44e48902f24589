const SHORTEST = 12;
const LONGEST = 200;
const FEWEST_DIFFERENT = 5;
const SHORTEST_PART = 4;

/** What is wrong with a new password, as a sentence; null when it will do. Length is what counts: no signs are prescribed. */
export function passwordProblem(
  password: string,
  owner: { readonly email: string; readonly name: string },
): string | null {
  const letters = [...password];
  if (letters.length < SHORTEST) return `Use at least ${SHORTEST} characters.`;
  if (letters.length > LONGEST) return `Use at most ${LONGEST} characters.`;
  const small = password.toLowerCase();
  if (new Set(small).size < FEWEST_DIFFERENT) return `Use at least ${FEWEST_DIFFERENT} different characters.`;
  if (isRepeated(small)) return 'Do not repeat one piece over and over.';
  if (isRow(small)) return 'Do not use a row of the keyboard, the alphabet or the numbers.';
  const known = ['caseloop', ...partsOf(owner.email), ...partsOf(owner.name)];
  const left = known.reduce((rest, part) => rest.replaceAll(part, ''), small);
  return [...left].length < SHORTEST - SHORTEST_PART
    ? 'Do not build it from your name, your address or the name of this program.'
    : null;
}

function partsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part.length >= SHORTEST_PART);
}

/** `abcabcabcabc`, also when the last piece is cut off. */
function isRepeated(text: string): boolean {
  const longest = Math.floor(text.length / 2);
  for (let length = 1; length <= longest; length += 1) {
    const piece = text.slice(0, length);
    if (piece.repeat(Math.ceil(text.length / length)).startsWith(text)) return true;
  }
  return false;
}

const ROWS = ['abcdefghijklmnopqrstuvwxyz', '01234567890123456789', 'qwertyuiopasdfghjklzxcvbnm'];

function isRow(text: string): boolean {
  const back = [...text].reverse().join('');
  return ROWS.some((row) => row.includes(text) || row.includes(back));
}
