import type { JobsOptions, JobType } from 'bullmq';
import { z } from 'zod';
import { DAY_MS, SECOND_MS } from './clock.ts';
import { codeOf } from './error-facts.ts';
import type { Log } from './log.ts';
import { type BullQueue, linkQueue, type QueueBackend } from './queue-backend.ts';

/**
 * A job is a nudge: it says "look at these rows", carries ids only (job data is clear text) and may be lost, late or
 * repeated. The store is the truth, and the sweep rings whatever is due there.
 */
interface JobSpec<P> {
  readonly Payload: z.ZodType<P>;
  /** The queue it waits in. */
  queue(payload: P): string;
  /**
   * What it is about, unique within its queue. While such a job waits, another ring joins it; while it runs, one more
   * run follows, however many rings there were. It is not a job id: BullMQ silently ignores an `add` under an id it still
   * remembers, even of a job that failed.
   */
  topic(payload: P): string;
}

const OfConnector = z.strictObject({ connector: z.string() });
const Nothing = z.strictObject({});

const ofConnector = (topic: string): JobSpec<z.infer<typeof OfConnector>> => ({
  Payload: OfConnector,
  queue: ({ connector }) => connectorQueue(connector),
  topic: () => topic,
});
const ofUpkeep = (topic: string): JobSpec<z.infer<typeof Nothing>> => ({
  Payload: Nothing,
  queue: () => UPKEEP_QUEUE,
  topic: () => topic,
});
const job = <P>(spec: JobSpec<P>): JobSpec<P> => spec;

/** The queue of mails. */
export const MAIL_QUEUE = 'mail';
/** The queue of what keeps the installation healthy. */
export const UPKEEP_QUEUE = 'upkeep';
/** The queue of one connector. Paused while its CRM refuses our credentials. */
export const connectorQueue = (connector: string): string => `connector-${connector}`;

/** The queue of one webhook: a receiver that hangs holds up nobody else. */
export const webhookQueue = (webhook: string): string => `webhook-${webhook}`;

/** Every job there is. */
export const JOBS = Object.freeze({
  /** Reads what changed on the CRM since the cursor. */
  'watch-cases': ofConnector('watch-cases'),
  /** Reads the cases whose doorbell rang. */
  'fetch-cases': ofConnector('fetch-cases'),
  /** Writes the connector's due answers on their cases. */
  'write-back': ofConnector('write-back'),
  /** Makes the connector's due follow-up tasks. */
  'follow-up': ofConnector('follow-up'),
  /** Asks the CRM whether customers with a low score were answered. */
  'look-after': ofConnector('look-after'),
  /** Puts the connector's due surveys on their cases. */
  'ask-in-case': ofConnector('ask-in-case'),
  /** Asks after a vendor job that was still running. */
  settle: job({
    Payload: z.strictObject({
      connector: z.string(),
      kind: z.enum(['write-back', 'late-follow-up-ticket', 'late-user-field', 'follow-up', 'reopen', 'ask']),
      handleId: z.string(),
    }),
    queue: ({ connector }) => connectorQueue(connector),
    topic: ({ kind, handleId }) => `settle-${kind}-${handleId}`,
  }),
  /** Tries the credentials. Not in the connector's own queue, since it is what resumes that one. */
  'check-connector': job({
    Payload: OfConnector,
    queue: () => UPKEEP_QUEUE,
    topic: ({ connector }) => `check-connector-${connector}`,
  }),
  /** Decides again and mails what is due for one survey. */
  'send-survey': job({
    Payload: z.strictObject({ surveyId: z.string() }),
    queue: () => MAIL_QUEUE,
    topic: ({ surveyId }) => `send-survey-${surveyId}`,
  }),
  /** Posts the webhook's due events. */
  'deliver-webhooks': job({
    Payload: z.strictObject({ webhook: z.string() }),
    queue: ({ webhook }) => webhookQueue(webhook),
    topic: () => 'deliver-webhooks',
  }),
  /** Decides on what the page's script confirmed for one survey, once it has settled. */
  'confirm-answers': job({
    Payload: z.strictObject({ surveyId: z.string() }),
    queue: () => UPKEEP_QUEUE,
    topic: ({ surveyId }) => `confirm-answers-${surveyId}`,
  }),
  /** Tells people of low scores, and of those that are overdue. */
  'alert-leads': ofUpkeep('alert-leads'),
  /** Mails one digest. */
  'send-digest': job({
    Payload: z.strictObject({ digestId: z.string() }),
    queue: () => UPKEEP_QUEUE,
    topic: ({ digestId }) => `send-digest-${digestId}`,
  }),
  /** Takes in bounces and replies. */
  'read-mailbox': ofUpkeep('read-mailbox'),
  /** Takes into the figures what changed. */
  'fold-report': ofUpkeep('fold-report'),
  /** Rings what is due and has no live job. */
  sweep: ofUpkeep('sweep'),
});

export type JobName = keyof typeof JOBS;
export type Payload<N extends JobName> = z.infer<(typeof JOBS)[N]['Payload']>;
/** A job to be added. Give it a short delay only: an earlier ring about the same topic joins it instead of overtaking. */
export type Ring = { [N in JobName]: { name: N; payload: Payload<N>; delayMs?: number } }[JobName];
/** A job to be rung again and again. */
export type Schedule = { [N in JobName]: { name: N; payload: Payload<N>; everyMs: number } }[JobName];

/** The contract of a job, or null for a name of another version. */
export function jobSpec(name: string): JobSpec<Payload<JobName>> | null {
  return Object.hasOwn(JOBS, name) ? JOBS[name as JobName] : null;
}

/** What a schedule adds: a tick rings its job, so that a scheduled run and a rung one are never two at once. */
export const TICK = 'tick';
export const Tick = z.strictObject({ name: z.string(), payload: z.unknown() });

/** How often a job is tried before its rows are left to the sweep. */
export const ATTEMPTS = 8;
/** The name of the worker's own backoff, see `retryDelayMs`. */
const BACKOFF = 'caseloop';

const JOB_OPTIONS: JobsOptions = Object.freeze({
  attempts: ATTEMPTS,
  backoff: { type: BACKOFF },
  // The store knows what was done; a failed job is kept a while for who looks at 3 a.m.
  removeOnComplete: true,
  removeOnFail: { age: (7 * DAY_MS) / SECOND_MS, count: 1_000 },
  // Stack traces go to the log; job data is clear text in a place with other readers.
  stackTraceLimit: 0,
});

/** Adds jobs and holds queues. Every method throws when the queue's server does not answer; repeating is safe. */
export interface Queues {
  /** Throws ConfigError when the queue's server cannot be reached. */
  ready(): Promise<void>;
  add<N extends JobName>(name: N, payload: Payload<N>, options?: { delayMs?: number }): Promise<void>;
  /** In one round trip per queue. */
  addMany(rings: readonly Ring[]): Promise<void>;
  /** Stops the connector's jobs, on all processes and over restarts, until `resume`. */
  pause(connector: string): Promise<void>;
  resume(connector: string): Promise<void>;
  isPaused(connector: string): Promise<boolean>;
  /** Lets no job of this queue start for that long. */
  holdBack(queue: string, forMs: number): Promise<void>;
  /**
   * Makes the schedules be as listed; a new one runs at once. Call it every 30 s from each process: it does nothing when
   * all is well, and brings back what was lost when somebody emptied the queue.
   */
  assertSchedules(schedules: readonly Schedule[]): Promise<void>;
  /** Jobs by queue and state. */
  counts(): Promise<Readonly<Record<string, QueueCounts>>>;
  close(): Promise<void>;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  readonly paused: boolean;
}

/** Opens the queues of these connectors and webhooks, of mail and of upkeep. Throws ConfigError for an unusable `queue.url`. */
export function createQueues(options: {
  backend: QueueBackend;
  connectors: readonly string[];
  webhooks?: readonly string[];
  log: Log;
}): Queues {
  const link = linkQueue(options.backend, 'add', options.log);
  const names = [
    ...options.connectors.map(connectorQueue),
    ...(options.webhooks ?? []).map(webhookQueue),
    MAIL_QUEUE,
    UPKEEP_QUEUE,
  ];
  const queues = new Map<string, BullQueue>();

  async function open(name: string): Promise<BullQueue> {
    if (!names.includes(name)) throw new RangeError(`queue ${name}: unknown; there are ${names.join(', ')}`);
    // BullMQ's object would wait without end for a server that never answered, and could not be closed.
    if (!queues.has(name)) await link.ready();
    const queue = queues.get(name) ?? link.openQueue(name);
    if (!queues.has(name)) {
      queue.on('error', (error) => {
        options.log.warn({ queue: name, code: codeOf(error), reason: error.message }, 'queue error');
      });
      queues.set(name, queue);
    }
    return queue;
  }

  return {
    ready: () => link.ready(),
    async add(name, payload, { delayMs = 0 } = {}) {
      const ring = { name, payload, delayMs } as Ring;
      const queue = await open(queueOf(ring));
      await queue.add(name, payload, optionsOf(ring));
    },
    async addMany(rings) {
      const adding = Object.entries(Object.groupBy(rings, queueOf)).map(async ([name, group = []]) => {
        const queue = await open(name);
        await queue.addBulk(
          group.map((ring) => ({ name: ring.name, data: ring.payload, opts: optionsOf(ring) })),
        );
      });
      await Promise.all(adding);
    },
    async pause(connector) {
      await (await open(connectorQueue(connector))).pause();
    },
    async resume(connector) {
      await (await open(connectorQueue(connector))).resume();
    },
    async isPaused(connector) {
      return await (await open(connectorQueue(connector))).isPaused();
    },
    async holdBack(name, forMs) {
      await (await open(name)).rateLimit(forMs);
    },
    async assertSchedules(schedules) {
      const asserting = schedules.map(async (schedule) =>
        assertSchedule(await open(queueOf(schedule)), schedule),
      );
      await Promise.all(asserting);
    },
    async counts() {
      const counting = names.map(async (name) => [name, await countsOf(await open(name))] as const);
      return Object.fromEntries(await Promise.all(counting));
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await link.close();
    },
  };
}

function queueOf(ring: Ring | Schedule): string {
  const spec: JobSpec<Payload<JobName>> = JOBS[ring.name];
  return spec.queue(ring.payload);
}

function topicOf(ring: Ring | Schedule): string {
  const spec: JobSpec<Payload<JobName>> = JOBS[ring.name];
  return spec.topic(ring.payload);
}

function optionsOf(ring: Ring): JobsOptions {
  return {
    ...JOB_OPTIONS,
    delay: ring.delayMs ?? 0,
    deduplication: { id: topicOf(ring), keepLastIfActive: true },
  };
}

async function assertSchedule(queue: BullQueue, schedule: Schedule): Promise<void> {
  const id = topicOf(schedule);
  const present = await queue.getJobScheduler(id);
  // Not upserted when all is well: that would replace the tick that is about to fire.
  if (present?.every === schedule.everyMs && present.next !== undefined) {
    const next = await queue.getJob(`repeat:${id}:${present.next}`);
    if (next !== undefined) return;
  }
  // BullMQ 6.7 puts the tick of a scheduler that it knows one interval later each time, so one whose tick was lost would
  // starve.
  if (present !== undefined) await queue.removeJobScheduler(id);
  await queue.upsertJobScheduler(
    id,
    { every: schedule.everyMs },
    {
      name: TICK,
      data: { name: schedule.name, payload: schedule.payload },
      opts: { removeOnComplete: true, removeOnFail: true, stackTraceLimit: 0 },
    },
  );
}

async function countsOf(queue: BullQueue): Promise<QueueCounts> {
  const [counts, paused] = await Promise.all([
    queue.getJobCounts('waiting', WAITING_WHILE_PAUSED, 'prioritized', 'active', 'delayed', 'failed'),
    queue.isPaused(),
  ]);
  const { waiting = 0, paused: held = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts;
  return { waiting: waiting + held + prioritized, active, delayed, failed, paused };
}

/** BullMQ 6.7 counts the waiting jobs of a paused queue under this state on PostgreSQL; its type does not know it. */
const WAITING_WHILE_PAUSED = 'paused' as JobType;
