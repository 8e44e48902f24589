import type { LateAnswer, LatePlace, Outcome, Receipt } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import { boundText, fieldValues } from './answer-values.ts';
import type { ZendeskApi } from './client.ts';
import type { FieldDirectory } from './fields.ts';
import { findByKey } from './follow-up.ts';
import { type Job, receiptFor, receiptForFound } from './jobs.ts';
import { JobStatus } from './schema.ts';
import { FOLLOW_UP_TAG } from './snapshot.ts';
import type { UserFieldDirectory } from './user-fields.ts';
import { ANSWERED_TAG } from './write-back.ts';

/** The places that `late` can name for Zendesk. */
export const LATE_PLACES: readonly LatePlace[] = ['follow-up-ticket', 'user-field'];

/** Puts answers whose ticket is closed elsewhere. Throws ConfigError when a field is missing. */
export function writeLateAll(
  api: ZendeskApi,
  fields: FieldDirectory,
  userFields: UserFieldDirectory,
  items: readonly LateAnswer[],
  place: LatePlace,
): Promise<Receipt> {
  return place === 'follow-up-ticket' ? makeTickets(api, fields, items) : fillUsers(api, userFields, items);
}

/**
 * One follow-up ticket per answer by `create_many`, with the answer in the same fields as on any ticket. It is solved from the
 * start, since there is nothing to do on it, where the account's required fields allow that; its comment is private and its requester the user behind our credentials, so
 * that neither Zendesk's triggers nor its own satisfaction survey reach the customer. The key is the external id.
 *
 * `via_followup_source_id` works for closed tickets only; tags that are sent replace those of the source.
 * https://developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets/#creating-a-follow-up-ticket (2026-11-21)
 */
async function makeTickets(
  api: ZendeskApi,
  fields: FieldDirectory,
  items: readonly LateAnswer[],
): Promise<Receipt> {
  if (items.length === 0) return { outcomes: [] };
  const ids = await fields.ids();
  const found: Job['found'] = [];
  const missing: LateAnswer[] = [];
  for (const item of items) {
    const ticketId = item.outcomeUnknown ? await findByKey(api, item.key) : null;
    if (ticketId === null) missing.push(item);
    else found.push({ key: item.key, ticketId });
  }
  if (missing.length === 0) return receiptForFound(api, found);
  const tickets = missing.map((item) => ({
    via_followup_source_id: Number(item.caseId),
    subject: item.subject,
    ...(item.leaveOpen ? {} : { status: 'solved' }),
    comment: { body: item.body, public: false },
    external_id: item.key,
    tags: [FOLLOW_UP_TAG, ...(item.tag ? [ANSWERED_TAG] : [])],
    custom_fields: fieldValues(item, ids),
  }));
  const started = await api.call(JobStatus, (zendesk) =>
    zendesk.tickets.post(['tickets', 'create_many'], { tickets }),
  );
  const entries = missing.map(({ key }) => ({ keys: [key], ticketId: null }));
  return receiptFor(api, started, { action: 'create', of: 'tickets', entries, found });
}

/** The answer in fields on the requester by one `update_many`. A person has one set of fields: the latest answer stands. */
async function fillUsers(
  api: ZendeskApi,
  userFields: UserFieldDirectory,
  items: readonly LateAnswer[],
): Promise<Receipt> {
  if (items.length === 0) return { outcomes: [] };
  const keys = await userFields.keys();
  const latest = new Map<number, { item: LateAnswer; keys: string[] }>();
  const nobody: Outcome[] = [];
  for (const item of items) {
    const userId = Number(item.requesterId ?? Number.NaN);
    if (!Number.isSafeInteger(userId)) {
      const error = new PermanentError(
        `Zendesk late answer: ticket ${item.caseId} has no requester to put it on`,
      );
      nobody.push({ key: item.key, result: 'failed', error });
      continue;
    }
    const other = latest.get(userId);
    if (other === undefined) latest.set(userId, { item, keys: [item.key] });
    else {
      other.keys.push(item.key);
      if (item.answeredAt >= other.item.answeredAt) other.item = item;
    }
  }
  // A job's handle knows nothing of them; alone they are refused with their reason, the others go first.
  if (latest.size === 0) return { outcomes: nobody };
  if (nobody.length > 0)
    throw new PermanentError('Zendesk late answer: a ticket of this batch has no requester');
  const users = [...latest].map(([id, { item }]) => ({
    id,
    user_fields: {
      [keys.score]: item.score,
      [keys.level]: item.level,
      [keys.comment]: item.comment === null ? null : boundText(item.comment),
      [keys.reasons]: item.reasons.length === 0 ? null : boundText(item.reasons.join(', ')),
      [keys.answeredAt]: item.answeredAt.toISOString(),
    },
  }));
  const started = await api.call(JobStatus, (zendesk) =>
    zendesk.users.put(['users', 'update_many'], { users }),
  );
  const entries = [...latest].map(([ticketId, { keys }]) => ({ keys, ticketId }));
  return receiptFor(api, started, { action: 'update', of: 'users', entries, found: [] });
}
