import { ar } from './languages/ar.ts';
import { cs } from './languages/cs.ts';
import { da } from './languages/da.ts';
import { de } from './languages/de.ts';
import { en } from './languages/en.ts';
import { es } from './languages/es.ts';
import { fi } from './languages/fi.ts';
import { fr } from './languages/fr.ts';
import { he } from './languages/he.ts';
import { it } from './languages/it.ts';
import { ja } from './languages/ja.ts';
import { ko } from './languages/ko.ts';
import { nb } from './languages/nb.ts';
import { nl } from './languages/nl.ts';
import { pl } from './languages/pl.ts';
import { ptBR } from './languages/pt-br.ts';
import { sv } from './languages/sv.ts';
import { tr } from './languages/tr.ts';
import { zhHans } from './languages/zh-hans.ts';
import type { Texts } from './texts.ts';

/** What customers read, by language (BCP 47). */
export type Languages = Readonly<Record<string, Texts>>;

/** Every language there is. English comes first: whoever wants none of the others gets it. */
export const LANGUAGES: Languages = {
  en,
  ar,
  cs,
  da,
  de,
  es,
  fi,
  fr,
  he,
  it,
  ja,
  ko,
  nb,
  nl,
  pl,
  'pt-BR': ptBR,
  sv,
  tr,
  'zh-Hans': zhHans,
};
