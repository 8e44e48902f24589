import type { Config } from '../config.ts';
import type { Brand } from '../domain/brand.ts';
import { contrastOf, LEAST_CONTRAST, SURFACES, tonesOf } from '../tones.ts';
import type { PlacedFinding } from './commands.ts';

/** Whether each brand's colour can be read, with figures. Looks at the config alone. */
export function checkBrands({ brands }: Pick<Config, 'brands'>): readonly PlacedFinding[] {
  return brands.map(contrastFinding);
}

function contrastFinding({ key, colour }: Brand): PlacedFinding {
  const tones = tonesOf(colour);
  const { light, dark } = SURFACES;
  const onButton = tones.onButton === '#ffffff' ? 'white' : 'black';
  const linkRatio = leastOf(colour, light);
  const isReadable = tones.link === colour;
  const figures = [
    `${onButton} on buttons of ${colour} has ${ratio(contrastOf(tones.onButton, colour))}`,
    `links in it ${ratio(linkRatio)} on light surfaces${isReadable ? '' : `, so they are ${tones.link} with ${ratio(leastOf(tones.link, light))}`}`,
    `on dark ones links are ${tones.linkOnDark} with ${ratio(leastOf(tones.linkOnDark, dark))}`,
  ];
  return {
    place: `brands.${key}`,
    what: 'contrast',
    level: isReadable ? 'ok' : 'warning',
    detail: `${figures.join('; ')}. Text needs ${LEAST_CONTRAST.text}:1, outlines ${LEAST_CONTRAST.mark}:1`,
    fix: isReadable
      ? null
      : `Set brands.${key}.colour to "${tones.link}" for buttons and links of one colour; or leave it: links are readable as they are.`,
  };
}

function leastOf(colour: string, surfaces: Readonly<Record<string, string>>): number {
  return Math.min(...Object.values(surfaces).map((surface) => contrastOf(colour, surface)));
}

/** Cut, not rounded: 4.46:1 must not read as 4.5:1. */
function ratio(value: number): string {
  return `${(Math.floor(value * 10) / 10).toFixed(1)}:1`;
}
