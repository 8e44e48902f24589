import type { LateAnswer, LatePlace, Receipt } from '../../src/connector.ts';
import { boundText, fieldValues } from './answer-values.ts';
import type { ZendeskApi } from './client.ts';
import type { FieldDirectory } from './fields.ts';
import { findByKey } from './follow-up.ts';
import { toId } from './ids.ts';
import { outcomesWithoutJob, receiptFor, type Settled } from './jobs.ts';
import { JobStatus, UserFieldsList } from './schema.ts';
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
  const settled: Settled = { found: [], refused: [] };
  const missing: { readonly item: LateAnswer; readonly sourceId: number }[] = [];
  for (const item of items) {
    const sourceId = toId(item.caseId);
    const ticketId = item.outcomeUnknown ? await findByKey(api, item.key) : null;
    if (ticketId !== null) settled.found.push({ key: item.key, ticketId });
    else if (sourceId !== null) missing.push({ item, sourceId });
    else
      settled.refused.push({ key: item.key, why: `Zendesk late answer: there is no ticket ${item.caseId}` });
  }
  if (missing.length === 0) return { outcomes: outcomesWithoutJob(api, settled) };
  const tickets = missing.map(({ item, sourceId }) => ({
    via_followup_source_id: sourceId,
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
  const entries = missing.map(({ item }) => ({ keys: [item.key], ticketId: null }));
  return receiptFor(api, started, { action: 'create', of: 'tickets', entries, ...settled });
}

/**
 * The answer in fields on the requester by one `update_many`. A person has one set of fields, and the latest answer stands
 * there: people are read first, and one who has a newer answer is left alone. Two jobs that Zendesk runs at the same moment
 * could still pass each other.
 */
async function fillUsers(
  api: ZendeskApi,
  userFields: UserFieldDirectory,
  items: readonly LateAnswer[],
): Promise<Receipt> {
  if (items.length === 0) return { outcomes: [] };
  const keys = await userFields.keys();
  const latest = new Map<number, { item: LateAnswer; keys: string[] }>();
  const settled: Settled = { found: [], refused: [] };
  for (const item of items) {
    const userId = toId(item.requesterId);
    if (userId === null) {
      const why = `Zendesk late answer: ticket ${item.caseId} has no requester to put it on`;
      settled.refused.push({ key: item.key, why });
      continue;
    }
    const other = latest.get(userId);
    if (other === undefined) latest.set(userId, { item, keys: [item.key] });
    else {
      other.keys.push(item.key);
      if (item.answeredAt >= other.item.answeredAt) other.item = item;
    }
  }
  if (latest.size === 0) return { outcomes: outcomesWithoutJob(api, settled) };
  const shown = await readShownAt(api, [...latest.keys()], keys.answeredAt);
  for (const [userId, { item, keys }] of latest) {
    const shownAt = shown.get(userId);
    if (shownAt === undefined || shownAt <= item.answeredAt) continue;
    latest.delete(userId);
    for (const key of keys) settled.found.push({ key, ticketId: userId });
  }
  if (latest.size === 0) return { outcomes: outcomesWithoutJob(api, settled, 'users') };
  const users = [...latest].map(([id, { item }]) => ({
    id,
    user_fields: {
      [keys.score]: item.score,
      [keys.rating]: item.rating,
      [keys.level]: item.level,
      [keys.comment]: item.comment === null ? null : boundText(item.comment),
      [keys.reasons]: item.reasons.length === 0 ? null : boundText(item.reasons.join(', ')),
      [keys.answeredAt]: item.answeredAt.toISOString(),
      [keys.link]: item.link,
    },
  }));
  const started = await api.call(JobStatus, (zendesk) =>
    zendesk.users.put(['users', 'update_many'], { users }),
  );
  const entries = [...latest].map(([ticketId, { keys }]) => ({ keys, ticketId }));
  return receiptFor(api, started, { action: 'update', of: 'users', entries, ...settled });
}

/**
 * When the answer that stands on each of these people was given. Nobody is in it whose field holds no instant. At most 100.
 * https://developer.zendesk.com/api-reference/ticketing/users/users/#show-many-users (2026-11-22)
 */
async function readShownAt(
  api: ZendeskApi,
  userIds: readonly number[],
  answeredAtKey: string,
): Promise<ReadonlyMap<number, Date>> {
  const { users } = await api.read('users/show_many.json', { ids: userIds.join(',') }, UserFieldsList);
  const shown = users.map(
    ({ id, user_fields }) => [id, new Date(String(user_fields?.[answeredAtKey]))] as const,
  );
  return new Map(shown.filter(([, at]) => !Number.isNaN(at.getTime())));
}
