import { isIP } from 'node:net';
import { z } from 'zod';
import { DAY_MS, MINUTE_MS } from '../clock.ts';
import { Secret } from '../secret.ts';
import { Brand } from './brand-schema.ts';
import { Calendar, quietHours, remindAfter } from './calendar-values.ts';
import { Digest } from './digest-schema.ts';
import { documented, section } from './documented.ts';
import { FollowUp } from './follow-up-schema.ts';
import { isHttpsOrLoopback } from './https.ts';
import { languageTag } from './language-tag.ts';
import { Mail } from './mail-schema.ts';
import { Name } from './name.ts';
import { Report } from './report-schema.ts';
import { SignIn } from './sign-in-schema.ts';
import { Survey } from './survey-schema.ts';
import { choice, duration, list, percent, serverUrl, text, whole, words, yesNo } from './values.ts';
import { Webhook } from './webhook-schema.ts';

const OwnText = words({
  about: 'An ICU message, with the places of the one it replaces.',
  allowed: 'text of up to 500 characters',
  maxLength: 500,
});

const SHORTEST_SECRET = 32;

const publicUrl = documented(
  text<string>((input) => {
    const url = URL.canParse(input) ? new URL(input) : null;
    if (url === null) return { message: 'this is not a full address' };
    if (!isHttpsOrLoopback(url)) return { message: 'the address is not https, and not on this machine' };
    if (url.username !== '' || url.password !== '')
      return { message: 'the address holds a user name or password' };
    if (url.search !== '' || url.hash !== '') return { message: 'the address has something after ? or #' };
    return { value: input.replace(/\/+$/, '') };
  }),
  {
    about: 'Where customers and CRMs reach this server. It stands in every survey link.',
    allowed: 'an https address without password, ? or #; http only for localhost and 127.0.0.1',
    fix: 'Write the full address, such as https://survey.acme.example.',
  },
);

const SECRET_FIX = `Make one with "openssl rand -hex 32", keep it outside this file and write \${CASELOOP_SECRET} here.`;

const serverSecret = documented(
  text<Secret>((input) =>
    input.length >= SHORTEST_SECRET
      ? { value: new Secret(input) }
      : { message: `the secret is shorter than ${SHORTEST_SECRET} characters` },
  ),
  { about: 'One secret.', allowed: `text of at least ${SHORTEST_SECRET} characters`, fix: SECRET_FIX },
);

const secrets = documented(z.union([serverSecret, z.tuple([serverSecret], serverSecret)]), {
  about: 'Signs survey links. A list rotates: the first signs, all verify.',
  allowed: `one text of at least ${SHORTEST_SECRET} characters, or a list of such texts`,
  fix: SECRET_FIX,
});

const trustProxy = documented(z.union([z.boolean(), z.int().min(0).max(10), text(readTrustProxy)]), {
  about: "Which proxies in front are believed about the caller's address.",
  allowed:
    'false, true, the number of proxies from 0 to 10, or their addresses and networks with commas between',
  fix: 'Write 1 behind one reverse proxy, else false.',
});

function readTrustProxy(input: string): { value: boolean | number | string } | { message: string } {
  if (input === 'true' || input === 'false') return { value: input === 'true' };
  if (/^\d$|^10$/.test(input)) return { value: Number(input) };
  const known = input.split(',').every((part) => isProxy(part.trim()));
  return known ? { value: input } : { message: 'this names no proxy' };
}

function isProxy(part: string): boolean {
  const [ip = '', prefix = '0', ...rest] = part.split('/');
  return (
    ['loopback', 'linklocal', 'uniquelocal'].includes(part) ||
    (isIP(ip) > 0 && /^\d{1,3}$/.test(prefix) && rest.length === 0)
  );
}

const Server = section('The web server: survey pages, dashboard and webhooks.', {
  publicUrl,
  host: words({ about: 'The address to listen on.', allowed: 'a host name or an IP address' }).prefault(
    '127.0.0.1',
  ),
  port: whole({ about: 'The port to listen on. 0 picks a free one.', min: 0, max: 65_535 }).default(7878),
  secret: secrets.transform((value): readonly [Secret, ...Secret[]] =>
    value instanceof Secret ? [value] : value,
  ),
  trustProxy: trustProxy.default(false),
});

const Database = section('Where everything is kept.', {
  url: serverUrl({
    about: 'The PostgreSQL server.',
    schemes: ['postgres:', 'postgresql:'],
    example: 'postgres://user:password@host:5432/name',
    without: 'an embedded database in dataDir',
  }).optional(),
});

const Queue = section('Where jobs wait.', {
  url: serverUrl({
    about: 'The Redis or Valkey server for jobs.',
    schemes: ['redis:', 'rediss:'],
    example: 'redis://user:password@host:6379',
    without: 'jobs live in the database',
  }).optional(),
});

const Policy = section('Which closed cases are asked about, and when.', {
  send: choice(
    ['automatic', 'manual'],
    'Send surveys by themselves, or hold each until caseloop survey release or send.',
  ).default('automatic'),
  delay: duration({
    about: 'From closing to sending. A reopening cancels what is not yet sent.',
    maxMs: 30 * DAY_MS,
  }).prefault('0m'),
  quietPeriod: duration({
    about:
      'No second survey to the same person within this time, over all connectors. 0d switches it off. Wins over again.',
  }).prefault('14d'),
  again: choice(['never', 'each-closure'], 'Ask about a case once only, or after each closing.').default(
    'never',
  ),
  sample: percent('The share of cases that are asked. The choice is stable per case.').prefault('100%'),
  skip: section('Which cases are not asked about.', {
    staff: yesNo("Skip requesters who are the CRM's own agents.").default(true),
    merged: yesNo('Skip cases that were merged into another.').default(true),
    spam: yesNo('Skip spam.').default(true),
    outbound: yesNo('Skip cases that you opened towards the customer.').default(true),
    ours: yesNo('Skip cases that Caseloop made itself.').default(true),
    noPublicReply: yesNo(
      'Skip cases from mail, forms and the portal that nobody answered in public. Some CRMs want two more calls for 200 cases.',
    ).default(true),
    botHandled: yesNo('Skip cases that only a bot handled.').default(false),
    domains: list(
      documented(text<string>(readDomain), {
        about: 'One mail domain.',
        allowed: 'a domain, such as acme.example',
        fix: 'Write the part after the @.',
      }),
      {
        about: 'Skip requesters at these mail domains and their subdomains.',
        allowed: 'a list of domains',
      },
    ),
    tags: list(words({ about: 'One tag.', allowed: 'text' }), {
      about: 'Skip cases with one of these tags.',
      allowed: 'a list of texts',
    }),
  }).prefault({}),
  maxPerHour: whole({
    about: 'Above this many surveys an hour, sends are held and the admin is told.',
    min: 1,
    max: 1_000_000,
    unit: 'surveys',
  }).default(2000),
  hours: choice(
    ['always', 'business'],
    "When surveys leave: at any time, or in the calendar's hours, read in the customer's time zone where the CRM knows it.",
  ).default('always'),
  quietHours: quietHours(
    "No survey leaves between these times of day, in the customer's time zone where the CRM knows it.",
  ).prefault('never'),
  remindAfter: remindAfter(
    'From the first mail to one reminder of a survey that nobody has answered; it counts for the quiet period.',
  ).prefault('never'),
});

function readDomain(input: string): { value: string } | { message: string } {
  return /^([a-z0-9-]+\.)+[a-z0-9-]+$/i.test(input)
    ? { value: input.toLowerCase() }
    : { message: 'this is not a domain' };
}

const WriteBack = section('How answers are put on case records.', {
  gather: duration({
    about: 'How long answers wait for others to share one call to the CRM.',
    maxMs: MINUTE_MS,
  }).prefault('5s'),
  note: yesNo('Also leave an internal note. A lost reply of the CRM can double it.').default(false),
  tag: yesNo('Also tag the case.').default(true),
});

const DEFAULT_SURVEYS = { support: { metric: '2026-11' } };

const Sections = section('Configuration of Caseloop.', {
  server: Server,
  dataDir: words({
    about: 'The folder for the embedded database and the outbox. Relative to this file.',
    allowed: 'a path',
  }).prefault('.caseloop'),
  database: Database.prefault({}),
  queue: Queue.prefault({}),
  mail: Mail,
  calendar: Calendar.prefault({}),
  connectors: documented(z.record(Name, z.unknown()), {
    about: 'The CRM accounts to watch, by a name of your choice.',
    allowed: 'a map from names to settings, at least one',
    fix: 'Add one, as config/example.yaml shows.',
  }),
  brands: documented(z.record(Name, Brand), {
    about: 'How mails and pages look and sound, by the brand of the case. `default` is for all other cases.',
    allowed: 'a map from names to brands',
    fix: 'Write one, as config/example.yaml shows, or delete the key.',
  }).prefault({}),
  texts: documented(z.record(languageTag, z.record(z.string(), OwnText)), {
    about: 'Texts to use instead of the standard ones, by language and then by path, such as mail.subject.',
    allowed: 'a map from language tags to maps of texts',
    fix: 'Write, for example, { en: { page.submit: Send } }.',
  }).prefault({}),
  surveys: documented(z.record(Name, Survey), {
    about: 'The first survey whose `when` matches a case is used.',
    allowed: 'a map from names to surveys, at least one',
    fix: 'Add one, or delete the key for a survey on the scale 1-5.',
  }).prefault(DEFAULT_SURVEYS),
  policy: Policy.prefault({}),
  followUp: FollowUp.prefault({}),
  writeBack: WriteBack.prefault({}),
  signIn: SignIn.prefault({}),
  report: Report.prefault({}),
  digest: Digest.prefault({}),
  webhooks: documented(z.record(Name, Webhook), {
    about: 'Other systems that are told of every answer, signed, by a name of your choice.',
    allowed: 'a map from names to settings',
    fix: 'Write a name and below it url and secret, as config/example.yaml shows.',
  }).prefault({}),
});

/** The whole file, but for what stands in each connector: that depends on its type. */
export const Root = documented(Sections, {
  about: 'Configuration of Caseloop.',
  allowed: 'the keys that config/example.yaml shows; server, mail and connectors at least',
  fix: 'Write one key a line with its settings below it, as config/example.yaml shows.',
});

export type Settings = z.output<typeof Root>;
