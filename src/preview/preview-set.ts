import type { Config } from '../config.ts';
import { type Brand, PLAIN_BRAND } from '../domain/brand.ts';
import { SCALES, type Scale } from '../domain/score.ts';
import type { SurveyDefinition, SurveyKind } from '../domain/survey.ts';
import { LANGUAGES, type Languages } from '../texts/languages.ts';
import { textsFor } from '../texts/texts.ts';

/** What there is to look at. Neither list is ever empty. */
export interface PreviewSet {
  readonly surveys: readonly SurveyDefinition[];
  readonly brands: readonly Brand[];
  readonly languages: Languages;
  readonly mail: { readonly from: string; readonly replyTo: string | null };
}

/** The surveys and brands of a config file; the plain brand is what cases of no brand get unless the file says otherwise. */
export function setFrom({
  surveys,
  brands,
  languages,
  mail,
}: Pick<Config, 'surveys' | 'brands' | 'languages' | 'mail'>): PreviewSet {
  const hasDefault = brands.some(({ key }) => key === PLAIN_BRAND.key);
  return {
    surveys,
    brands: hasDefault ? brands : [...brands, PLAIN_BRAND],
    languages,
    mail,
  };
}

/** Every scale, every kind, and brands light and dark: what there is to see without a config file. */
export function standardSet(): PreviewSet {
  const scales = Object.keys(SCALES) as Scale[];
  const brand = { ...PLAIN_BRAND, signature: { en: 'Your support team', de: 'Ihr Support-Team' } };
  return {
    surveys: [
      ...scales.map((scale) => standardSurvey('csat', scale)),
      standardSurvey('ces', '1-7'),
      standardSurvey('nps', '0-10'),
    ],
    brands: [
      { ...brand, key: 'acme', name: 'Acme' },
      { ...brand, key: 'nordwind', name: 'Nordwind', colour: '#0b7a4b' },
      { ...brand, key: 'limon', name: 'Limón', colour: '#ffd400' },
      PLAIN_BRAND,
    ],
    languages: LANGUAGES,
    mail: { from: 'Support <support@acme.example>', replyTo: 'no-reply@acme.example' },
  };
}

const ANY = { brand: [], channel: [], tag: [], team: [], language: [] };

function standardSurvey(kind: SurveyKind, scale: Scale): SurveyDefinition {
  const { min, satisfiedFrom, followUpBelow } = SCALES[scale];
  const { question } = textsFor('en').texts;
  return {
    ...BARE_SURVEY,
    name: `${kind}-${scale}`,
    kind,
    scale,
    satisfiedFrom,
    followUpBelow: followUpBelow ?? (scale === 'thumbs' ? 1 : min + Math.ceil((satisfiedFrom - min) / 2)),
    question: { en: question[kind] },
  };
}

const BARE_SURVEY = {
  when: ANY,
  metric: 'preview',
  expiresMs: 0,
  changeWithinMs: 0,
  reasons: true,
  labels: {},
  icons: [],
  via: 'mail' as const,
};
