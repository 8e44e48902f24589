import { auditOf, changesBetween } from './audits.ts';
import { checkRequiredOnSolve, followTags, setFieldValues } from './custom-fields.ts';
import { newMetrics, noteComment, noteStations, noteStatus } from './metrics.ts';
import type { Audit, Status, Ticket, User } from './model.ts';
import { normaliseTags } from './params.ts';
import { closedTicket, invalidValue, recordInvalid, recordNotFound, updateConflict } from './refusal.ts';
import {
  addUser,
  epochSeconds,
  findUserByEmail,
  isStaff,
  recordOf,
  type State,
  stamp,
  statusIdOf,
  takeId,
} from './state.ts';
import type { CommentPatch, TicketPatch } from './ticket-params.ts';

/** A ticket after a change, and what was written down about it. */
export interface Change {
  readonly ticket: Ticket;
  readonly audit: Audit;
}

/** The ticket with that id, unless it was deleted: what every endpoint but the export sees. */
export function findTicket(state: State, id: number): Ticket {
  const ticket = state.tickets.get(id);
  if (ticket === undefined || ticket.status === 'deleted') throw recordNotFound();
  return ticket;
}

/** Makes a ticket as `actor`. Throws a Refusal and changes nothing when an attribute cannot be. */
export function createTicket(state: State, actor: User, patch: TicketPatch, channel: string): Change {
  if (patch.comment === undefined || patch.comment.body.trim() === '') {
    throw recordInvalid({ base: [{ description: 'Description: cannot be blank', error: 'BlankValue' }] });
  }
  const requester = findRequester(state, patch) ?? actor;
  const source = patch.followUpOf === undefined ? undefined : state.tickets.get(patch.followUpOf);
  // Has no effect on a ticket that is not closed (Zendesk, "Creating a follow-up ticket", 2026-11-21).
  const followUpOf = source?.status === 'closed' ? source : undefined;
  const at = stamp(state);
  const draft: Ticket = {
    id: state.nextTicketId,
    createdAt: at,
    channel,
    followUpOf: followUpOf?.id ?? null,
    description: patch.comment.body,
    recipient: patch.recipient ?? null,
    submitterId: patch.submitterId ?? actor.id,
    updatedAt: at,
    generatedAt: at,
    externalId: null,
    type: null,
    subject: '',
    priority: null,
    status: 'new',
    customStatusId: statusIdOf(state, 'new'),
    requesterId: requester.id,
    assigneeId: null,
    groupId: null,
    organizationId: requester.organizationId,
    brandId: [...state.brands.keys()][0] ?? 0,
    problemId: null,
    dueAt: null,
    tags: patch.tags === undefined && followUpOf !== undefined ? [...followUpOf.tags] : [],
    fieldValues: new Map(),
    followupIds: [],
    comments: [],
    audits: [],
    metrics: newMetrics(takeId(state), at),
  };
  applyPatch(state, draft, { ...patch, requesterId: requester.id }, actor);
  state.nextTicketId += 1;
  followUpOf?.followupIds.push(draft.id);
  noteChange(state, null, draft, at);
  const audit = auditOf(state, draft, actor.id, at, changesBetween(state, null, draft));
  return store(state, null, draft, audit, actor);
}

/** Changes a ticket as `actor`, wholly or not at all. A patch that changes nothing leaves `updatedAt` alone. */
export function updateTicket(state: State, ticketId: number, actor: User, patch: TicketPatch): Change {
  const ticket = findTicket(state, ticketId);
  if (ticket.status === 'closed') throw closedTicket();
  if (patch.safeUpdate === true && !isCurrent(ticket, patch.updatedStamp ?? null)) throw updateConflict();
  const draft = structuredClone(ticket);
  applyPatch(state, draft, patch, actor);
  return commit(state, ticket, draft, actor);
}

/** What no API caller can do: the CRM itself closes a solved ticket for good, or somebody deletes one. */
export function forceStatus(
  state: State,
  ticketId: number,
  actor: User,
  status: 'closed' | 'deleted',
): Change {
  const ticket = findTicket(state, ticketId);
  return commit(state, ticket, { ...structuredClone(ticket), status }, actor);
}

function commit(state: State, ticket: Ticket, draft: Ticket, actor: User): Change {
  const events = changesBetween(state, ticket, draft);
  const at = stamp(state);
  if (events.length === 0)
    return { ticket, audit: auditOf(state, structuredClone(ticket), actor.id, at, []) };
  draft.updatedAt = at;
  draft.generatedAt = at;
  noteChange(state, ticket, draft, at);
  return store(state, ticket, draft, auditOf(state, draft, actor.id, at, events), actor);
}

function store(state: State, before: Ticket | null, draft: Ticket, audit: Audit, actor: User): Change {
  state.tickets.set(draft.id, draft);
  const requester = recordOf(state.users, draft.requesterId);
  for (const comment of draft.comments.slice(before?.comments.length ?? 0)) {
    const author = state.users.get(comment.authorId);
    const isReachable = requester.email !== null && !isStaff(requester);
    if (comment.public && isReachable && isStaff(author)) {
      state.mails.push({ ticketId: draft.id, userId: requester.id });
    }
  }
  if (before !== null && before.status !== draft.status) {
    const change = { ticket: draft, previous: before.status, actorId: actor.id, at: draft.generatedAt };
    for (const listener of state.statusChangeListeners) listener(change);
  }
  return { ticket: draft, audit };
}

function noteChange(state: State, before: Ticket | null, draft: Ticket, at: Date): void {
  noteStations(draft.metrics, before, draft, at);
  for (const comment of draft.comments.slice(before?.comments.length ?? 0)) {
    noteComment(draft, comment, isStaff(state.users.get(comment.authorId)), at);
  }
  if (before === null || before.status !== draft.status) noteStatus(draft, before?.status ?? null, at);
}

/** Brings the draft to what the patch asks for, or throws a Refusal. */
function applyPatch(state: State, draft: Ticket, patch: TicketPatch, actor: User): void {
  checkReferences(state, patch);
  if (patch.priority === null && draft.priority !== null) {
    throw invalidValue('priority', 'Priority: cannot be reset');
  }
  draft.subject = patch.subject ?? draft.subject;
  draft.requesterId = patch.requesterId ?? draft.requesterId;
  draft.brandId = patch.brandId ?? draft.brandId;
  if (patch.assigneeId !== undefined) draft.assigneeId = patch.assigneeId;
  if (patch.groupId !== undefined) draft.groupId = patch.groupId;
  if (patch.organizationId !== undefined) draft.organizationId = patch.organizationId;
  if (patch.type !== undefined) draft.type = patch.type;
  if (patch.priority !== undefined) draft.priority = patch.priority;
  if (patch.externalId !== undefined) draft.externalId = patch.externalId;
  if (patch.problemId !== undefined) draft.problemId = patch.problemId;
  if (patch.dueAt !== undefined) draft.dueAt = patch.dueAt;
  if (draft.type !== 'task') draft.dueAt = null;
  applyTags(state, draft, patch);
  if (patch.customFields !== undefined) setFieldValues(state, draft, patch.customFields);
  if (patch.comment !== undefined && patch.comment.body.trim() !== '')
    addComment(state, draft, patch.comment, actor);
  applyStatus(state, draft, patch, actor);
}

function applyTags(state: State, draft: Ticket, patch: TicketPatch): void {
  if (patch.tags === undefined && patch.additionalTags === undefined && patch.removeTags === undefined)
    return;
  const kept = (patch.tags ?? draft.tags).filter((tag) => !(patch.removeTags ?? []).includes(tag));
  draft.tags = normaliseTags([...kept, ...(patch.additionalTags ?? [])]);
  followTags(state, draft);
}

function applyStatus(state: State, draft: Ticket, patch: TicketPatch, actor: User): void {
  const before = draft.status;
  const wanted = wantedStatus(state, draft, patch);
  draft.status = wanted.status;
  draft.customStatusId = wanted.customStatusId;
  if (before !== 'new' && draft.status === 'new') {
    throw invalidValue('status', 'Status: cannot be changed back to new');
  }
  if (draft.status === 'solved' && before !== 'solved') {
    draft.assigneeId ??= isStaff(actor) ? actor.id : null;
    checkRequiredOnSolve(state, draft);
  }
}

function wantedStatus(
  state: State,
  draft: Ticket,
  patch: TicketPatch,
): { status: Status; customStatusId: number } {
  if (patch.customStatusId !== undefined) {
    const custom = state.customStatuses.get(patch.customStatusId);
    if (custom === undefined) throw invalidValue('custom_status_id', 'Custom status: is invalid');
    return { status: custom.category, customStatusId: custom.id };
  }
  const isPickedUp = draft.status === 'new' && draft.assigneeId !== null;
  const status = patch.status ?? (isPickedUp ? 'open' : draft.status);
  if (status === draft.status) return { status, customStatusId: draft.customStatusId };
  return { status, customStatusId: statusIdOf(state, status) };
}

function addComment(state: State, draft: Ticket, comment: CommentPatch, actor: User): void {
  const authorId = comment.authorId ?? actor.id;
  if (!state.users.has(authorId)) throw invalidValue('author_id', 'Author: is invalid');
  draft.comments.push({
    id: takeId(state),
    authorId,
    body: comment.body,
    public: comment.public,
    channel: 'api',
    createdAt: stamp(state),
  });
}

function checkReferences(state: State, patch: TicketPatch): void {
  if (typeof patch.assigneeId === 'number' && !isStaff(state.users.get(patch.assigneeId))) {
    throw invalidValue('assignee', 'Assignee: is invalid');
  }
  if (typeof patch.groupId === 'number' && !state.groups.has(patch.groupId)) {
    throw invalidValue('group', 'Group: is invalid');
  }
  if (patch.requesterId !== undefined && !state.users.has(patch.requesterId)) {
    throw invalidValue('requester', 'Requester: is invalid');
  }
  if (patch.brandId !== undefined && !state.brands.has(patch.brandId)) {
    throw invalidValue('brand', 'Brand: is invalid');
  }
  if (typeof patch.organizationId === 'number' && !state.organizations.has(patch.organizationId)) {
    throw invalidValue('organization', 'Organization: is invalid');
  }
  if (typeof patch.problemId === 'number' && state.tickets.get(patch.problemId)?.type !== 'problem') {
    throw invalidValue('problem_id', 'Problem: is invalid');
  }
}

function findRequester(state: State, patch: TicketPatch): User | undefined {
  if (patch.requesterId !== undefined) return state.users.get(patch.requesterId);
  if (patch.requester === undefined) return undefined;
  const { email, name } = patch.requester;
  return findUserByEmail(state, email) ?? addUser(state, { name: name ?? email, email, role: 'end-user' });
}

/** Zendesk compares to the second. */
function isCurrent(ticket: Ticket, updatedStamp: Date | null): boolean {
  return updatedStamp !== null && epochSeconds(updatedStamp) >= epochSeconds(ticket.updatedAt);
}
