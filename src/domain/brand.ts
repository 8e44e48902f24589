import { nearestLanguage } from './language.ts';

/** How mails and pages look and sound for one brand: an entry of the config's `brands`, with every default filled in. */
export interface Brand {
  /** The key in the config file; `default` is for every case that no other one is for. */
  readonly key: string;
  /** The names that CRMs have for it, beside its key. */
  readonly when: readonly string[];
  /** As customers know it; null leaves brands unnamed. */
  readonly name: string | null;
  readonly logo: Logo | null;
  /** Of buttons, links and marks: #rrggbb. What stands on it is black or white, whichever contrasts more. */
  readonly colour: string;
  /** Below a mail, by language (BCP 47; `und` is for every language); null for none. May have several lines. */
  readonly signature: Readonly<Record<string, string>> | null;
  /** An address, with or without a name before it; null: the one of `mail`. */
  readonly from: string | null;
  readonly replyTo: string | null;
  /** BCP 47, for customers whose language nobody knows; null is English. */
  readonly locale: string | null;
}

export interface Logo {
  readonly url: string;
  /** In CSS pixels. */
  readonly width: number;
}

/** What is shown where no brand is configured. */
export const PLAIN_BRAND: Brand = Object.freeze({
  key: 'default',
  when: [],
  name: null,
  logo: null,
  colour: '#1f4fa3',
  signature: null,
  from: null,
  replyTo: null,
  locale: null,
});

/** The brand of a case, by the name that its CRM has for it; else the one named `default`; else the plain one. */
export function chooseBrand(brands: readonly Brand[], name: string | null): Brand {
  const wanted = name?.toLowerCase();
  const named = brands.find(
    ({ key, when }) => wanted !== undefined && [key, ...when].some((one) => one.toLowerCase() === wanted),
  );
  const found = named ?? brands.find(({ key }) => key === 'default') ?? PLAIN_BRAND;
  // Without a name of its own a brand goes by the one that the CRM has for the case.
  return found.name === null && name !== null ? { ...found, name } : found;
}

/** The lines below a mail in one language: that language's, else its parent's, else the first that is written. */
export function signatureFor({ signature }: Pick<Brand, 'signature'>, language: string): readonly string[] {
  if (signature === null) return [];
  const languages = Object.keys(signature);
  const found = signature[nearestLanguage(languages, language) ?? languages[0] ?? ''];
  return found === undefined ? [] : found.split('\n').map((line) => line.trim());
}
