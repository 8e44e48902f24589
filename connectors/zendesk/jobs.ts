import { z } from 'zod';
import type { Outcome, Receipt, RecordRef } from '../../src/connector.ts';
import { type CaseloopError, ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import type { ZendeskApi } from './client.ts';
import { fieldWords, RecordGone, saysClosed } from './refusal.ts';
import { type JobResult, JobStatus } from './schema.ts';
import { agentUrl } from './snapshot.ts';

/** When to look again at a job that was not done at once; most take some seconds. */
const CHECK_AFTER_MS = 1_000;

/**
 * A bulk job and what it was about. As text it is the receipt's handle, so that any process can settle it later.
 * `entries` are in the order in which the items were sent.
 */
const Job = z.object({
  action: z.enum(['update', 'create']),
  id: z.string().min(1),
  entries: z.array(z.object({ keys: z.array(z.string()), ticketId: z.number().nullable() })),
  /** Follow-ups that an earlier attempt had made already. */
  found: z.array(z.object({ key: z.string(), ticketId: z.number() })),
});
export type Job = z.output<typeof Job>;

/** The receipt for a job that Zendesk just took, asking once how far it is. */
export async function receiptFor(
  api: ZendeskApi,
  started: JobStatus,
  job: Omit<Job, 'id'>,
): Promise<Receipt> {
  const { action, entries, found } = job;
  return settleJob(api, { action, id: started.job_status.id, entries, found }, started);
}

/**
 * Asks after a job by its handle. Safe to repeat. A job that Zendesk no longer knows (it keeps them for a day) leaves every
 * item failed with RetryableError: what became of it is not known.
 */
export async function settle(api: ZendeskApi, handle: string): Promise<Receipt> {
  const job = Job.safeParse(parseHandle(handle)).data;
  if (job === undefined) throw new PermanentError('Zendesk job: the handle is not one of ours');
  return settleJob(api, job, null);
}

async function settleJob(api: ZendeskApi, job: Job, started: JobStatus | null): Promise<Receipt> {
  const status = isOver(started) ? started : await askStatus(api, job.id);
  if (status !== null && !isOver(status)) {
    return { pending: { handle: JSON.stringify(job), checkAfterMs: CHECK_AFTER_MS } };
  }
  const outcomes = job.found.map(({ key, ticketId }) => done(key, refTo(api, ticketId)));
  job.entries.forEach((entry, index) => {
    for (const key of entry.keys) outcomes.push(toOutcome(api, job, entry, index, key, status));
  });
  return { outcomes };
}

function isOver(status: JobStatus | null): status is JobStatus {
  return status !== null && ['completed', 'failed', 'killed'].includes(status.job_status.status);
}

async function askStatus(api: ZendeskApi, id: string): Promise<JobStatus | null> {
  try {
    return await api.call(JobStatus, (zendesk) => zendesk.jobstatuses.show(id));
  } catch (error) {
    // Zendesk keeps a job for a day.
    if (error instanceof RecordGone) return null;
    throw error;
  }
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
    return done(key, job.action === 'create' && result.id != null ? refTo(api, result.id) : null);
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

function refTo(api: ZendeskApi, ticketId: number): RecordRef {
  return { id: String(ticketId), url: agentUrl(api.baseUrl, ticketId) };
}

function parseHandle(handle: string): unknown {
  try {
    return JSON.parse(handle);
  } catch {
    // Not JSON is not one of ours: the schema refuses it.
    return null;
  }
}
