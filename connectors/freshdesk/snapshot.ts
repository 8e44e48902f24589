import type { CaseFlags, CaseSnapshot, CaseState, Named, Requester } from '../../src/domain/case.ts';
import { readTimeZone } from '../../src/domain/time-zone.ts';
import type { ContactFacts } from './contacts.ts';
import type { Names } from './names.ts';
import type { Ticket } from './schema.ts';
import type { TicketFacts } from './ticket-fields.ts';

/** Resolved and Closed, the same numbers in every account (2026-11-22). */
export const OPEN_STATUS = 2;
const RESOLVED_STATUS = 4;
export const CLOSED_STATUS = 5;

/** A mail that an agent began; its ticket is made closed already (2026-11-22). */
const OUTBOUND_SOURCE = 10;
const BOT_SOURCE = 12;

/** What a ticket only refers to, and what the configuration says. */
export interface Surroundings {
  readonly baseUrl: string;
  readonly names: Names;
  readonly facts: TicketFacts;
  /** Agent labels of custom statuses that count as closed. */
  readonly closedStatuses: readonly string[];
  /** What contacts say about themselves, of those that were asked for. */
  readonly contacts: ReadonlyMap<number, ContactFacts>;
  /** Tickets that a note says were merged into another. */
  readonly merged: ReadonlySet<number>;
  /** Who answered last in public, by ticket, of those that were looked at. */
  readonly repliers: ReadonlyMap<number, Named>;
}

/** Where an agent opens a ticket. */
export function agentUrl(baseUrl: string, ticketId: number | string): string {
  return `${baseUrl}/a/tickets/${ticketId}`;
}

/** A ticket as Caseloop sees it. Pure. */
export function toSnapshot(ticket: Ticket, around: Surroundings): CaseSnapshot {
  const state = stateOf(ticket, around);
  const { agents, groups, products } = around.names;
  const { stats } = ticket;
  return {
    caseId: String(ticket.id),
    number: String(ticket.id),
    url: agentUrl(around.baseUrl, ticket.id),
    subject: ticket.subject ?? null,
    state,
    changedAt: ticket.updated_at,
    openedAt: ticket.created_at,
    closedAt: wholeSecond(closingOf(ticket, around)),
    requester: toRequester(ticket, around),
    assignee: named(ticket.responder_id, (id) => agents.get(id)?.contact?.name),
    team: named(ticket.group_id, (id) => groups.get(id)),
    channel: channelOf(ticket.source),
    brand: ticket.product_id == null ? null : (products.get(ticket.product_id) ?? null),
    // The company's name costs a call for each company, and a ticket has neither a tier nor a language of its own.
    organisation: null,
    tier: null,
    language: null,
    tags: ticket.tags ?? [],
    kind: ticket.type ?? null,
    priority: PRIORITIES[ticket.priority ?? 0] ?? null,
    firstRepliedAt: stats?.first_responded_at ?? null,
    reopens: stats != null && stats.reopened_at == null ? 0 : null,
    flags: flagsOf(ticket, around),
    // Comes with the stats, so it costs no call here.
    publicReply:
      stats == null ? null : (stats.agent_responded_at ?? stats.first_responded_at ?? null) !== null,
    lastReplier: around.repliers.get(ticket.id) ?? null,
  };
}

/** Whether a survey could go out for it, as far as the ticket itself tells: only then is more worth a call. */
export function isAskable(ticket: Ticket, around: Pick<Surroundings, 'facts' | 'closedStatuses'>): boolean {
  if (ticket.spam === true || ticket.source === OUTBOUND_SOURCE || !ticket.requester?.email) return false;
  return stateOf(ticket, around) === 'closed' && !isOurs(ticket, around.facts.reference);
}

/**
 * Closed from the status alone: `updated_at` moves for many reasons. A custom status counts as open unless the configuration
 * names its label; so does one that the account's own field does not list: the worst that follows is a survey not sent.
 */
function stateOf(
  { status, deleted, archived }: Ticket,
  { facts, closedStatuses }: Pick<Surroundings, 'facts' | 'closedStatuses'>,
): CaseState {
  if (deleted === true) return 'deleted';
  // Only closed tickets are archived, and nothing can be written on them any more.
  if (archived === true) return 'locked';
  if (status === RESOLVED_STATUS || status === CLOSED_STATUS) return 'closed';
  const label = facts.statuses.get(status)?.toLowerCase();
  return closedStatuses.some((one) => one.toLowerCase() === label) ? 'closed' : 'open';
}

/** When the ticket was closed; null while it is not. */
export function closingOf(
  ticket: Ticket,
  around: Pick<Surroundings, 'facts' | 'closedStatuses'>,
): Date | null {
  const state = stateOf(ticket, around);
  return state === 'closed' || state === 'locked' ? closedAt(ticket) : null;
}

/** Resolved first, later closed is one closing: the first instant stands. A custom status has no instant but its own. */
function closedAt({ status, stats }: Ticket): Date | null {
  const resolvedAt = stats?.resolved_at ?? stats?.closed_at ?? null;
  const isCustom = status !== RESOLVED_STATUS && status !== CLOSED_STATUS;
  return isCustom ? (stats?.status_updated_at ?? resolvedAt) : resolvedAt;
}

function toRequester(ticket: Ticket, { names, contacts }: Surroundings): Requester {
  const id = ticket.requester_id ?? ticket.requester?.id ?? null;
  const contact = id === null ? undefined : contacts.get(id);
  const agent = id === null ? undefined : names.agents.get(id);
  return {
    id: id === null ? null : String(id),
    name: ticket.requester?.name ?? null,
    // Freshdesk leaves it empty for people who called or wrote from a social network.
    email: ticket.requester?.email || null,
    locale: contact?.language ?? agent?.contact?.language ?? null,
    timeZone: readTimeZone(contact?.timeZone),
    isStaff: agent !== undefined,
  };
}

function flagsOf(ticket: Ticket, { facts, merged }: Surroundings): CaseFlags {
  return {
    merged: merged.has(ticket.id) || hasMergedTag(ticket),
    spam: ticket.spam === true,
    outbound: ticket.source === OUTBOUND_SOURCE,
    botHandled: ticket.source === BOT_SOURCE,
    ours: isOurs(ticket, facts.reference),
  };
}

/** A ticket that we made carries its key in our own field. */
export function isOurs({ custom_fields: fields }: Ticket, reference: string | null): boolean {
  const key = reference === null ? null : fields?.[reference];
  return typeof key === 'string' && key !== '';
}

/** For accounts whose notes say it in other words: an agent or a rule can tag such a ticket. */
function hasMergedTag({ tags }: Ticket): boolean {
  return (tags ?? []).some((tag) => tag.toLowerCase() === 'merged');
}

const PRIORITIES: Readonly<Record<number, string>> = { 1: 'low', 2: 'medium', 3: 'high', 4: 'urgent' };

/** Numbers of `source` as one word each (2026-11-22); an account's own sources keep their number. */
const CHANNELS: Readonly<Record<number, string>> = {
  1: 'email',
  2: 'web',
  3: 'voice',
  4: 'forum',
  5: 'twitter',
  6: 'facebook',
  7: 'chat',
  8: 'mobile',
  9: 'widget',
  10: 'email',
  11: 'ecommerce',
  12: 'bot',
  13: 'whatsapp',
};

function channelOf(source: number | null | undefined): string | null {
  return source == null ? null : (CHANNELS[source] ?? `source ${source}`);
}

function wholeSecond(instant: Date | null): Date | null {
  return instant === null ? null : new Date(Math.floor(instant.getTime() / 1_000) * 1_000);
}

function named(
  id: number | null | undefined,
  nameOf: (id: number) => string | null | undefined,
): Named | null {
  return id == null ? null : { id: String(id), name: nameOf(id) ?? null };
}
