import { randomUUID } from 'node:crypto';
import { DAY_MS } from '../../../src/clock.ts';
import type { ApiReply, ApiRoute } from './api.ts';
import { isObject } from './params.ts';
import { invalidAttribute, Refusal, recordNotFound } from './refusal.ts';
import { instant, type State } from './state.ts';

/** One item's work: returns its result line, or throws a Refusal that becomes a failed one. */
export interface JobItem {
  run(): Record<string, unknown>;
  /** How a failed line names the item. */
  readonly failure: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly id: string;
  readonly items: readonly JobItem[];
  readonly createdAtMs: number;
  status: 'queued' | 'working' | 'completed';
  message: string | null;
  results: readonly Record<string, unknown>[] | null;
}

/** The account's background jobs. */
export interface Jobs {
  /** Queues the work and answers with its job status; 429 when 30 jobs are queued or running. */
  start(url: string, items: readonly JobItem[]): ApiReply;
  readonly routes: readonly ApiRoute[];
  /** Jobs stay queued until `release`. */
  hold(): void;
  release(): void;
  /** Resolves when no job is queued or running; at once while jobs are held. */
  idle(): Promise<void>;
  close(): void;
}

const MOST_IN_FLIGHT = 30;

/** Background jobs as Zendesk runs them: queued, working, completed; completed says nothing about the items. */
export function createJobs(state: State, stepMs: number): Jobs {
  const jobs = new Map<string, Job>();
  const timers = new Set<NodeJS.Timeout>();
  let isHeld = false;
  let waiting: (() => void)[] = [];

  const inFlight = (): Job[] => [...jobs.values()].filter((job) => job.status !== 'completed');
  const wake = (): void => {
    if (!isHeld && inFlight().length > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };

  const after = (work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, stepMs);
    timers.add(timer);
  };

  const advance = (job: Job): void => {
    after(() => {
      if (isHeld || job.status !== 'queued') return;
      job.status = 'working';
      after(() => {
        job.results = job.items.map((item) => runItem(item));
        job.message = `Completed at ${instant(state.clock.now())}`;
        job.status = 'completed';
        wake();
      });
    });
  };

  const findJob = (id: string | undefined): Job => {
    const job = jobs.get(id ?? '');
    if (job === undefined || state.clock.now().getTime() - job.createdAtMs > DAY_MS) throw recordNotFound();
    return job;
  };

  const limitHeader = (): Record<string, string> => ({
    'zendesk-ratelimit-inflight-jobs': `total=${MOST_IN_FLIGHT}; remaining=${Math.max(0, MOST_IN_FLIGHT - inFlight().length)}; resets=60`,
  });

  return {
    start(url, items) {
      const running = inFlight();
      if (running.length >= MOST_IN_FLIGHT) {
        const body = {
          error: 'TooManyJobs',
          description: `The maximum of ${MOST_IN_FLIGHT} jobs are already queued or running`,
          current_job_ids: running.map((job) => job.id),
        };
        throw new Refusal(429, body, { ...limitHeader(), 'Retry-After': '60' });
      }
      const id = `V3-${randomUUID().replaceAll('-', '')}`;
      const createdAtMs = state.clock.now().getTime();
      const job: Job = { id, items, createdAtMs, status: 'queued', message: null, results: null };
      jobs.set(id, job);
      if (!isHeld) advance(job);
      return { body: { job_status: presentJob(url, job) }, headers: limitHeader() };
    },
    routes: [
      {
        method: 'get',
        path: '/job_statuses',
        resource: 'tickets',
        handle: ({ url }) => {
          const listed = [...jobs.values()].map((job) => presentJob(url, job));
          return {
            body: { job_statuses: listed, next_page: null, previous_page: null, count: listed.length },
          };
        },
      },
      {
        method: 'get',
        path: '/job_statuses/show_many',
        resource: 'tickets',
        handle: ({ url, query }) => {
          const ids = (query.get('ids') ?? '').split(',').filter((id) => id !== '');
          if (ids.length === 0) throw invalidAttribute('ids', 'a list of ids');
          return {
            body: { job_statuses: ids.flatMap((id) => (jobs.has(id) ? [presentJob(url, findJob(id))] : [])) },
          };
        },
      },
      {
        method: 'get',
        path: '/job_statuses/:id',
        resource: 'tickets',
        handle: ({ url, params }) => ({ body: { job_status: presentJob(url, findJob(params.id)) } }),
      },
    ],
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
      for (const job of jobs.values()) if (job.status === 'queued') advance(job);
    },
    idle: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        wake();
      }),
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function presentJob(url: string, job: Job): Record<string, unknown> {
  return {
    id: job.id,
    url: `${url}/api/v2/job_statuses/${job.id}.json`,
    total: job.items.length,
    progress: job.status === 'completed' ? job.items.length : null,
    status: job.status,
    message: job.message,
    results: job.results,
  };
}

function runItem(item: JobItem): Record<string, unknown> {
  try {
    return item.run();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...item.failure, success: false, status: 'Failed', ...explain(error) };
  }
}

/** A failed line carries the reason as text: the error's name and the details' descriptions. */
function explain(refusal: Refusal): Record<string, string> {
  const body = isObject(refusal.body) ? refusal.body : {};
  const lines = isObject(body.details) ? Object.values(body.details).flat() : [];
  const described = lines.flatMap((line) => (isObject(line) ? [String(line.description)] : []));
  const details = described.length > 0 ? described.join(', ') : String(body.description ?? '');
  return { error: typeof body.error === 'string' ? body.error : 'TicketUpdateError', details };
}
