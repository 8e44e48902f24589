import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { addressProblem } from '../domain/address.ts';
import { chooseBrand } from '../domain/brand.ts';
import { ConfigError } from '../errors.ts';
import { testLinks } from '../links.ts';
import { composeInvitation } from '../mail/compose.ts';
import { createMailer } from '../mail/mailer.ts';
import { fileName } from '../mail/outbox.ts';
import { senderFor } from '../mail/sender.ts';
import { type CommonOptions, loadForCommand, print, printJson } from './load.ts';
import { EXIT } from './program.ts';

interface SendTestOptions extends CommonOptions {
  readonly to: string;
  readonly survey?: string;
  readonly brand?: string;
  readonly locale?: string;
}

/** `caseloop send-test`: one marked mail through the configured relay. Asks nobody: no store, no CRM, no answer. */
export async function sendTest(options: SendTestOptions): Promise<number> {
  const config = await loadForCommand(options);
  const problem = addressProblem(options.to);
  if (problem === 'missing' || problem === 'malformed')
    throw new ConfigError('--to: this is not one plain mail address', {
      fix: 'Write one address, such as --to you@acme.example.',
    });
  const survey = named('--survey', options.survey, config.surveys, ({ name }) => name);
  const brand =
    options.brand === undefined
      ? chooseBrand(config.brands, null)
      : named('--brand', options.brand, config.brands, ({ key }) => key);
  const date = systemClock.now();
  const mail = await composeInvitation({
    purpose: 'invitation',
    isTest: true,
    survey,
    surveyId: randomUUID(),
    expiresAt: date,
    links: testLinks(config.server.publicUrl),
    languages: config.languages,
    locale: options.locale ?? null,
    caseNumber: '4711',
    caseSubject: 'A test of the survey mail',
    brand,
    ...senderFor(config.mail, brand),
    bouncesTo: null,
    repliesAreKept: false,
    to: options.to,
    recipientName: null,
    messageId: `test.${randomUUID()}@${new URL(config.server.publicUrl).hostname}`,
    date,
  });
  await send(config, mail);
  const outbox = config.mail.url === null ? join(config.dataDir, 'outbox', fileName(mail.messageId)) : null;
  const left = {
    to: options.to,
    survey: survey.name,
    brand: brand.key,
    messageId: mail.messageId,
    bytes: mail.raw.length,
    file: outbox,
  };
  if (options.json === true) printJson(left);
  else {
    print(
      `${outbox === null ? 'The relay took it' : `Written to ${outbox}`}: ${left.bytes} bytes for ${left.to}.`,
    );
    print(`Survey ${left.survey}, brand ${left.brand}, Message-ID ${left.messageId}.`);
    print(`Its links lead to ${testLinks(config.server.publicUrl).optOutUrl('')} and store nothing.`);
  }
  return EXIT.ok;
}

async function send(config: Config, mail: Awaited<ReturnType<typeof composeInvitation>>): Promise<void> {
  const mailer = createMailer({
    url: config.mail.url,
    outboxDir: join(config.dataDir, 'outbox'),
    concurrency: 1,
    dkim: config.mail.dkim,
  });
  try {
    await mailer.send(mail);
  } finally {
    await mailer.close();
  }
}

/** The entry of that name; the first where none is asked for. Throws ConfigError with the names there are. */
function named<T>(
  option: string,
  wanted: string | undefined,
  entries: readonly T[],
  nameOf: (entry: T) => string,
): T {
  const [first] = entries;
  const found = wanted === undefined ? first : entries.find((entry) => nameOf(entry) === wanted);
  if (found !== undefined) return found;
  const names = entries.map(nameOf).join(', ');
  throw new ConfigError(`${option}: ${wanted} is not in the config file`, {
    fix: names === '' ? `Leave ${option} out: there is none.` : `Write one of ${names}.`,
  });
}
