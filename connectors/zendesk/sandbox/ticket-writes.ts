import { HOUR_MS } from '../../../src/clock.ts';
import type { ApiCall, ApiReply, ApiRoute } from './api.ts';
import type { JobItem, Jobs } from './jobs.ts';
import type { User } from './model.ts';
import {
  isObject,
  type JsonObject,
  readArray,
  readBoolean,
  readDateOrNull,
  readId,
  readIdList,
  readObject,
  readTags,
} from './params.ts';
import { presentAudit, presentTicket } from './presenters.ts';
import { invalidAttribute, Refusal, tooManyValues } from './refusal.ts';
import { recordOf, type State } from './state.ts';
import { readTicketPatch, type TicketPatch, warnAbout } from './ticket-params.ts';
import { type Change, createTicket, findTicket, forceStatus, updateTicket } from './tickets.ts';

const BATCH = 100;
const IDEMPOTENCY_MS = 2 * HOUR_MS;
const IDEMPOTENCY_KEY_LENGTH = 255;

/** The endpoints that change tickets, one by one and in batches. */
export function ticketWriteRoutes(state: State, jobs: Jobs): readonly ApiRoute[] {
  const resource = 'tickets';
  const createOnce = idempotentCreation(state);
  return [
    { method: 'post', path: '/tickets', resource, handle: (call) => createOnce(call) },
    {
      method: 'post',
      path: '/tickets/create_many',
      resource,
      handle: (call) => createMany(state, jobs, call),
    },
    {
      method: 'put',
      path: '/tickets/update_many',
      resource,
      handle: (call) => updateMany(state, jobs, call),
    },
    {
      method: 'put',
      path: '/tickets/:id',
      resource,
      handle: (call) => {
        const id = readId('id', call.params.id);
        findTicket(state, id);
        const { patch, unpermitted } = readTicketPatch('update', readObject(call.body, 'ticket'));
        const change = updateTicket(state, id, call.user, patch);
        return { body: presentChange(state, call.url, change), headers: warnAbout('update', unpermitted) };
      },
    },
    {
      method: 'delete',
      path: '/tickets/:id',
      resource,
      handle: ({ params, user }) => {
        forceStatus(state, readId('id', params.id), user, 'deleted');
        return { status: 204 };
      },
    },
    { method: 'put', path: '/tickets/:id/tags', resource, handle: (call) => writeTags(state, call, 'add') },
    {
      method: 'post',
      path: '/tickets/:id/tags',
      resource,
      handle: (call) => writeTags(state, call, 'replace'),
    },
    {
      method: 'delete',
      path: '/tickets/:id/tags',
      resource,
      handle: (call) => writeTags(state, call, 'remove'),
    },
  ];
}

/** `POST /tickets` with its `Idempotency-Key`: a repeated key gives the first answer again. */
function idempotentCreation(state: State): (call: ApiCall) => ApiReply {
  const seen = new Map<
    string,
    { readonly request: string; readonly reply: ApiReply; readonly atMs: number }
  >();
  return (call) => {
    const key = call.header('idempotency-key');
    if (key !== undefined && (key === '' || key.length > IDEMPOTENCY_KEY_LENGTH)) {
      throw new Refusal(400, {
        error: 'IdempotentRequestError',
        description: 'The Idempotency-Key is not valid',
      });
    }
    const request = JSON.stringify(call.body);
    const now = state.clock.now().getTime();
    const first = key === undefined ? undefined : seen.get(key);
    if (first !== undefined && now - first.atMs < IDEMPOTENCY_MS) {
      if (first.request !== request) {
        const description = 'The Idempotency-Key was used before with other parameters';
        throw new Refusal(400, { error: 'IdempotentRequestError', description });
      }
      return { ...first.reply, headers: { ...first.reply.headers, 'x-idempotency-lookup': 'hit' } };
    }
    const { patch, unpermitted } = readTicketPatch('create', readObject(call.body, 'ticket'));
    const change = createTicket(state, call.user, patch, 'api');
    const reply: ApiReply = {
      status: 201,
      body: presentChange(state, call.url, change),
      headers: {
        ...warnAbout('create', unpermitted),
        Location: `${call.url}/api/v2/tickets/${change.ticket.id}.json`,
      },
    };
    if (key === undefined) return reply;
    seen.set(key, { request, reply, atMs: now });
    return { ...reply, headers: { ...reply.headers, 'x-idempotency-lookup': 'miss' } };
  };
}

function createMany(state: State, jobs: Jobs, { body, url, user }: ApiCall): ApiReply {
  const wanted = readBatch(body).map((attributes) => readTicketPatch('create', attributes));
  const items = wanted.map(
    ({ patch }, index): JobItem => ({
      run: () => {
        const { ticket } = createTicket(state, recordOf(state.users, user.id), patch, 'api');
        return { index, id: ticket.id, account_id: state.accountId };
      },
      failure: { index, action: 'create' },
    }),
  );
  const unpermitted = wanted.flatMap((one) => one.unpermitted);
  const reply = jobs.start(url, items);
  return { ...reply, headers: { ...reply.headers, ...warnAbout('create_many', unpermitted) } };
}

/** Either `{"tickets":[{"id":1,...}]}` with values of their own, or `?ids=1,2` with one `ticket` for all. */
function updateMany(state: State, jobs: Jobs, { body, query, url, user }: ApiCall): ApiReply {
  const wanted = query.has('ids') ? readSameForAll(body, query) : readEachItsOwn(body);
  const items = wanted.map(({ id, patch }, index) => updateItem(state, user, index, id, patch));
  const reply = jobs.start(url, items);
  const warning = warnAbout(
    'update_many',
    wanted.flatMap((one) => one.unpermitted),
  );
  return { ...reply, headers: { ...reply.headers, ...warning } };
}

interface WantedUpdate {
  readonly id: number;
  readonly patch: TicketPatch;
  readonly unpermitted: readonly string[];
}

function readSameForAll(body: unknown, query: URLSearchParams): WantedUpdate[] {
  const ids = readIdList('ids', query.get('ids'));
  if (ids.length > BATCH) throw tooManyValues('ids', BATCH);
  const read = readTicketPatch('update many', readObject(body, 'ticket'));
  return ids.map((id) => ({ id, ...read }));
}

function readEachItsOwn(body: unknown): WantedUpdate[] {
  return readBatch(body).map((attributes) => ({
    id: readId('id', attributes.id),
    ...readTicketPatch('update many', attributes),
  }));
}

function updateItem(state: State, user: User, index: number, id: number, patch: TicketPatch): JobItem {
  return {
    run: () => {
      updateTicket(state, id, recordOf(state.users, user.id), patch);
      return { action: 'update', status: 'Updated', success: true, id };
    },
    failure: { index, id, action: 'update' },
  };
}

function readBatch(body: unknown): readonly JsonObject[] {
  const tickets = readArray('tickets', isObject(body) ? body.tickets : undefined);
  // The vendor's own message has no parameter name here, and two blanks.
  if (tickets.length > BATCH) throw tooManyValues('', BATCH);
  return tickets.map((attributes) => {
    if (!isObject(attributes)) throw invalidAttribute('tickets', 'an array of objects');
    return attributes;
  });
}

function writeTags(state: State, call: ApiCall, how: 'add' | 'replace' | 'remove'): ApiReply {
  const id = readId('id', call.params.id);
  const body = isObject(call.body) ? call.body : {};
  const tags = readTags('tags', body.tags);
  const patch: TicketPatch =
    how === 'replace' ? { tags } : how === 'add' ? { additionalTags: tags } : { removeTags: tags };
  if (body.safe_update !== undefined) {
    readBoolean('safe_update', body.safe_update);
    patch.safeUpdate = true;
    patch.updatedStamp = readDateOrNull('updated_stamp', body.updated_stamp ?? null);
  }
  const { ticket } = updateTicket(state, id, call.user, patch);
  return { status: how === 'replace' ? 201 : 200, body: { tags: ticket.tags } };
}

function presentChange(state: State, url: string, { ticket, audit }: Change): Record<string, unknown> {
  return { ticket: presentTicket(state, url, ticket), audit: presentAudit(audit) };
}
