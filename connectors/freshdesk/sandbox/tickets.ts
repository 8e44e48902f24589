import { DAY_MS } from '../../../src/clock.ts';
import {
  CLOSED,
  type Conversation,
  type FieldValue,
  PENDING,
  RESOLVED,
  type Ticket,
  type TicketStats,
} from './model.ts';
import { findPerson, type State, stamp, takeId } from './state.ts';

/** What is set on a ticket; keys that are left out stay as they are. */
export interface TicketPatch {
  subject?: string;
  description?: string;
  status?: number;
  priority?: number;
  type?: string | null;
  requesterId?: number;
  responderId?: number | null;
  groupId?: number | null;
  companyId?: number | null;
  productId?: number | null;
  dueBy?: Date;
  firstResponseDueBy?: Date;
  tags?: readonly string[];
  /** By name; other fields keep their values. */
  fieldValues?: ReadonlyMap<string, FieldValue>;
}

/** What a new ticket must say. */
export interface NewTicket extends TicketPatch {
  subject: string;
  description: string;
  status: number;
  requesterId: number;
  readonly source: number;
  readonly isMadeByApi: boolean;
  readonly parentId?: number | null;
}

/** True once work on it has ended: resolved or closed. Custom statuses are never that. */
export function isDone(status: number): boolean {
  return status === RESOLVED || status === CLOSED;
}

/** Spam and deleted tickets: out of every list, and not to be changed. */
export function isTrashed(ticket: Ticket): boolean {
  return ticket.isSpam || ticket.isDeleted;
}

/** Adds a ticket. Rules for updates hear nothing of it, and nobody is mailed here. */
export function createTicket(state: State, input: NewTicket): Ticket {
  const now = stamp(state);
  const { source, isMadeByApi, parentId = null, ...patch } = input;
  const ticket: Ticket = {
    id: state.nextTicketId,
    createdAt: now,
    source,
    isMadeByApi,
    parentId,
    childIds: [],
    description: input.description,
    subject: input.subject,
    status: input.status,
    priority: 1,
    type: null,
    requesterId: input.requesterId,
    responderId: null,
    groupId: null,
    companyId: null,
    productId: null,
    dueBy: new Date(now.getTime() + 3 * DAY_MS),
    firstResponseDueBy: new Date(now.getTime() + DAY_MS),
    tags: [],
    fieldValues: new Map(),
    isSpam: false,
    isDeleted: false,
    isArchived: false,
    updatedAt: now,
    stats: {
      agentRespondedAt: null,
      requesterRespondedAt: null,
      firstRespondedAt: null,
      statusUpdatedAt: now,
      reopenedAt: null,
      resolvedAt: isDone(input.status) ? now : null,
      closedAt: input.status === CLOSED ? now : null,
      pendingSince: input.status === PENDING ? now : null,
    },
    conversations: [],
  };
  assign(ticket, patch);
  state.nextTicketId += 1;
  state.tickets.set(ticket.id, ticket);
  state.order.add(ticket);
  if (parentId !== null) state.tickets.get(parentId)?.childIds.push(ticket.id);
  return ticket;
}

/** Changes a ticket; its `updatedAt` moves even when nothing else does. Rules hear of a new status. */
export function updateTicket(state: State, ticket: Ticket, patch: TicketPatch): void {
  const from = ticket.status;
  assign(ticket, patch);
  touch(state, ticket);
  if (ticket.status === from) return;
  moveStats(ticket.stats, from, ticket.status, ticket.updatedAt);
  for (const listen of state.statusChangeListeners) listen({ ticket, from, to: ticket.status });
}

/** Moves `updatedAt` to now. */
export function touch(state: State, ticket: Ticket): void {
  ticket.updatedAt = stamp(state);
  state.order.changed();
}

/** What a new reply or note is made of. */
export type NewConversation = Pick<Conversation, 'userId' | 'body' | 'incoming' | 'private' | 'kind'> & {
  readonly toEmails?: readonly string[];
};

/** Adds a reply or a note and moves the stats; nobody is mailed here. */
export function addConversation(state: State, ticket: Ticket, input: NewConversation): Conversation {
  touch(state, ticket);
  const at = ticket.updatedAt;
  const conversation: Conversation = { id: takeId(state), createdAt: at, toEmails: [], ...input };
  ticket.conversations.push(conversation);
  if (input.incoming) ticket.stats.requesterRespondedAt = at;
  else if (!input.private) {
    ticket.stats.agentRespondedAt = at;
    ticket.stats.firstRespondedAt ??= at;
  }
  return conversation;
}

/** Closes it if it is not closed, and takes it out of the lists for good. `updatedAt` stays, since an archive is idle. */
export function archiveTicket(state: State, ticket: Ticket): void {
  if (ticket.status !== CLOSED) updateTicket(state, ticket, { status: CLOSED });
  ticket.isArchived = true;
}

/** Notes a mail of the CRM's own to somebody; who has no address gets none. */
export function mailPerson(state: State, ticket: Ticket, userId: number): void {
  if (findPerson(state, userId)?.email == null) return;
  state.mails.push({ ticketId: ticket.id, userId });
}

function assign(ticket: Ticket, { fieldValues, ...patch }: TicketPatch): void {
  Object.assign(ticket, patch);
  for (const [name, value] of fieldValues ?? []) ticket.fieldValues.set(name, value);
}

/** Closing a resolved ticket keeps the instant of resolving; opening clears both. */
function moveStats(stats: TicketStats, from: number, to: number, at: Date): void {
  stats.statusUpdatedAt = at;
  stats.pendingSince = to === PENDING ? at : null;
  if (isDone(to)) {
    stats.resolvedAt ??= at;
    stats.closedAt = to === CLOSED ? at : null;
    return;
  }
  if (isDone(from)) stats.reopenedAt = at;
  stats.resolvedAt = null;
  stats.closedAt = null;
}
