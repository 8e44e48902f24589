import { FIELD_TITLES, type FieldName } from '../../../src/domain/fields.ts';
import type { SandboxCase, SandboxCaseInput, SandboxFollowUp } from '../../../src/sandbox.ts';
import { type Agent, CLOSED, type NamedRecord, OPEN, RESOLVED, SOURCES, type Ticket } from './model.ts';
import { asHtml, plainText } from './plain-text.ts';
import {
  addAgent,
  addContact,
  addNamed,
  findPersonByEmail,
  instant,
  recordOf,
  type State,
  takeId,
} from './state.ts';
import {
  addConversation,
  archiveTicket,
  createTicket,
  isDone,
  mailPerson,
  type TicketPatch,
  touch,
  updateTicket,
} from './tickets.ts';

/** What people do in the agent's screens and in their mail. Unknown case ids throw; the sandbox is used wrongly then. */
export interface Cases {
  open(input: SandboxCaseInput): string;
  close(caseId: string, options?: CloseOptions): void;
  reopen(caseId: string): void;
  setStatus(caseId: string, agentLabel: string): void;
  archive(caseId: string): void;
  reply(caseId: string, reply: CaseReply): void;
  merge(caseId: string, intoCaseId: string): void;
  remove(caseId: string): void;
  markSpam(caseId: string): void;
  openClosed(count: number, input: SandboxCaseInput): readonly string[];
  touch(which: number | readonly string[]): readonly string[];
  read(caseId: string): SandboxCase;
  followUpsOf(caseId: string): SandboxFollowUp[];
}

/** How an agent ends a case: resolved, which the account closes later, or closed at once. Default resolved. */
export interface CloseOptions {
  readonly as?: 'resolved' | 'closed';
  /** A public reply that goes with it; null: none. Default: one when there is none yet. */
  readonly comment?: string | null;
}

/** Something said on a case; a note of an agent's when it is not public. */
export interface CaseReply {
  readonly by: 'agent' | 'customer';
  /** Which of the agents, in place of who has the case. */
  readonly name?: string | undefined;
  readonly body: string;
  readonly public?: boolean;
}

/** What an agent writes who has not answered before. */
const CLOSING_WORDS = 'This is done. Write again if there is more.';

/** The actions over one account; `urlOf` gives the page of a case. */
export function createCases(state: State, urlOf: (caseId: string) => string): Cases {
  const ticketOf = (caseId: string): Ticket => recordOf(state.tickets, Number(caseId));

  const open = (input: SandboxCaseInput): Ticket => {
    const channel = input.channel ?? 'email';
    const source = SOURCES[channel];
    if (source === undefined) throw new Error(`the sandbox knows no channel ${channel}`);
    const isOutbound = source === SOURCES.outbound_email;
    const requesterId = findOrAddRequester(state, input);
    const patch: TicketPatch = { type: 'Question', tags: [...(input.tags ?? [])] };
    patch.companyId = state.contacts.get(requesterId)?.companyId ?? null;
    if (input.assignee !== undefined) patch.responderId = findOrAddAgent(state, input.assignee).id;
    if (input.team !== undefined) patch.groupId = findOrAddNamed(state, state.groups, input.team).id;
    if (input.brand !== undefined) patch.productId = findOrAddNamed(state, state.products, input.brand).id;
    const ticket = createTicket(state, {
      ...patch,
      ...{ subject: input.subject, description: asHtml(input.subject), requesterId, source },
      // What an agent sends out is born closed.
      status: isOutbound ? CLOSED : OPEN,
      isMadeByApi: false,
    });
    if (isOutbound) mailPerson(state, ticket, requesterId);
    return ticket;
  };

  const reply = (ticket: Ticket, { by, name, body, public: isPublic = true }: CaseReply): void => {
    const isIncoming = by === 'customer';
    const agent = name === undefined ? agentOf(state, ticket) : findOrAddAgent(state, name);
    addConversation(state, ticket, {
      userId: isIncoming ? ticket.requesterId : agent.id,
      body: asHtml(body),
      incoming: isIncoming,
      private: !isPublic,
      kind: isPublic ? 'reply' : 'note',
    });
    if (!isIncoming && isPublic) mailPerson(state, ticket, ticket.requesterId);
  };

  /** The agent's own words at the end are no mail that anybody would wonder about. */
  const answerFirst = (ticket: Ticket): void => {
    if (ticket.stats.firstRespondedAt !== null) return;
    const words = { body: asHtml(CLOSING_WORDS), incoming: false, private: false, kind: 'reply' } as const;
    addConversation(state, ticket, { userId: agentOf(state, ticket).id, ...words });
  };

  return {
    open: (input) => String(open(input).id),

    close(caseId, { as = 'resolved', comment } = {}) {
      const ticket = ticketOf(caseId);
      if (comment == null) {
        if (comment === undefined) answerFirst(ticket);
      } else reply(ticket, { by: 'agent', body: comment });
      updateTicket(state, ticket, { status: as === 'closed' ? CLOSED : RESOLVED });
    },

    reopen(caseId) {
      updateTicket(state, ticketOf(caseId), { status: OPEN });
    },

    setStatus(caseId, agentLabel) {
      const found = [...state.statuses].find(([, status]) => status.agentLabel === agentLabel);
      if (found === undefined) throw new Error(`the sandbox knows no status ${agentLabel}`);
      updateTicket(state, ticketOf(caseId), { status: found[0] });
    },

    archive(caseId) {
      archiveTicket(state, ticketOf(caseId));
    },

    reply(caseId, input) {
      reply(ticketOf(caseId), input);
    },

    merge(caseId, intoCaseId) {
      const ticket = ticketOf(caseId);
      const target = ticketOf(intoCaseId);
      const userId = agentOf(state, ticket).id;
      const note = (body: string) =>
        ({ userId, body: asHtml(body), incoming: false, private: true, kind: 'note' }) as const;
      addConversation(state, ticket, note(`This ticket is closed and merged into ticket ${target.id}`));
      addConversation(state, target, note(`Merged from ticket ${ticket.id}: ${ticket.subject}`));
      updateTicket(state, ticket, { status: CLOSED });
    },

    remove(caseId) {
      const ticket = ticketOf(caseId);
      ticket.isDeleted = true;
      touch(state, ticket);
    },

    markSpam(caseId) {
      const ticket = ticketOf(caseId);
      ticket.isSpam = true;
      touch(state, ticket);
    },

    openClosed(count, input) {
      return Array.from({ length: count }, () => {
        const ticket = open(input);
        if (!isDone(ticket.status)) {
          answerFirst(ticket);
          updateTicket(state, ticket, { status: RESOLVED });
        }
        return String(ticket.id);
      });
    },

    touch(which) {
      const tickets = typeof which === 'number' ? leastRecent(state, which) : which.map(ticketOf);
      for (const ticket of tickets) touch(state, ticket);
      return tickets.map(({ id }) => String(id));
    },

    read: (caseId) => readCase(state, ticketOf(caseId)),

    followUpsOf: (caseId) =>
      followUpTickets(state, ticketOf(caseId)).map((ticket) => ({
        id: String(ticket.id),
        url: urlOf(String(ticket.id)),
        subject: ticket.subject,
        dueAt: instant(ticket.dueBy),
        owner: state.agents.get(ticket.responderId ?? 0)?.name ?? null,
      })),
  };
}

function leastRecent(state: State, count: number): readonly Ticket[] {
  const found: Ticket[] = [];
  for (const ticket of state.order.sorted()) {
    if (found.length === count) break;
    if (!ticket.isArchived && !ticket.isDeleted && !ticket.isSpam) found.push(ticket);
  }
  return found;
}

/** The tickets made through the API that lead back to this one in a way an agent can follow. */
export function followUpTickets(state: State, source: Ticket): Ticket[] {
  const id = String(source.id);
  const inText = new RegExp(`(#|/tickets/|ticket )${id}(?!\\d)`);
  const inKey = new RegExp(`(?<![0-9A-Za-z])${id}(?![0-9A-Za-z])`);
  return [...state.tickets.values()].filter(
    (ticket) =>
      ticket.isMadeByApi &&
      ticket.id !== source.id &&
      !ticket.isDeleted &&
      (ticket.parentId === source.id ||
        inText.test(ticket.subject) ||
        inText.test(ticket.description) ||
        [...ticket.fieldValues.values()].some((value) => typeof value === 'string' && inKey.test(value)) ||
        ticket.conversations.some((one) => inText.test(one.body))),
  );
}

function readCase(state: State, ticket: Ticket): SandboxCase {
  const level =
    fieldText(state, ticket, 'level')
      ?.toLowerCase()
      .replace(/^csat_/, '') ?? null;
  const score = fieldText(state, ticket, 'score');
  const related = new Set([ticket, ...followUpTickets(state, ticket)].map((one) => one.id));
  const mails = state.mails.filter(
    (mail) => related.has(mail.ticketId) && mail.userId === ticket.requesterId,
  );
  return {
    caseId: String(ticket.id),
    state: ticket.isArchived ? 'locked' : isDone(ticket.status) ? 'closed' : 'open',
    score: score === null ? null : Number(score),
    level: level === 'low' || level === 'neutral' || level === 'high' ? level : null,
    rating: fieldText(state, ticket, 'rating'),
    comment: fieldText(state, ticket, 'comment'),
    reasons: fieldText(state, ticket, 'reasons'),
    answeredAt: fieldText(state, ticket, 'answeredAt'),
    link: fieldText(state, ticket, 'link'),
    tags: ticket.tags,
    notes: ticket.conversations.filter((one) => one.private).map(({ body }) => plainText(body)),
    publicReplies: ticket.conversations
      .filter((one) => !one.private && !one.incoming)
      .map(({ body }) => plainText(body)),
    mailsToCustomer: mails.length,
  };
}

/** What stands in the field of that label, as an agent would read it. */
function fieldText(state: State, ticket: Ticket, name: FieldName): string | null {
  for (const field of state.fields.values()) {
    const value = ticket.fieldValues.get(field.name) ?? null;
    if (field.label === FIELD_TITLES[name] && value !== null && value !== '') return String(value);
  }
  return null;
}

function agentOf(state: State, ticket: Ticket): Agent {
  const assigned = state.agents.get(ticket.responderId ?? 0);
  const agent = assigned ?? [...state.agents.values()].find(({ role }) => role === 'agent');
  if (agent === undefined) throw new Error('the sandbox has no agent');
  return agent;
}

function findOrAddRequester(state: State, { requester }: SandboxCaseInput): number {
  const { name, email, locale, timeZone, staff = false } = requester;
  const known = email === null ? undefined : findPersonByEmail(state, email);
  if (known !== undefined) return known.id;
  if (staff) {
    if (email === null) throw new Error('an agent of the sandbox needs an address');
    return addAgent(state, { name, email, role: 'agent' }).id;
  }
  return addContact(state, {
    ...{ name, email, companyId: [...state.companies.keys()][0] ?? null },
    phone: email === null ? `+49301234${takeId(state) % 10_000}` : null,
    ...(locale === undefined ? {} : { language: locale }),
    ...(timeZone === undefined ? {} : { timeZone }),
  }).id;
}

function findOrAddAgent(state: State, name: string): Agent {
  const known = [...state.agents.values()].find((agent) => agent.name === name);
  const email = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@acme.example`;
  return known ?? addAgent(state, { name, email, role: 'agent' });
}

function findOrAddNamed(state: State, records: Map<number, NamedRecord>, name: string): NamedRecord {
  return [...records.values()].find((record) => record.name === name) ?? addNamed(state, records, name);
}
