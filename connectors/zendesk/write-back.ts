import type { Receipt, WriteBack } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import type { ZendeskApi } from './client.ts';
import { type FieldDirectory, type FieldIds, LEVEL_VALUES } from './fields.ts';
import { type Job, receiptFor } from './jobs.ts';
import { TicketClosed } from './refusal.ts';
import { JobStatus } from './schema.ts';

/** Added to a ticket that was answered, where the configuration wants tags. */
const ANSWERED_TAG = 'csat_answered';

/** The most a text field takes; the answer itself is kept whole in Caseloop. */
const LONGEST_TEXT = 65_535;
const CUT_MARK = ' [... cut here, the whole text is in Caseloop]';

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
  const receipt = await receiptFor(api, started, { action: 'update', entries, found: [] });
  // A field that an admin deleted and made again has another id; the next attempt must not use the old one.
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
  const reasons = item.reasons.join(', ');
  return {
    id: Number(item.caseId),
    custom_fields: [
      { id: ids.score, value: item.score },
      { id: ids.level, value: LEVEL_VALUES[item.level] },
      { id: ids.comment, value: item.comment === null ? null : bound(item.comment) },
      { id: ids.reasons, value: reasons === '' ? null : bound(reasons) },
      { id: ids.answeredAt, value: item.answeredAt.toISOString() },
    ],
    // `tags` would replace the ticket's own.
    ...(item.tag ? { additional_tags: [ANSWERED_TAG] } : {}),
    ...(item.note ? { comment: { body: bound(noteText(item, reasons)), public: false } } : {}),
  };
}

function noteText(item: WriteBack, reasons: string): string {
  const lines = [`Customer satisfaction: ${item.score} (${item.level})`];
  if (reasons !== '') lines.push(`Reasons: ${reasons}`);
  if (item.comment !== null) lines.push(`Comment: ${item.comment}`);
  return lines.join('\n');
}

/** Cuts between characters, never inside one, and says that it did. */
function bound(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  const kept = text.slice(0, LONGEST_TEXT - CUT_MARK.length);
  return `${kept.replace(/[\uD800-\uDBFF]$/, '')}${CUT_MARK}`;
}
