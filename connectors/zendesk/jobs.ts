import { z } from 'zod';
import type { Outcome, Receipt, RecordRef } from '../../src/connector.ts';
import { CaseloopError, ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import type { ZendeskApi } from './client.ts';
import { fieldWords, RecordGone, saysClosed } from './refusal.ts';
import { type JobResult, JobStatus } from './schema.ts';
import { agentUrl } from './snapshot.ts';

/** The most jobs that Zendesk keeps queued or running for an account (2026-11-21). */
export const MOST_JOBS = 30;

/** When to look again at a job that was not done at once; most take some seconds. */
const CHECK_AFTER_MS = 1_000;

/** Items up to which a job may well be done by the time we ask; beyond, asking at once costs a call and tells nothing. */
const SMALL_JOB = 10;

/**
 * A bulk job and what it was about. As text it is the receipt's handle, so that any process can settle it later.
 * `entries` are in the order in which the items were sent.
 */
const Job = z.object({
  action: z.enum(['update', 'create']),
  /** What the items are. */
  of: z.enum(['tickets', 'users']).default('tickets'),
  id: z.string().min(1),
  entries: z.array(z.object({ keys: z.array(z.string()), ticketId: z.number().nullable() })),
  /** What needs nothing done any more: an earlier attempt did it, or something newer stands there. With the ticket or user. */
  found: z.array(z.object({ key: z.string(), ticketId: z.number().nullable() })),
  /** What could not be sent, so that one bad item does not spoil the batch. No customer's data in `why`. */
  refused: z.array(z.object({ key: z.string(), why: z.string() })).default([]),
});
export type Job = z.output<typeof Job>;

/** What is known of a batch before anything is sent. */
export type Settled = Pick<Job, 'found' | 'refused'>;

/**
 * The receipt for a job that Zendesk just took. How far a small one is, is asked once. It never throws: the job runs, so
 * whatever keeps us from asking is met again when its handle is settled, and forgetting the handle would lose sight of what
 * was written.
 */
export async function receiptFor(
  api: ZendeskApi,
  started: JobStatus,
  taken: Omit<Job, 'id' | 'refused'> & Partial<Pick<Job, 'refused'>>,
): Promise<Receipt> {
  const { action, of, entries, found, refused = [] } = taken;
  const job: Job = { action, of, id: started.job_status.id, entries, found, refused };
  if (isOver(started)) return receiptOf(api, job, started);
  if (entries.length > SMALL_JOB) return pending(job);
  try {
    const status = await readStatus(api, job.id);
    return isOver(status) ? receiptOf(api, job, status) : pending(job);
  } catch (error) {
    if (!(error instanceof CaseloopError)) throw error;
    const retryAfterMs = error instanceof RetryableError ? error.retryAfterMs : null;
    return pending(job, Math.max(CHECK_AFTER_MS, retryAfterMs ?? 0));
  }
}

/**
 * Asks after a job by its handle. Safe to repeat. A job that Zendesk no longer knows (it keeps them for a day) leaves every
 * item failed with RetryableError: what became of it is not known.
 */
export async function settle(api: ZendeskApi, handle: string): Promise<Receipt> {
  const job = Job.safeParse(parseHandle(handle)).data;
  if (job === undefined) throw new PermanentError('Zendesk job: the handle is not one of ours');
  const status = await readStatusUnlessGone(api, job.id);
  return status === null || isOver(status) ? receiptOf(api, job, status) : pending(job);
}

function readStatus(api: ZendeskApi, id: string): Promise<JobStatus> {
  return api.call(JobStatus, (zendesk) => zendesk.jobstatuses.show(id));
}

async function readStatusUnlessGone(api: ZendeskApi, id: string): Promise<JobStatus | null> {
  try {
    return await readStatus(api, id);
  } catch (error) {
    // Zendesk keeps a job for a day.
    if (error instanceof RecordGone) return null;
    throw error;
  }
}

function isOver(status: JobStatus): boolean {
  return ['completed', 'failed', 'killed'].includes(status.job_status.status);
}

function pending(job: Job, checkAfterMs = CHECK_AFTER_MS): Receipt {
  return { pending: { handle: JSON.stringify(job), checkAfterMs } };
}

/** The outcomes that need no job: what is done already, and what could not be sent. */
export function outcomesWithoutJob(
  api: ZendeskApi,
  { found, refused }: Settled,
  of: Job['of'] = 'tickets',
): Outcome[] {
  return [
    ...found.map(({ key, ticketId: id }) => done(key, id === null ? null : refTo(api, id, of))),
    ...refused.map(({ key, why }) => failed(key, new PermanentError(why))),
  ];
}

/** What became of every item; `status` is null when Zendesk no longer knows the job. */
function receiptOf(api: ZendeskApi, job: Job, status: JobStatus | null): Receipt {
  const outcomes = outcomesWithoutJob(api, job, job.of);
  job.entries.forEach((entry, index) => {
    for (const key of entry.keys) outcomes.push(toOutcome(api, job, entry, index, key, status));
  });
  return { outcomes };
}

function toOutcome(
  api: ZendeskApi,
  job: Job,
  entry: Job['entries'][number],
  index: number,
  key: string,
  status: JobStatus | null,
): Outcome {
  const result = findResult(status?.job_status.results ?? [], entry, index);
  if (result === undefined) {
    const state = status?.job_status.status ?? 'no longer known to Zendesk';
    return failed(key, new RetryableError(`Zendesk job ${state}: nothing is said of this item`));
  }
  if (isSuccess(job, result)) {
    return done(key, refOf(api, job, result.id ?? entry.ticketId));
  }
  const words = [result.error ?? '', ...fieldWords(result.details)].filter((word) => word !== '').join(', ');
  return saysClosed(words) ? { key, result: 'locked' } : failed(key, toItemError(words));
}

/**
 * "Completed" says nothing about items. An update names the ticket, a creation the index; refused items carry either
 * (recordings and clients, 2026-11-21), so the ticket is looked for first and the index only where it cannot be another's.
 */
function findResult(
  results: readonly JobResult[],
  entry: Job['entries'][number],
  index: number,
): JobResult | undefined {
  const byTicket =
    entry.ticketId === null ? undefined : results.find((result) => result.id === entry.ticketId);
  return (
    byTicket ??
    results.find((result) => result.index === index && (entry.ticketId === null || result.id == null))
  );
}

function isSuccess(job: Job, result: JobResult): boolean {
  if (result.error != null || result.success === false) return false;
  return job.action === 'create' ? result.id != null : true;
}

/** The class for one refused item. Unconfirmed (2026-11-21): which names Zendesk uses inside a job. */
function toItemError(words: string): CaseloopError {
  const message = `Zendesk refused this item of the job: ${words === '' ? 'no reason given' : words.slice(0, 500)}`;
  if (/Conflict|Deadlock|Collision|Timeout|RateLimit|TooMany|Unavailable|Throttl/i.test(words))
    return new RetryableError(message);
  if (/Forbidden|AccessDenied|PermissionDenied|not authori[sz]ed/i.test(words)) {
    return new ConfigError(message, {
      fix: 'Let the user behind the OAuth client (or API token) edit all tickets.',
    });
  }
  return new PermanentError(message);
}

function done(key: string, ref: RecordRef | null): Outcome {
  return { key, result: 'done', ref };
}

function failed(key: string, error: CaseloopError): Outcome {
  return { key, result: 'failed', error };
}

/** The record an item made or filled, when that is not the case itself. */
function refOf(api: ZendeskApi, job: Job, id: number | null): RecordRef | null {
  if (id === null) return null;
  return job.of === 'users' || job.action === 'create' ? refTo(api, id, job.of) : null;
}

function refTo({ baseUrl }: ZendeskApi, id: number, of: Job['of']): RecordRef {
  return { id: String(id), url: of === 'users' ? `${baseUrl}/agent/users/${id}` : agentUrl(baseUrl, id) };
}

function parseHandle(handle: string): unknown {
  try {
    return JSON.parse(handle);
  } catch {
    // Not JSON is not one of ours: the schema refuses it.
    return null;
  }
}
