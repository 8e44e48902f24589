import { type Job, RateLimitError, UnrecoverableError, WaitingError } from 'bullmq';
import { SECOND_MS } from '../src/clock.ts';
import { codeOf } from '../src/error-facts.ts';
import { type AuthError, CaseloopError, PermanentError } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import {
  ATTEMPTS,
  connectorQueue,
  type JobName,
  jobSpec,
  MAIL_QUEUE,
  type Payload,
  type Queues,
  type Ring,
  TICK,
  Tick,
  UPKEEP_QUEUE,
  webhookQueue,
} from '../src/queue.ts';
import { type BullWorker, linkQueue, type QueueBackend } from '../src/queue-backend.ts';
import { judge, retryDelayMs } from './failure.ts';

/** What a job does. It reads the store, does what is still due and is safe to run twice; success is returning. */
export type Handlers = {
  readonly [N in JobName]: (payload: Payload<N>, context: JobContext) => Promise<void>;
};

export interface JobContext {
  /**
   * Aborted when the process is about to stop: finish the item in hand, then `signal.throwIfAborted()`, which hands the
   * job to another process without counting an attempt. A job that just returns is taken as done.
   */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

export interface Workers {
  /**
   * Takes no new jobs, aborts the signal, and waits for the jobs in flight; those that are not done after `graceMs` go
   * back to the queue, where another process takes them at once. Safe to repeat.
   */
  close(options: { graceMs: number }): Promise<void>;
}

export interface WorkersOptions {
  readonly backend: QueueBackend;
  readonly connectors: readonly string[];
  /** Default: none. Each delivers several events at a time by itself. */
  readonly webhooks?: readonly string[];
  readonly handlers: Handlers;
  /** Jobs at a time: per connector, for mail and for upkeep. */
  readonly concurrency: { readonly connector: number; readonly mail: number; readonly upkeep: number };
  readonly queues: Queues;
  readonly log: Log;
  /** Called each time a CRM refuses our credentials, after its queue was paused. */
  onAuthError(connector: string, error: AuthError): Promise<void>;
}

/** A job whose process died is taken up again when its lock has run out and two checks have seen it: within 10 s. */
const LOCK_MS = 5 * SECOND_MS;
const STALLED_CHECK_MS = 2 * SECOND_MS;
/** BullMQ heeds a queue's rate limit only where the worker has a limiter of its own; this one never bites. */
const LIMITER = { max: 1_000_000, duration: SECOND_MS };
/** How long BullMQ may take, after the last job is back, to let go of an unreachable server. */
const LET_GO_MS = 5 * SECOND_MS;

/** Starts one worker per queue. */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const link = linkQueue(options.backend, 'work', options.log);
  const stopping = new AbortController();
  const inFlight = new Set<InFlight>();
  const concurrencies = new Map([
    ...options.connectors.map((name) => [connectorQueue(name), options.concurrency.connector] as const),
    ...(options.webhooks ?? []).map((name) => [webhookQueue(name), 1] as const),
    [MAIL_QUEUE, options.concurrency.mail] as const,
    [UPKEEP_QUEUE, options.concurrency.upkeep] as const,
  ]);
  const workers = [...concurrencies].map(([queue, concurrency]) => {
    const log = options.log.child({ queue });
    const worker = link.openWorker(
      queue,
      (job, token) => track({ job, token: token ?? '', options, log, signal: stopping.signal, inFlight }),
      {
        concurrency,
        limiter: LIMITER,
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_CHECK_MS,
        // A job is not to blame for the death of its process; without this the second death would fail it.
        maxStalledCount: ATTEMPTS,
        settings: { backoffStrategy: (attempts, _type, error) => retryDelayMs(attempts, error) },
      },
    );
    worker.on('error', (error) => log.warn({ code: codeOf(error), reason: error.message }, 'worker error'));
    worker.on('stalled', (jobId) => log.warn({ jobId }, 'job taken up again: its process died or hung'));
    return worker;
  });
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));

  let closing: Promise<void> | undefined;
  return {
    close({ graceMs }) {
      closing ??= stop({ workers, inFlight, stopping, graceMs }).then(() => link.close());
      return closing;
    },
  };
}

interface InFlight {
  handBack(): Promise<void>;
}

interface Run {
  readonly job: Job<unknown, void>;
  readonly token: string;
  readonly options: WorkersOptions;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Runs a job so that it can be taken out of its hands at shutdown. */
async function track(run: Run & { inFlight: Set<InFlight> }): Promise<void> {
  const handedBack = Promise.withResolvers<never>();
  const entry: InFlight = {
    async handBack() {
      await run.job.moveToWait(run.token).then(
        () => handedBack.reject(new WaitingError()),
        (error: unknown) => handedBack.reject(error),
      );
    },
  };
  run.inFlight.add(entry);
  try {
    await Promise.race([attempt(run), handedBack.promise]);
  } finally {
    run.inFlight.delete(entry);
  }
}

async function attempt(run: Run): Promise<void> {
  try {
    await dispatch(run);
  } catch (error) {
    if (run.signal.aborted && error === run.signal.reason) return await goBack(run);
    await fail(run, error);
  }
}

async function dispatch({ job, options, log, signal }: Run): Promise<void> {
  if (job.name === TICK) {
    const tick = Tick.parse(job.data);
    if (jobSpec(tick.name) === null)
      return log.warn({ name: tick.name }, 'schedule of another version dropped');
    return await options.queues.addMany([tick as Ring]);
  }
  const spec = jobSpec(job.name);
  // A queue outlives the build that filled it. Failing would only make the job come back.
  if (spec === null) return log.warn({ name: job.name, jobId: job.id }, 'job of another version dropped');
  const parsed = spec.Payload.safeParse(job.data);
  if (!parsed.success) throw new PermanentError(`job ${job.name}: unreadable payload`);
  const handle = options.handlers[job.name as JobName] as (
    payload: unknown,
    context: JobContext,
  ) => Promise<void>;
  await handle(parsed.data, {
    signal,
    log: log.child({ job: job.name, jobId: job.id }),
    attempt: job.attemptsMade + 1,
  });
}

/** Turns what a handler threw into what BullMQ does next. */
async function fail(run: Run, error: unknown): Promise<never> {
  const { job, options, log } = run;
  const attempt = job.attemptsMade + 1;
  report(log, { job: job.name, jobId: job.id, attempt, ofAttempts: ATTEMPTS }, error);
  const connector = connectorOf(job);
  const queue = connector === null ? job.queueName : connectorQueue(connector);
  const verdict = judge(error, job.attemptsStarted);
  switch (verdict.next) {
    case 'hold the queue':
      await options.queues.holdBack(queue, verdict.forMs);
      throw queue === job.queueName ? new RateLimitError() : error;
    case 'pause the connector':
      if (connector === null) throw error;
      // Before the job goes back, or it would be taken again at once.
      await options.queues.pause(connector);
      await options.onAuthError(connector, verdict.error);
      if (queue === job.queueName) return await goBack(run);
      throw new UnrecoverableError(verdict.error.message);
    case 'give up':
      throw new UnrecoverableError(error instanceof Error ? error.message : String(error));
    case 'retry':
      throw error;
  }
}

async function goBack({ job, token }: Run): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}

function connectorOf(job: Job<unknown, void>): string | null {
  const data = job.data;
  return typeof data === 'object' &&
    data !== null &&
    'connector' in data &&
    typeof data.connector === 'string'
    ? data.connector
    : null;
}

function report(log: Log, fields: Record<string, unknown>, error: unknown): void {
  if (error instanceof CaseloopError) {
    log.warn({ ...fields, error: error.name, reason: error.message, fix: error.fix }, 'job failed');
  } else {
    log.error({ ...fields, err: error }, 'job failed unexpectedly');
  }
}

async function stop(options: {
  workers: readonly BullWorker[];
  inFlight: ReadonlySet<InFlight>;
  stopping: AbortController;
  graceMs: number;
}): Promise<void> {
  const closed = Promise.all(options.workers.map((worker) => worker.close()));
  options.stopping.abort();
  if (await settlesWithin(closed, options.graceMs)) return;
  await settlesWithin(Promise.all([...options.inFlight].map((entry) => entry.handBack())), LET_GO_MS);
  await settlesWithin(closed, LET_GO_MS);
}

async function settlesWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([work.then(() => true), limit]);
  } finally {
    clearTimeout(timer);
  }
}
