import { readFileSync } from 'node:fs';
import { Eta } from 'eta';
import type { Request } from 'express';
import { LANGUAGES, type Languages } from '../texts/languages.ts';
import { type Texts, textsFor } from '../texts/texts.ts';
import { type BrandLooks, createBrandLooks } from './brand-looks.ts';

/** The frame around every page. */
export interface Frame {
  /** BCP 47. */
  readonly language: string;
  readonly direction: 'ltr' | 'rtl';
  readonly title: string;
  /** As the CRM has it for the case; null or left out where no case is known. */
  readonly brand?: string | null;
}

/** A page that only says something. */
export interface Notice extends Frame {
  readonly paragraphs: readonly string[];
}

const NAMES = ['survey', 'thanks', 'opt-out', 'notice'] as const;
type PageName = (typeof NAMES)[number];

export interface Pages {
  /** HTML of a page; every value is escaped. */
  render(page: PageName, data: Frame & Readonly<Record<string, unknown>>): string;
  /** What they say, by language. */
  readonly languages: Languages;
}

/** Reads and compiles the page templates once. */
export function createPages(
  languages: Languages = LANGUAGES,
  looks: Pick<BrandLooks, 'lookOf'> = createBrandLooks([]),
): Pages {
  const eta = new Eta({ autoEscape: true, autoTrim: false, cache: true });
  for (const name of ['frame', ...NAMES])
    eta.loadTemplate(`@${name}`, readFileSync(new URL(`./templates/${name}.eta`, import.meta.url), 'utf8'));
  return {
    languages,
    render: (page, data) => eta.render(`@${page}`, { ...data, look: looks.lookOf(data.brand ?? null) }),
  };
}

/** The language of the reader's browser, for pages where no survey says it. */
export function browserTexts(request: Request, { languages }: Pages): { language: string; texts: Texts } {
  return textsFor(request.acceptsLanguages().join(','), languages);
}

/** A notice from two of the page texts. */
export function noticeOf(
  words: { language: string; texts: Texts },
  title: keyof Texts['page'],
  ...paragraphs: readonly (keyof Texts['page'])[]
): Notice {
  const { language, texts } = words;
  return {
    language,
    direction: texts.direction,
    title: texts.page[title],
    paragraphs: paragraphs.map((one) => texts.page[one]),
  };
}
