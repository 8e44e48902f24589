import { z } from 'zod';
import { DAY_MS } from '../clock.ts';
import { Secret } from '../secret.ts';
import { documented } from './documented.ts';
import { DURATION, parseDuration, writeDuration } from './duration.ts';

const LONGEST_MS = 3650 * DAY_MS;

/** A custom issue that carries its own words for `allowed` and `fix`. */
interface Refusal {
  readonly message: string;
  readonly allowed?: string;
  readonly fix?: string;
}

/** Text that `read` turns into a value or refuses. */
export function text<T>(read: (text: string) => { value: T } | Refusal, meta: { pattern?: RegExp } = {}) {
  const base = meta.pattern === undefined ? z.string() : z.string().meta({ pattern: meta.pattern.source });
  return base.transform((input, context): T => {
    const result = read(input);
    if ('value' in result) return result.value;
    const { message, ...params } = result;
    context.addIssue({ code: 'custom', message, params });
    return z.NEVER;
  });
}

/** Text of one word from a list. */
export function choice<const T extends readonly [string, ...string[]]>(words: T, about: string) {
  return documented(z.enum(words), {
    about,
    allowed: oneOf(words),
    fix: `Write ${oneOf(words)}.`,
  });
}

/** A duration with its unit, in milliseconds. */
export function duration(options: { about: string; minMs?: number; maxMs?: number }) {
  const { minMs = 0, maxMs = LONGEST_MS } = options;
  const allowed = `a number and its unit ms, s, m, h or d, from ${writeDuration(minMs)} to ${writeDuration(maxMs)}`;
  const schema = text<number>(
    (input) => {
      const durationMs = parseDuration(input);
      if (durationMs === null)
        return { message: /^\d+$/.test(input) ? 'the number has no unit' : 'this is not a duration' };
      if (durationMs < minMs)
        return { message: 'this is too short', fix: `Write ${writeDuration(minMs)} or more.` };
      if (durationMs > maxMs)
        return { message: 'this is too long', fix: `Write ${writeDuration(maxMs)} or less.` };
      return { value: durationMs };
    },
    { pattern: DURATION },
  );
  return documented(schema, {
    about: options.about,
    allowed,
    fix: 'Write the number with its unit, such as 90s, 5m, 2h or 14d.',
  });
}

/** A share in percent, as a ratio from 0 to 1. */
export function percent(about: string) {
  const pattern = /^(\d{1,3}(?:\.\d+)?)%$/;
  const schema = text<number>(
    (input) => {
      const share = Number(pattern.exec(input)?.[1] ?? Number.NaN);
      if (Number.isNaN(share)) return { message: 'this is not a percentage' };
      return share > 100 ? { message: 'this is more than 100%' } : { value: share / 100 };
    },
    { pattern },
  );
  return documented(schema, { about, allowed: '0% to 100%', fix: 'Write a number with %, such as 25%.' });
}

/** A whole number within a range. */
export function whole(options: { about: string; min: number; max: number; unit?: string }) {
  const unit = options.unit === undefined ? '' : ` ${options.unit}`;
  const allowed = `a whole number from ${options.min} to ${options.max}${unit}`;
  return documented(z.int().min(options.min).max(options.max), {
    about: options.about,
    allowed,
    fix: `Write ${allowed}, without quotes.`,
  });
}

/** True or false. */
export function yesNo(about: string) {
  return documented(z.boolean(), {
    about,
    allowed: 'true or false',
    fix: 'Write true or false, without quotes.',
  });
}

/** Text that is not empty. */
export function words(options: { about: string; allowed: string; maxLength?: number }) {
  const maxLength = options.maxLength ?? 200;
  const schema = text<string>((input) => {
    if (input.trim() === '') return { message: 'this is empty' };
    return input.length > maxLength
      ? { message: `this is longer than ${maxLength} characters` }
      : { value: input };
  });
  return documented(schema, {
    about: options.about,
    allowed: options.allowed,
    fix: 'Write some text, in quotes if in doubt.',
  });
}

/** A list of texts; empty by default. */
export function list<S extends z.ZodType<string, string>>(
  item: S,
  options: { about: string; allowed: string },
) {
  return documented(z.array(item), {
    ...options,
    fix: 'Write a list, such as [one, two], or [] for none.',
  }).prefault([]);
}

/** The address of a server, with its password: a Secret. */
export function serverUrl(options: {
  about: string;
  schemes: readonly string[];
  example: string;
  without: string;
}) {
  const allowed = `an address such as ${options.example}`;
  const schema = text<Secret>((input) => {
    const url = URL.canParse(input) ? new URL(input) : null;
    if (input === '')
      return { message: 'this is empty', fix: `Write the address, or delete the key: ${options.without}.` };
    if (url === null) return { message: 'this is not an address' };
    if (!options.schemes.includes(url.protocol))
      return { message: `the address does not start with ${oneOf(options.schemes)}` };
    return url.hostname === '' ? { message: 'the address names no host' } : { value: new Secret(input) };
  });
  return documented(schema, {
    about: `${options.about} Without it: ${options.without}.`,
    allowed,
    fix: `Write ${allowed}; %-encode special characters in the password.`,
  });
}

const ADDRESS = /^[^\s@<>,;"()[\]\\]+@[^\s@<>,;"()[\]\\]+$/;
const NAMED_ADDRESS = /^([^<>\r\n,;]*|"[^"\r\n]*" *)<([^<>]+)>$/;

/** A bare mail address. */
export function address(about: string) {
  const schema = text<string>((input) =>
    ADDRESS.test(input) ? { value: input } : { message: 'this is not a mail address' },
  );
  return documented(schema, {
    about,
    allowed: 'one mail address',
    fix: 'Write one address, such as support@acme.example.',
  });
}

/** A mail address, with or without a name before it. */
export function sender(about: string) {
  const schema = text<string>((input) => {
    const bare = NAMED_ADDRESS.exec(input)?.[2] ?? input;
    return ADDRESS.test(bare) ? { value: input } : { message: 'this is not a mail address' };
  });
  return documented(schema, {
    about,
    allowed: 'one mail address, with or without a name before it',
    fix: 'Write an address, such as Acme Support <support@acme.example>.',
  });
}

/** `a, b or c` */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
