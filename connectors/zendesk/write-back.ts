import type { Receipt, WriteBack } from '../../src/connector.ts';
import { answerNote } from '../../src/domain/answer-note.ts';
import { PermanentError } from '../../src/errors.ts';
import { boundText, fieldValues } from './answer-values.ts';
import type { ZendeskApi } from './client.ts';
import type { FieldDirectory, FieldIds } from './fields.ts';
import { type Job, receiptFor } from './jobs.ts';
import { TicketClosed } from './refusal.ts';
import { JobStatus } from './schema.ts';

/** Added to a ticket that was answered, where the configuration wants tags. */
export const ANSWERED_TAG = 'csat_answered';

/**
 * Puts answers on tickets by one `update_many`: fields, a tag, an internal note where asked for. The status is never
 * touched and no comment is public, so nothing here mails the customer. The same input twice leaves the same fields and
 * tags; a note would stand twice. Outcomes are read per item from the job.
 *
 * Throws ConfigError when a field is missing. https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-many-tickets (2026-11-21)
 */
export async function writeBackAll(
  api: ZendeskApi,
  fields: FieldDirectory,
  items: readonly WriteBack[],
): Promise<Receipt> {
  if (items.length === 0) return { outcomes: [] };
  const ids = await fields.ids();
  const latest = latestPerCase(items);
  const tickets = [...latest.values()].map(({ item }) => toUpdate(item, ids));
  let started: JobStatus;
  try {
    started = await api.call(JobStatus, (zendesk) =>
      zendesk.tickets.put(['tickets', 'update_many'], { tickets }),
    );
  } catch (error) {
    // A job refuses closed tickets one by one; a refusal of the whole request names no ticket, so it must be the only one.
    if (!(error instanceof TicketClosed) || latest.size > 1) throw error;
    return { outcomes: items.map(({ key }) => ({ key, result: 'locked' })) };
  }
  const entries: Job['entries'] = [...latest.values()].map(({ item, keys }) => ({
    keys,
    ticketId: Number(item.caseId),
  }));
  return forgetAfterRefusal(
    fields,
    await receiptFor(api, started, { action: 'update', of: 'tickets', entries, found: [] }),
  );
}

/** A field that an admin deleted and made again has another id; after a refusal the next attempt must not use the old one. */
export function forgetAfterRefusal(fields: FieldDirectory, receipt: Receipt): Receipt {
  if ('outcomes' in receipt && receipt.outcomes.some(({ result }) => result === 'failed')) fields.forget();
  return receipt;
}

/** A ticket stands once in a job, since items run in no promised order: the latest answer, on behalf of all its keys. */
function latestPerCase(
  items: readonly WriteBack[],
): ReadonlyMap<string, { item: WriteBack; keys: string[] }> {
  const latest = new Map<string, { item: WriteBack; keys: string[] }>();
  for (const item of items) {
    if (!/^\d{1,16}$/.test(item.caseId)) {
      throw new PermanentError(`Zendesk write-back: ${item.caseId} is not a ticket id`);
    }
    const other = latest.get(item.caseId);
    if (other === undefined) latest.set(item.caseId, { item, keys: [item.key] });
    else {
      other.keys.push(item.key);
      if (item.answeredAt >= other.item.answeredAt) other.item = item;
    }
  }
  return latest;
}

function toUpdate(item: WriteBack, ids: FieldIds): Record<string, unknown> {
  return {
    id: Number(item.caseId),
    custom_fields: fieldValues(item, ids),
    // `tags` would replace the ticket's own.
    ...(item.tag ? { additional_tags: [ANSWERED_TAG] } : {}),
    ...(item.note ? { comment: { body: boundText(answerNote(item)), public: false } } : {}),
  };
}
