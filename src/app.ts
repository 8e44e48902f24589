import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type HandOrder, surveyByHand } from '../jobs/by-hand.ts';
import { type DigestByHand, type DigestOrder, digestByHand } from '../jobs/digest-by-hand.ts';
import { createInHand } from '../jobs/in-hand.ts';
import { answerRulesOf, nudgeAfterAnswer } from '../jobs/record-answer.ts';
import { type WatchProgress, watchCases } from '../jobs/watch-cases.ts';
import type { Work } from '../jobs/work.ts';
import type { Clock } from './clock.ts';
import type { Config, ConnectorConfig, Registry } from './config.ts';
import type { Account, Connector, Finding, ProvisionStep } from './connector.ts';
import type { SurveyDefinition } from './domain/survey.ts';
import { ConfigError } from './errors.ts';
import { type Explanation, explainCase } from './explain.ts';
import { createLinks } from './links.ts';
import type { Log } from './log.ts';
import { openMailbox } from './mail/mailbox.ts';
import { createMailer, type Mailer } from './mail/mailer.ts';
import { createQueues } from './queue.ts';
import type { QueueBackend } from './queue-backend.ts';
import type { AnswerReceipt } from './store/answers.ts';
import {
  forgetCheck,
  readConnector,
  registerConnector,
  releaseWaiting,
  toSecond,
} from './store/connectors.ts';
import { type Database, openDatabase } from './store/database.ts';
import { readCaseHistory } from './store/history.ts';
import { assertMetricsUnchanged, useMetrics } from './store/metrics.ts';
import { migrate } from './store/migrate.ts';
import { acceptHeld, dismissHeld, type HeldConfirmation, readQuarantine } from './store/quarantine.ts';
import { readInstallation } from './store/settings.ts';
import { takeOver } from './store/take-over.ts';
import { createTokenStore } from './store/tokens.ts';
import { readWebhookHealth } from './store/webhooks.ts';
import { buryWorkers } from './store/workers.ts';
import { findingsOnWebhook } from './webhook-findings.ts';

export interface AppOptions {
  readonly config: Config;
  readonly types: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** An engine that is open already, instead of the configured one. Whoever opened it closes it. */
  readonly engine?: { readonly database: Database; readonly backend: QueueBackend };
  /** Called when the embedded database has ended by itself; the process should end, too. */
  readonly onDatabaseEnd?: (error: ConfigError) => void;
}

/** Caseloop, wired and not yet serving: what commands need. `serveApp` in `serve.ts` adds web and workers. */
export interface App {
  readonly config: Config;
  readonly work: Work;
  readonly backend: QueueBackend;
  readonly clock: Clock;
  readonly log: Log;
  checkConnector(name: string): Promise<Account>;
  checkMail(): Promise<void>;
  /** Opens the mailbox for bounces and replies, and changes nothing; there must be one. */
  checkMailbox(): Promise<void>;
  /** Asks a webhook's endpoint whether it is there, without an event, and tells how deliveries stand. */
  checkWebhook(name: string): Promise<readonly Finding[]>;
  provision(name: string, mode: 'plan' | 'apply'): Promise<readonly ProvisionStep[]>;
  /** One scheduled watch now. Null when another process is watching. */
  watch(name: string, onProgress: (progress: WatchProgress) => void): Promise<WatchProgress | null>;
  /** Throws ConfigError for a connector that is not known. */
  explain(connector: string, caseIdOrNumber: string): Promise<Explanation>;
  /** Sends, holds, releases or sends again by hand, and tells in a sentence. Throws PermanentError when it cannot be done. */
  surveyByHand(order: Omit<HandOrder, 'actor'>): Promise<string>;
  /** Makes the digest of the last week and, where there is an address, sends it. */
  digestByHand(order: Omit<DigestOrder, 'actor'>): Promise<DigestByHand>;
  readonly quarantine: Quarantine;
  /** Stop web and workers first. Safe to repeat. */
  close(): Promise<void>;
}

/** Confirmations that are held as machine-made. Rulings are noted in the audit; they throw PermanentError for what is not held. */
interface Quarantine {
  list(): Promise<readonly HeldConfirmation[]>;
  /** It was a person: it counts from now on, as the receipt says. */
  accept(id: string): Promise<AnswerReceipt>;
  /** It was a machine. */
  dismiss(id: string): Promise<void>;
}

/**
 * Opens the store, brings it to this version, and builds every configured connector. Embedded, the caller must own the data
 * directory. Throws ConfigError for what an admin must change; nothing is left open then.
 */
export async function openApp(options: AppOptions): Promise<App> {
  const { config } = options;
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const engine = options.engine ?? (await openEngine(options));
  const mailer = createMailer({
    url: config.mail.url,
    outboxDir: join(config.dataDir, 'outbox'),
    concurrency: config.mail.concurrency,
    dkim: config.mail.dkim,
  });
  const release = async (): Promise<void> => {
    await mailer.close();
    if (options.engine === undefined) await engine.database.close();
  };
  try {
    return await wireApp(options, engine, mailer, release);
  } catch (error) {
    await release();
    throw error;
  }
}

async function openEngine({
  config,
  log,
  onDatabaseEnd,
}: AppOptions): Promise<NonNullable<AppOptions['engine']>> {
  const database = await openDatabase({
    url: config.database.url,
    dataDir: config.dataDir,
    log,
    ...(onDatabaseEnd === undefined ? {} : { onEnd: onDatabaseEnd }),
  });
  const backend: QueueBackend =
    config.queue.url === null ? { kind: 'database', database } : { kind: 'redis', url: config.queue.url };
  return { database, backend };
}

async function wireApp(
  options: AppOptions,
  { database, backend }: NonNullable<AppOptions['engine']>,
  mailer: Mailer,
  release: () => Promise<void>,
): Promise<App> {
  const { config, clock, log } = options;
  const { db } = database;
  await migrate(db);
  if (config.database.url === null && options.engine === undefined) await takeOver(db);
  await assertMetricsUnchanged(db, config.surveys);
  const connectors = new Map<string, Connector>();
  for (const connector of config.connectors.values()) {
    await register(connector, options, database);
    connectors.set(connector.name, connect(connector, options, database));
  }
  const queues = createQueues({
    backend,
    connectors: [...connectors.keys()],
    webhooks: [...config.webhooks.keys()],
    log,
  });
  const work: Work = {
    db,
    queues,
    connectors,
    config,
    installation: await readInstallation(db),
    links: createLinks({ publicUrl: config.server.publicUrl, secrets: config.server.secrets }),
    mailer,
    workerId: randomUUID(),
    inHand: createInHand(),
    clock,
    log,
  };
  const named = (name: string): Connector => {
    const connector = connectors.get(name);
    if (connector !== undefined) return connector;
    throw new ConfigError(
      `There is no connector "${name}" in ${config.file}; it has ${listOf(connectors.keys())}.`,
      {
        fix: 'Use one of these names, or add the connector to the config file.',
      },
    );
  };
  let closing: Promise<void> | null = null;
  return {
    config,
    work,
    backend,
    clock,
    log,
    checkConnector: async (name) => named(name).check(),
    checkMail: () => mailer.check(),
    async checkMailbox() {
      if (config.mail.mailbox !== null) await (await openMailbox(config.mail.mailbox)).close();
    },
    async checkWebhook(name) {
      const webhook = config.webhooks.get(name);
      return webhook === undefined ? [] : findingsOnWebhook(webhook, await readWebhookHealth(db, name));
    },
    async provision(name, mode) {
      const steps = await named(name).provision(mode);
      if (mode === 'apply') {
        await releaseWaiting(db, name);
        await forgetCheck(db, name);
      }
      return steps;
    },
    async watch(name, onProgress) {
      named(name);
      await useMetrics(db, config.surveys, clock.now());
      return watchCases(work, { connector: name }, onProgress);
    },
    async explain(connector, caseIdOrNumber) {
      named(connector);
      const history = await readCaseHistory(db, connector, caseIdOrNumber);
      if (history === null) throw new Error(`Connector ${connector} was not registered at start.`);
      return explainCase(history, caseIdOrNumber);
    },
    async surveyByHand(order) {
      named(order.connector);
      return surveyByHand(work, { ...order, actor: 'command line' });
    },
    digestByHand: (order) => digestByHand(work, { ...order, actor: 'command line' }),
    quarantine: quarantineOf(work),
    close() {
      closing ??= (async () => {
        await buryWorkers(db, [work.workerId]);
        await queues.close();
        await release();
      })();
      return closing;
    },
  };
}

function quarantineOf(work: Work): Quarantine {
  const rulingOn = (id: string) => ({ id, actor: 'command line', at: work.clock.now() });
  return {
    list: () => readQuarantine(work.db),
    async accept(id) {
      const receipt = await acceptHeld(work.db, rulingOn(id), answerRulesOf(work));
      await nudgeAfterAnswer(work, receipt);
      return receipt;
    },
    dismiss: (id) => dismissHeld(work.db, rulingOn(id)),
  };
}

async function register(
  { name, type, startFrom }: ConnectorConfig,
  { clock, log }: AppOptions,
  { db }: Database,
): Promise<void> {
  const wanted = startFrom === 'now' ? clock.now() : startFrom;
  const startedAt = await registerConnector(db, { name, type, startedAt: wanted });
  // `now` is the first run's, whenever that was.
  if (startFrom === 'now' || startedAt.getTime() === toSecond(startFrom).getTime()) return;
  log.warn(
    {
      connector: name,
      stored: startedAt,
      configured: startFrom,
      fix: `Set startFrom to ${startedAt.toISOString()}, or see docs/operating.md, "Another startFrom".`,
    },
    'startFrom has no effect any more: the connector keeps the one of its first start',
  );
}

function connect(connector: ConnectorConfig, options: AppOptions, { db }: Database): Connector {
  const { config, types, clock, log } = options;
  const definition = types[connector.type];
  if (definition === undefined)
    throw new ConfigError(`connectors.${connector.name}: unknown type "${connector.type}".`);
  return definition.connect(connector.settings, {
    name: connector.name,
    webhookUrl: `${config.server.publicUrl}/webhooks/${connector.name}`,
    optOutUrl: `${config.server.publicUrl}/u/`,
    clock,
    log: log.child({ connector: connector.name }),
    tokens: createTokenStore({ db, connector: connector.name, secrets: config.server.secrets, clock }),
    needs: {
      publicReply: config.policy.skip.noPublicReply,
      userFields: connector.late === 'user-field',
      lastReplier: config.credit === 'last-replier',
      requesterLanguage: config.surveys.some(asksInSeveralLanguages),
    },
    pushedAt: async () => (await readConnector(db, connector.name))?.pushed_at ?? null,
  });
}

function asksInSeveralLanguages({ question, when }: SurveyDefinition): boolean {
  return Object.keys(question).length > 1 || when.language.length > 0;
}

function listOf(names: Iterable<string>): string {
  const all = [...names];
  return all.length === 0 ? 'none' : all.join(', ');
}
