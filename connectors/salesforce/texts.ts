const CUT_MARK = ' [... cut here, the whole text is in Caseloop]';

/** Cuts to so many UTF-16 units, between characters and never inside one, and says that it did. */
export function boundUnits(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${whole(text.slice(0, most - CUT_MARK.length))}${CUT_MARK}`;
}

/** The same in bytes of UTF-8. */
export function boundBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const room = most - Buffer.byteLength(CUT_MARK);
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    kept += character;
  }
  return `${kept}${CUT_MARK}`;
}

/** Without the first half of a character that was cut in two. */
function whole(text: string): string {
  return text.replace(/[\uD800-\uDBFF]$/, '');
}
