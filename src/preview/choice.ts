import type { PreviewSet } from './preview-set.ts';

/** What can be shown, in the order in which a customer meets it, with its name for people. */
export const MAILS = { invitation: 'Invitation', reminder: 'Reminder' } as const;
export const PAGES = {
  form: 'Survey page',
  tapped: 'After a tap in the mail',
  held: 'Tap held: one press asked for',
  problem: 'No answer chosen',
  'thanks-high': 'Thanks, high score',
  'thanks-neutral': 'Thanks, neutral score',
  'thanks-low': 'Thanks, low score',
  changing: 'Changing an answer',
  final: 'Thanks, no longer changeable',
  closed: 'Change refused: window closed',
  expired: 'Expired link',
  unknown: 'Unknown link',
  busy: 'Too many requests',
  failed: 'Something failed',
  'opt-out': 'Opting out',
  'opted-out': 'Opted out',
} as const;

export const SCHEMES = { light: 'Light', dark: 'Dark' } as const;
export const WIDTHS = { desktop: 'Desktop', phone: 'Phone, 320 pixels' } as const;
export const FORMS = { html: 'HTML', text: 'Plain text', 'no-images': 'Images off' } as const;

export type MailName = keyof typeof MAILS;
export type PageName = keyof typeof PAGES;

/** One thing to show, and how. */
export interface Choice {
  readonly what: MailName | PageName;
  readonly survey: PreviewSet['surveys'][number];
  readonly brand: PreviewSet['brands'][number];
  readonly language: string;
  readonly scheme: keyof typeof SCHEMES;
  readonly width: keyof typeof WIDTHS;
  /** For mails; pages have no images to do without. */
  readonly form: keyof typeof FORMS;
}

/** Reads a choice; whatever is missing or unknown is the first there is. */
export function readChoice(query: Readonly<Record<string, unknown>>, set: PreviewSet): Choice {
  const [survey] = set.surveys;
  const [brand] = set.brands;
  if (survey === undefined || brand === undefined) throw new RangeError('there is nothing to preview');
  return {
    what: keyOf({ ...MAILS, ...PAGES }, query.what, 'invitation'),
    survey: set.surveys.find(({ name }) => name === query.survey) ?? survey,
    brand: set.brands.find(({ key }) => key === query.brand) ?? brand,
    language: Object.keys(set.languages).find((tag) => tag === query.language) ?? 'en',
    scheme: keyOf(SCHEMES, query.scheme, 'light'),
    width: keyOf(WIDTHS, query.width, 'desktop'),
    form: keyOf(FORMS, query.form, 'html'),
  };
}

function keyOf<K extends string>(entries: Readonly<Record<K, string>>, wanted: unknown, first: K): K {
  return (Object.keys(entries) as K[]).find((key) => key === wanted) ?? first;
}

/** Where the frame finds it. The scheme comes first, so that the page's own files know it, too. */
export function frameUrl({ scheme, what, survey, brand, language, form }: Choice, asked = what): string {
  const path = [scheme, asked, survey.name, brand.key, language].map(encodeURIComponent).join('/');
  return `/${path}${form === 'html' ? '' : `?form=${form}`}`;
}

export function isMail(what: Choice['what']): what is MailName {
  return Object.hasOwn(MAILS, what);
}
