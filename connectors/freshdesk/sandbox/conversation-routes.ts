import type { ApiRoute } from './api.ts';
import type { Ticket } from './model.ts';
import { PAGE_PARAMS, pageReply } from './paging.ts';
import { allowOnly, type BodyReader, readBody } from './params.ts';
import { presentConversation } from './presenters.ts';
import { notFound } from './refusal.ts';
import { findPerson, findPersonByEmail, type State } from './state.ts';
import { changeableTicket, livingTicket } from './ticket-routes.ts';
import { addConversation, mailPerson } from './tickets.ts';

/** Notes, replies and their list. */
export function conversationRoutes(state: State): readonly ApiRoute[] {
  return [
    {
      method: 'POST',
      path: '/tickets/:id/notes',
      handle({ id, query, body, agent }) {
        allowOnly(query, []);
        const ticket = changeableTicket(state, id);
        const reader = readBody(body);
        const text = reader.text('body', { isRequired: true }) ?? '';
        const isPrivate = reader.boolean('private') ?? true;
        const incoming = reader.boolean('incoming') ?? false;
        const notified = reader.texts('notify_emails') ?? [];
        const userId = readAuthor(state, reader) ?? agent.id;
        reader.done();
        const note = addConversation(state, ticket, {
          ...{ userId, body: text, incoming, private: isPrivate, kind: 'note' },
          toEmails: notified,
        });
        // Whoever is named is mailed; a public note reaches the requester by itself, unless they wrote it.
        if (!isPrivate && userId !== ticket.requesterId) mailPerson(state, ticket, ticket.requesterId);
        for (const address of notified) mailAddress(state, ticket, address);
        return { status: 201, body: presentConversation(ticket, note) };
      },
    },
    {
      method: 'POST',
      path: '/tickets/:id/reply',
      handle({ id, query, body, agent }) {
        allowOnly(query, []);
        const ticket = changeableTicket(state, id);
        const reader = readBody(body);
        const text = reader.text('body', { isRequired: true }) ?? '';
        const copies = [...(reader.texts('cc_emails') ?? []), ...(reader.texts('bcc_emails') ?? [])];
        reader.text('from_email');
        const userId = readAuthor(state, reader) ?? agent.id;
        reader.done();
        const to = findPerson(state, ticket.requesterId)?.email ?? null;
        const reply = addConversation(state, ticket, {
          ...{ userId, body: text, incoming: false, private: false, kind: 'reply' },
          toEmails: to === null ? [] : [to],
        });
        mailPerson(state, ticket, ticket.requesterId);
        for (const address of copies) mailAddress(state, ticket, address);
        return { status: 201, body: presentConversation(ticket, reply) };
      },
    },
    {
      method: 'GET',
      path: '/tickets/:id/conversations',
      handle(call) {
        allowOnly(call.query, PAGE_PARAMS);
        const ticket = livingTicket(state, call.id);
        return pageReply(call, ticket.conversations, (one) => presentConversation(ticket, one));
      },
    },
    {
      method: 'GET',
      path: '/tickets/archived/:id/conversations',
      handle(call) {
        allowOnly(call.query, PAGE_PARAMS);
        const ticket = state.tickets.get(call.id);
        if (ticket === undefined || !ticket.isArchived) throw notFound();
        return pageReply(call, ticket.conversations, (one) => presentConversation(ticket, one));
      },
    },
  ];
}

function readAuthor(state: State, reader: BodyReader): number | undefined {
  const userId = reader.integer('user_id');
  if (userId !== undefined && findPerson(state, userId) === undefined)
    reader.complain('user_id', 'There is no contact matching the given user_id');
  return userId;
}

function mailAddress(state: State, ticket: Ticket, address: string): void {
  const person = findPersonByEmail(state, address);
  if (person !== undefined) mailPerson(state, ticket, person.id);
}
