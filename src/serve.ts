import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { alertLeads } from '../jobs/alert-leads.ts';
import { askInCase } from '../jobs/ask-in-case.ts';
import { checkConnector } from '../jobs/check-connector.ts';
import { confirmAnswers } from '../jobs/confirm-answers.ts';
import { deliverWebhooks } from '../jobs/deliver-webhooks.ts';
import { fetchCases } from '../jobs/fetch-cases.ts';
import { foldReport } from '../jobs/fold-report.ts';
import { followUp } from '../jobs/follow-up.ts';
import { createHeartbeat, HEARTBEAT_EVERY_MS } from '../jobs/heartbeat.ts';
import { lookAfter } from '../jobs/look-after.ts';
import { readMailbox } from '../jobs/read-mailbox.ts';
import { answerRulesOf, nudgeAfterAnswers } from '../jobs/record-answer.ts';
import { sendDigest } from '../jobs/send-digest.ts';
import { sendSurvey, sendsAtOnce } from '../jobs/send-survey.ts';
import { settle } from '../jobs/settle.ts';
import { createStreams, LOOK_AFTER_STREAMS_EVERY_MS } from '../jobs/stream-cases.ts';
import { sweep } from '../jobs/sweep.ts';
import { watchCases } from '../jobs/watch-cases.ts';
import { type Handlers, startWorkers, type Workers } from '../jobs/worker.ts';
import { writeBack } from '../jobs/write-back.ts';
import type { App } from './app.ts';
import { MINUTE_MS, SECOND_MS } from './clock.ts';
import { type AuthError, ConfigError } from './errors.ts';
import { gather } from './gather.ts';
import type { Schedule } from './queue.ts';
import { readiness } from './readiness.ts';
import { staffAreaOf } from './serve-staff.ts';
import type { AnswerReceipt } from './store/answers.ts';
import { type ConfirmationInput, type ConfirmationReceipt, takeConfirmation } from './store/confirmations.ts';
import { markPaused, releaseWaiting } from './store/connectors.ts';
import { gatherAnswers } from './store/first-answers.ts';
import { releaseHeldMails } from './store/mails.ts';
import { useMetrics } from './store/metrics.ts';
import { enableWebhooks } from './store/webhooks.ts';
import { type Answers, createWebApp } from './web/app.ts';

const SCHEDULES_EVERY_MS = 30 * SECOND_MS;
const SWEEP_EVERY_MS = 10 * SECOND_MS;
const READ_MAILBOX_EVERY_MS = MINUTE_MS;
const CHECK_EVERY_MS = 5 * MINUTE_MS;
/** Answers that share one nudge when many come at once. */
const MOST_TOGETHER = 100;
/** What is in flight at shutdown gets so long; after that it is handed back. Longer than the relay's and the CRM's time limits. */
const GRACE_MS = 25 * SECOND_MS;

export type Role = 'all' | 'web' | 'worker';

export interface Serving {
  /** Where it listens; null for a worker. */
  readonly url: string | null;
  /** Finishes or hands back what is in flight. The app itself stays open. Safe to repeat. */
  close(): Promise<void>;
}

/** Starts the web server and the workers of one process. Throws ConfigError when the port is taken. */
export async function serveApp(app: App, options: { role: Role; port?: number }): Promise<Serving> {
  const { work, log, clock } = app;
  const heartbeat = createHeartbeat(work, { role: options.role, startedAt: clock.now() });
  await work.queues.ready();
  await heartbeat();
  await useMetrics(work.db, app.config.surveys, clock.now());
  for (const name of work.connectors.keys()) await releaseWaiting(work.db, name);
  await enableWebhooks(work.db);
  if (app.config.mail.afterCrash === 'resend') await releaseHeldMails(work.db, clock.now());
  const server = options.role === 'worker' ? null : await listen(app, options.port ?? app.config.server.port);
  const workers = options.role === 'web' ? null : await startJobs(app);
  const streams = options.role === 'web' ? null : createStreams(work, (...pause) => sayPaused(app, ...pause));

  const schedules = schedulesOf(app);
  await work.queues.assertSchedules(schedules);
  await work.queues.add('sweep', {});
  for (const connector of work.connectors.keys()) await work.queues.add('check-connector', { connector });

  const complain = (what: string) => (error: unknown) => log.error({ err: error }, what);
  const timers = [
    setInterval(() => {
      heartbeat().catch(complain('the heartbeat failed'));
    }, HEARTBEAT_EVERY_MS),
    setInterval(() => {
      work.queues.assertSchedules(schedules).catch(complain('the schedules could not be re-asserted'));
    }, SCHEDULES_EVERY_MS),
    setInterval(() => {
      streams?.look().catch(complain('streams could not be looked after'));
    }, LOOK_AFTER_STREAMS_EVERY_MS),
  ];
  streams?.look().catch(complain('streams could not be looked after'));
  let closing: Promise<void> | null = null;
  return {
    url: server === null ? null : urlOf(server),
    close() {
      closing ??= (async () => {
        await closeServer(server);
        await streams?.close();
        await workers?.close({ graceMs: GRACE_MS });
        for (const timer of timers) clearInterval(timer);
      })();
      return closing;
    },
  };
}

function schedulesOf(app: App): Schedule[] {
  const watches = [...app.config.connectors.values()].map(
    ({ name, pollEveryMs }): Schedule => ({
      name: 'watch-cases',
      payload: { connector: name },
      everyMs: pollEveryMs,
    }),
  );
  const checks = [...app.config.connectors.keys()].map(
    (name): Schedule => ({ name: 'check-connector', payload: { connector: name }, everyMs: CHECK_EVERY_MS }),
  );
  const mailbox: Schedule[] =
    app.config.mail.mailbox === null
      ? []
      : [{ name: 'read-mailbox', payload: {}, everyMs: READ_MAILBOX_EVERY_MS }];
  return [...watches, ...checks, ...mailbox, { name: 'sweep', payload: {}, everyMs: SWEEP_EVERY_MS }];
}

async function startJobs(app: App): Promise<Workers> {
  const { work, log } = app;
  const handlers: Handlers = {
    'watch-cases': async (payload) => {
      await watchCases(work, payload);
    },
    'fetch-cases': (payload) => fetchCases(work, payload),
    'send-survey': (payload) => sendSurvey(work, payload),
    'write-back': (payload) => writeBack(work, payload),
    'follow-up': (payload) => followUp(work, payload),
    'look-after': (payload) => lookAfter(work, payload),
    'alert-leads': (_payload, { signal }) => alertLeads(work, signal),
    'ask-in-case': (payload) => askInCase(work, payload),
    settle: (payload) => settle(work, payload),
    'check-connector': (payload) => checkConnector(work, payload),
    'deliver-webhooks': (payload, { signal }) => deliverWebhooks(work, payload, signal),
    'confirm-answers': (payload) => confirmAnswers(work, payload),
    'send-digest': (payload) => sendDigest(work, payload),
    'read-mailbox': (_payload, { signal }) => readMailbox(work, signal),
    'fold-report': (_payload, { signal }) => foldReport(work, { signal }),
    sweep: () => sweep(work),
  };
  return startWorkers({
    backend: app.backend,
    connectors: [...work.connectors.keys()],
    webhooks: [...app.config.webhooks.keys()],
    handlers,
    concurrency: { connector: 4, mail: sendsAtOnce(app.config.mail), upkeep: 4 },
    queues: work.queues,
    log,
    onAuthError: (connector, error) => sayPaused(app, connector, error),
  });
}

/** Once, however many jobs the CRM refuses. */
async function sayPaused({ work, clock, log }: App, connector: string, error: AuthError): Promise<void> {
  const isNew = await markPaused(work.db, { connector, reason: error.message, at: clock.now() });
  if (isNew) log.error({ connector, fix: error.fix }, `connector paused: ${error.message}`);
}

/** Stores answers, then nudges what must follow. Those that come at the same time share a statement and a nudge. */
function createAnswerStore({ work }: App): Answers['recordAnswer'] {
  const record = gatherAnswers(work.db, answerRulesOf(work));
  const nudge = gather(
    async (receipts: readonly AnswerReceipt[]) => {
      await nudgeAfterAnswers(work, receipts);
      return receipts;
    },
    { most: MOST_TOGETHER },
  );
  return async (input, survey) => nudge(await record(input, survey));
}

/** Takes a confirmation in and has it decided on when it has settled; the sweep does where this ring is lost. */
async function storeConfirmation({ work, log }: App, input: ConfirmationInput): Promise<ConfirmationReceipt> {
  const { surveyId } = input;
  const receipt = await takeConfirmation(work.db, input);
  if (receipt.state !== 'settling') return receipt;
  const delayMs = receipt.dueAt.getTime() - input.claim.at.getTime();
  await work.queues.add('confirm-answers', { surveyId }, { delayMs }).catch((error: unknown) => {
    log.error({ err: error, survey: surveyId }, 'a confirmation is stored but could not be queued');
  });
  return receipt;
}

async function listen(app: App, port: number): Promise<Server> {
  const { config, work, clock, log } = app;
  const { db, queues } = work;
  const web = createWebApp({
    db,
    queues,
    connectors: work.connectors,
    surveys: config.surveys,
    languages: config.languages,
    brands: config.brands,
    links: work.links,
    server: { trustProxy: config.server.trustProxy },
    clock,
    log,
    answers: {
      recordAnswer: createAnswerStore(app),
      takeConfirmation: (input) => storeConfirmation(app, input),
    },
    hashCaller: work.installation.hashCaller,
    staff: staffAreaOf(app),
    ready: () => readiness(app),
  });
  const server = createServer(web);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, config.server.host, resolve);
  }).catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(
      `server.port: cannot listen on ${config.server.host}:${port} (${cause.code ?? 'no code'}).`,
      {
        fix:
          cause.code === 'EADDRINUSE'
            ? 'Choose another port, or stop the process that uses it.'
            : 'Correct server.host and server.port.',
        cause,
      },
    );
  });
  return server;
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function closeServer(server: Server | null): Promise<void> {
  if (server === null) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
