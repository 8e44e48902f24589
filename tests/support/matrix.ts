import { type Brand, PLAIN_BRAND } from '../../src/domain/brand.ts';
import { SCALES, type Scale } from '../../src/domain/score.ts';
import { LANGUAGE_TAGS } from '../../src/texts/texts.ts';
import type { SurveyInput } from './survey-site.ts';

/** A picture that needs no network. */
const LOGO = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="160" height="40"><rect width="160" height="40" fill="#0b7a4b"/></svg>')}`;

/** None, one with a picture, one in a colour that only black can be read on, one whose colour dark pages swallow. */
export const MATRIX_BRANDS: readonly Brand[] = [
  PLAIN_BRAND,
  {
    ...PLAIN_BRAND,
    key: 'nordwind',
    name: 'Nordwind & Söhne',
    colour: '#0b7a4b',
    logo: { url: LOGO, width: 160 },
  },
  { ...PLAIN_BRAND, key: 'limon', name: 'Limón', colour: '#ffd400' },
  { ...PLAIN_BRAND, key: 'midnight', name: 'منتصف الليل', colour: '#0a0a2a' },
];

const MATRIX_SCALES = Object.keys(SCALES) as Scale[];

/** The nth of so many surveys, so that every scale, language and brand comes up, and not always together. */
export function surveyAt(nth: number): SurveyInput & { readonly scale: Scale; readonly locale: string } {
  const at = <T>(list: readonly T[]): T => list[nth % list.length] as T;
  const scale = at(MATRIX_SCALES);
  const { min, max } = SCALES[scale];
  return {
    scale,
    locale: at(LANGUAGE_TAGS),
    brand: at(MATRIX_BRANDS).key,
    // Gone from the config: it asks the standard question in every language.
    definition: 'gone',
    satisfiedFrom: max,
    followUpBelow: Math.min(min + 2, max),
  };
}
