/**
 * The language among `tags` (BCP 47) to write in to somebody who wants `locale`: a locale as CRMs write them (`de_AT`, `pt-br`),
 * or several with commas between, the best first. The nearest one has the same language and script: the locale itself, else
 * one for its region, else the language alone, else any. Null when there is none; never throws.
 */
export function nearestLanguage(tags: readonly string[], locale: string | null): string | null {
  for (const wanted of locale?.split(',') ?? []) {
    const found = nearestTo(tags, wanted.trim());
    if (found !== null) return found;
  }
  return null;
}

function nearestTo(tags: readonly string[], locale: string): string | null {
  const wanted = readLocale(locale);
  if (wanted === null) return null;
  const near = tags.flatMap((tag) => {
    const offered = readLocale(tag);
    const isNear =
      offered?.full.language === wanted.full.language && offered.full.script === wanted.full.script;
    return offered !== null && isNear ? [{ tag, ...offered }] : [];
  });
  const found =
    near.find(({ plain }) => wanted.plain === plain) ??
    near.find(({ plain }) => wanted.plain.startsWith(`${plain}-`) && plain.includes('-')) ??
    near.find(({ full }) => full.region === wanted.full.region) ??
    near.find(({ plain }) => !plain.includes('-')) ??
    near[0];
  return found?.tag ?? null;
}

interface ReadLocale {
  readonly plain: string;
  readonly full: {
    readonly language: string;
    readonly script: string | undefined;
    readonly region: string | undefined;
  };
}

// Reading one takes longer than everything else here. CRMs may hold any text, so there is an end to what is remembered.
const READ = new Map<string, ReadLocale | null>();
const MOST_READ = 1000;

/** A locale as it is and with the likeliest script and region; null for a text that is none. */
function readLocale(text: string): ReadLocale | null {
  const known = READ.get(text);
  if (known !== undefined) return known;
  if (READ.size >= MOST_READ) READ.clear();
  const read = parseLocale(text);
  READ.set(text, read);
  return read;
}

function parseLocale(text: string): ReadLocale | null {
  try {
    const locale = new Intl.Locale(text.replaceAll('_', '-'));
    // Norwegian is a name for both of its written forms; all others that are aliases are resolved by Intl.
    const one = /^(no|nn)$/.test(locale.language) ? new Intl.Locale(locale, { language: 'nb' }) : locale;
    // `und` is for unknown, and the likeliest of all unknown languages is English.
    if (/^und\b/.test(one.baseName)) return null;
    const { language, script, region } = one.maximize();
    return { plain: one.baseName, full: { language, script, region } };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
