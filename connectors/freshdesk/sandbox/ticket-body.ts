import { demandForClosure, readFieldValues } from './field-values.ts';
import { PRIORITY_LABELS, SOURCES, type Ticket } from './model.ts';
import { type BodyReader, readBody } from './params.ts';
import { conflict } from './refusal.ts';
import { readRequester } from './requester.ts';
import { type State, stamp } from './state.ts';
import type { NewTicket, TicketPatch } from './tickets.ts';

const LONGEST_SUBJECT = 255;
const LONGEST_TAG = 32;
const MOST_CHILDREN = 10;

/** Sources that the API may name; outbound e-mail has an address of its own. */
const API_SOURCES = Object.values(SOURCES).filter((source) => source !== SOURCES.outbound_email);

/** The ticket that the body of a POST asks for. Throws a 400 that names everything that is wrong with it. */
export function readNewTicket(state: State, body: unknown): NewTicket {
  const reader = readBody(body);
  const patch = readCommon(state, reader);
  const subject = reader.text('subject', { longest: LONGEST_SUBJECT, isRequired: true }) ?? '';
  const description = reader.text('description', { isRequired: true }) ?? '';
  const source = reader.integer('source');
  for (const key of ['status', 'priority', 'source'])
    if (!reader.has(key))
      reader.complain(key, 'It should not be blank as this is a mandatory field', 'missing_field');
  if (source !== undefined && !API_SOURCES.includes(source)) complainNotAmong(reader, 'source', API_SOURCES);
  const parentId = readParentId(state, reader);
  reader.texts('cc_emails');
  const requester = readRequester(state, reader);
  if (requester === null)
    reader.complain('requester_id', 'One of requester_id, email, phone is mandatory', 'missing_field');
  const status = patch.status ?? 0;
  demandForClosure(state, reader, null, { status, values: patch.fieldValues });
  reader.done();
  return {
    ...patch,
    subject,
    description,
    status,
    requesterId: requester?.() ?? 0,
    source: source ?? 0,
    parentId,
    isMadeByApi: true,
  };
}

/** The changes that the body of a PUT asks for. Throws a 400 that names everything that is wrong with them. */
export function readTicketChanges(state: State, ticket: Ticket, body: unknown): TicketPatch {
  const reader = readBody(body);
  const patch = readCommon(state, reader);
  const subject = reader.text('subject', { longest: LONGEST_SUBJECT });
  const description = reader.text('description');
  if (ticket.source === SOURCES.outbound_email)
    for (const key of ['subject', 'description'])
      if (reader.has(key))
        reader.complain(key, 'It cannot be changed on an outbound ticket', 'readonly_field');
  const source = reader.integer('source');
  if (source !== undefined && !API_SOURCES.includes(source)) complainNotAmong(reader, 'source', API_SOURCES);
  const requester = readRequester(state, reader);
  const status = patch.status ?? ticket.status;
  demandForClosure(state, reader, ticket, { status, values: patch.fieldValues });
  reader.done();
  return {
    ...patch,
    ...(subject === undefined ? {} : { subject }),
    ...(description === undefined ? {} : { description }),
    ...(requester === null ? {} : { requesterId: requester() }),
  };
}

function readCommon(state: State, reader: BodyReader): TicketPatch {
  const patch: TicketPatch = {};
  const status = reader.integer('status');
  if (status !== undefined && !state.statuses.has(status))
    complainNotAmong(reader, 'status', [...state.statuses.keys()]);
  if (status !== undefined) patch.status = status;
  const priority = reader.integer('priority');
  if (priority !== undefined && !(priority in PRIORITY_LABELS))
    complainNotAmong(reader, 'priority', Object.keys(PRIORITY_LABELS));
  if (priority !== undefined) patch.priority = priority;
  const type = reader.has('type') && reader.raw('type') === null ? null : reader.text('type');
  if (typeof type === 'string' && !state.ticketTypes.includes(type))
    complainNotAmong(reader, 'type', state.ticketTypes);
  if (type !== undefined) patch.type = type;
  for (const [key, name, records] of [
    ['responder_id', 'responderId', state.agents],
    ['group_id', 'groupId', state.groups],
    ['product_id', 'productId', state.products],
    ['company_id', 'companyId', state.companies],
  ] as const) {
    const id = reader.integerOrNull(key);
    if (typeof id === 'number' && !records.has(id)) {
      const what = key === 'responder_id' ? 'agent' : key.replace('_id', '');
      reader.complain(key, `There is no ${what} matching the given ${key}`);
    }
    if (id !== undefined) patch[name] = id;
  }
  const tags = reader.texts('tags');
  for (const tag of tags ?? [])
    if (tag.length > LONGEST_TAG || tag.includes(','))
      reader.complain('tags', `It should have maximum of ${LONGEST_TAG} characters and no comma`);
  if (tags !== undefined) patch.tags = [...new Set(tags.map((tag) => tag.trim()))];
  readDueDates(state, reader, patch);
  const values = readFieldValues(state, reader);
  if (values !== undefined) patch.fieldValues = values;
  return patch;
}

/** Both or neither, both still to come, the first response before the end. */
function readDueDates(state: State, reader: BodyReader, patch: TicketPatch): void {
  const dueBy = reader.instant('due_by');
  const first = reader.instant('fr_due_by');
  if (reader.has('due_by') !== reader.has('fr_due_by')) {
    const missing = reader.has('due_by') ? 'fr_due_by' : 'due_by';
    reader.complain(missing, 'due_by and fr_due_by should be set together', 'missing_field');
    return;
  }
  if (dueBy === undefined || first === undefined) return;
  const now = stamp(state);
  for (const [key, at] of [
    ['due_by', dueBy],
    ['fr_due_by', first],
  ] as const)
    if (at <= now) reader.complain(key, 'It should be greater than the current time');
  if (first > dueBy) reader.complain('fr_due_by', 'It should be lesser than due_by');
  patch.dueBy = dueBy;
  patch.firstResponseDueBy = first;
}

function readParentId(state: State, reader: BodyReader): number | null {
  const parentId = reader.integer('parent_id');
  if (parentId === undefined) return null;
  const parent = state.tickets.get(parentId);
  if (
    parent === undefined ||
    parent.isArchived ||
    parent.isDeleted ||
    parent.isSpam ||
    parent.parentId !== null
  ) {
    reader.complain('parent_id', 'There is no ticket matching the given parent_id');
    return null;
  }
  if (parent.childIds.length >= MOST_CHILDREN)
    throw conflict({
      field: 'parent_id',
      message: `A parent ticket can have at most ${MOST_CHILDREN} child tickets`,
      code: 'inconsistent_state',
    });
  return parentId;
}

function complainNotAmong(reader: BodyReader, field: string, allowed: readonly (string | number)[]): void {
  reader.complain(field, `It should be one of these values: '${allowed.join(',')}'`);
}
