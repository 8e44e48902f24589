import type { CaseFlags, CaseSnapshot, CaseState, Named, Requester } from '../../src/domain/case.ts';
import { readTimeZone } from '../../src/domain/time-zone.ts';
import type { Names } from './brands.ts';
import type { MetricSet, Ticket, User } from './schema.ts';

/** On every ticket that Caseloop creates. */
export const FOLLOW_UP_TAG = 'csat_followup';

/** Zendesk puts it on a ticket that was merged into another. */
const MERGED_TAG = 'closed_by_merge';

/** What tickets only refer to by id. */
export interface Surroundings {
  readonly baseUrl: string;
  readonly users: ReadonlyMap<number, User>;
  readonly groups: Names;
  readonly brands: Names;
  readonly organizations: Names;
  readonly metrics: ReadonlyMap<number, MetricSet>;
  /** Who answered last in public, by ticket, of those that were looked at. */
  readonly repliers: ReadonlyMap<number, Named>;
}

/** Where an agent opens a ticket. */
export function agentUrl(baseUrl: string, ticketId: number | string): string {
  return `${baseUrl}/agent/tickets/${ticketId}`;
}

/** A ticket as Caseloop sees it. Pure. */
export function toSnapshot(ticket: Ticket, around: Surroundings): CaseSnapshot {
  const metric = around.metrics.get(ticket.id) ?? null;
  const state = stateOf(ticket.status);
  const requester = ticket.requester_id == null ? null : (around.users.get(ticket.requester_id) ?? null);
  return {
    caseId: String(ticket.id),
    number: String(ticket.id),
    url: agentUrl(around.baseUrl, ticket.id),
    subject: ticket.subject ?? null,
    state,
    changedAt: ticket.updated_at,
    openedAt: ticket.created_at,
    closedAt: state === 'closed' || state === 'locked' ? wholeSecond(metric?.solved_at) : null,
    requester: toRequester(ticket.requester_id, requester),
    assignee: named(ticket.assignee_id, (id) => around.users.get(id)?.name),
    team: named(ticket.group_id, (id) => around.groups.get(id)),
    channel: channelOf(ticket),
    brand: nameIn(around.brands, ticket.brand_id),
    organisation: nameIn(around.organizations, ticket.organization_id),
    // Zendesk keeps neither a tier nor a language of its own on the ticket; tags are what accounts use.
    tier: null,
    language: null,
    tags: ticket.tags ?? [],
    kind: ticket.type ?? null,
    priority: ticket.priority ?? null,
    firstRepliedAt: firstReply(ticket, metric),
    reopens: metric?.reopens ?? null,
    flags: flagsOf(ticket, requester, around.users),
    // `replies` counts public replies by agents, so this costs no call here.
    publicReply: metric?.replies == null ? null : metric.replies > 0,
    lastReplier: around.repliers.get(ticket.id) ?? null,
  };
}

/**
 * `solved` can still be written, `closed` never again (https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/,
 * 2026-11-21). A status we do not know counts as open: the worst that follows is a survey that is not sent.
 */
function stateOf(status: string): CaseState {
  switch (status.toLowerCase()) {
    case 'solved':
      return 'closed';
    case 'closed':
    case 'archived':
      return 'locked';
    case 'deleted':
    case 'scrubbed':
      return 'deleted';
    default:
      return 'open';
  }
}

function toRequester(id: number | null | undefined, user: User | null): Requester {
  return {
    id: id == null ? null : String(id),
    name: user?.name ?? null,
    email: user?.email ?? null,
    locale: user?.locale ?? null,
    timeZone: readTimeZone(user?.time_zone),
    isStaff: isStaff(user),
  };
}

export function isStaff(user: User | null | undefined): boolean {
  return user?.role === 'agent' || user?.role === 'admin';
}

/** Channel names of `via`, some old and some new, as one word each. The rest are kept as Zendesk has them. */
const CHANNELS: Readonly<Record<string, string>> = {
  mail: 'email',
  web_form: 'web',
  web_service: 'api',
  mobile_sdk: 'mobile',
  native_messaging: 'messaging',
  phone_call_inbound: 'voice',
  phone_call_outbound: 'voice',
  voicemail: 'voice',
  phone: 'voice',
};

function channelOf(ticket: Ticket): string | null {
  const channel = ticket.via?.channel;
  if (channel === null || channel === undefined) return null;
  const name = String(channel).toLowerCase();
  return CHANNELS[name] ?? name;
}

function flagsOf(ticket: Ticket, requester: User | null, users: ReadonlyMap<number, User>): CaseFlags {
  const tags = ticket.tags ?? [];
  return {
    merged: tags.includes(MERGED_TAG),
    // "Mark as spam" suspends the requester.
    spam: requester?.suspended === true,
    outbound: isOutbound(ticket, requester, users),
    botHandled: isBotHandled(ticket),
    ours: tags.includes(FOLLOW_UP_TAG),
  };
}

/** Unconfirmed (2026-11-21): an outbound call, or a ticket that staff opened on a customer's behalf in the agents' screens. */
function isOutbound(ticket: Ticket, requester: User | null, users: ReadonlyMap<number, User>): boolean {
  const via = ticket.via;
  if (via?.source?.rel === 'outbound' || via?.channel === 'phone_call_outbound') return true;
  if (via?.channel !== 'web' || ticket.submitter_id == null || ticket.submitter_id === ticket.requester_id)
    return false;
  return isStaff(users.get(ticket.submitter_id)) && !isStaff(requester);
}

/** Unconfirmed (2026-11-21): Zendesk marks its bots by channel names and tags that begin like this. */
function isBotHandled(ticket: Ticket): boolean {
  const marks = [String(ticket.via?.channel ?? ''), ...(ticket.tags ?? [])];
  return marks.some((mark) => mark.startsWith('answer_bot'));
}

function firstReply(ticket: Ticket, metric: MetricSet | null): Date | null {
  const minutes = metric?.reply_time_in_minutes?.calendar;
  return minutes == null ? null : new Date(ticket.created_at.getTime() + minutes * 60_000);
}

function wholeSecond(instant: Date | null | undefined): Date | null {
  return instant == null ? null : new Date(Math.floor(instant.getTime() / 1_000) * 1_000);
}

function named(
  id: number | null | undefined,
  nameOf: (id: number) => string | null | undefined,
): Named | null {
  return id == null ? null : { id: String(id), name: nameOf(id) ?? null };
}

function nameIn(names: Names, id: number | null | undefined): string | null {
  return id == null ? null : (names.get(id) ?? null);
}
