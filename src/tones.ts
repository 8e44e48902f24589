import { clampChroma, converter, formatHex, wcagContrast } from 'culori';

/** What mails stand on. */
export const SURFACES = {
  light: { page: '#f2f3f5', card: '#ffffff' },
  dark: { page: '#16191d', card: '#20242a' },
} as const;

/** WCAG 2.2: what text needs of what it stands on (1.4.3), and what marks and outlines need (1.4.11). */
export const LEAST_CONTRAST = { text: 4.5, mark: 3 } as const;

/** The colours that follow from a brand's one. All are #rrggbb. */
export interface Tones {
  readonly button: string;
  /** Black or white: one of the two always contrasts enough. */
  readonly onButton: '#000000' | '#ffffff';
  /** Links and outlines on light and on dark surfaces: the brand's colour, or the nearest one that can be read there. */
  readonly link: string;
  readonly linkOnDark: string;
}

export function tonesOf(colour: string): Tones {
  return {
    button: colour,
    onButton: contrastOf(colour, '#ffffff') >= contrastOf(colour, '#000000') ? '#ffffff' : '#000000',
    link: readableOn(Object.values(SURFACES.light), colour),
    linkOnDark: readableOn(Object.values(SURFACES.dark), colour),
  };
}

/** From 1 to 21, as WCAG counts it. */
export function contrastOf(one: string, other: string): number {
  return wcagContrast(one, other);
}

const STEP = 0.005;
const toOklch = converter('oklch');

/**
 * A colour itself when text of it can be read on all surfaces; else the nearest one of the same hue that can, lighter or
 * darker. The same input gives the same colour.
 */
function readableOn(surfaces: readonly string[], colour: string): string {
  const start = toOklch(colour);
  if (start === undefined) throw new RangeError(`${colour} is not a colour: expected #rrggbb`);
  for (let distance = 0; distance <= 1; distance += STEP)
    for (const l of [start.l - distance, start.l + distance]) {
      if (l < 0 || l > 1) continue;
      const tone = distance === 0 ? colour : formatHex(clampChroma({ ...start, l }, 'oklch'));
      if (surfaces.every((surface) => contrastOf(tone, surface) >= LEAST_CONTRAST.text)) return tone;
    }
  throw new RangeError('no colour can be read on surfaces this different');
}
