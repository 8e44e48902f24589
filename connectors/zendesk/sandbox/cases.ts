import { FIELD_TITLES, type FieldName } from '../../../src/domain/fields.ts';
import type { SandboxCase, SandboxCaseInput, SandboxFollowUp } from '../../../src/sandbox.ts';
import type { FieldValue, NamedRecord, Ticket, User } from './model.ts';
import { addNamed, addUser, findUserByEmail, instantOrNull, isStaff, recordOf, type State } from './state.ts';
import type { TicketPatch } from './ticket-params.ts';
import { createTicket, forceStatus, updateTicket } from './tickets.ts';

/** What people do in the agent interface and in their mail. Unknown case ids throw; the sandbox is used wrongly then. */
export interface Cases {
  open(input: SandboxCaseInput): string;
  solve(caseId: string, options?: { readonly comment?: string | null | undefined }): void;
  reopen(caseId: string): void;
  /** The automation that closes solved tickets for good. */
  lock(caseId: string): void;
  /** Says something, in public unless it is said to be a note. `name`: which of the agents, in place of who has the case. */
  reply(
    caseId: string,
    reply: {
      readonly by: 'agent' | 'customer';
      readonly name?: string | undefined;
      readonly body: string;
      readonly public?: boolean;
    },
  ): void;
  merge(caseId: string, intoCaseId: string): void;
  remove(caseId: string): void;
  read(caseId: string): SandboxCase;
  followUpsOf(caseId: string): SandboxFollowUp[];
}

/** What an agent writes who has not answered before. */
const CLOSING_WORDS = 'This is done. Write again if there is more.';

/** The actions over one account; `urlOf` gives the page of a case. */
export function createCases(state: State, urlOf: (caseId: string) => string): Cases {
  const ticketOf = (caseId: string): Ticket => recordOf(state.tickets, Number(caseId));
  const agentOf = (ticket: Ticket): User => state.users.get(ticket.assigneeId ?? 0) ?? firstAgent(state);

  return {
    open(input) {
      const requester = findOrAddRequester(state, input);
      const patch: TicketPatch = {
        subject: input.subject,
        requesterId: requester.id,
        comment: { body: input.subject, public: true, authorId: requester.id },
        type: 'question',
        tags: [...(input.tags ?? [])],
      };
      if (input.assignee !== undefined) patch.assigneeId = findOrAddAgent(state, input.assignee).id;
      if (input.team !== undefined) patch.groupId = findOrAddNamed(state, state.groups, input.team).id;
      if (input.brand !== undefined) patch.brandId = findOrAddNamed(state, state.brands, input.brand).id;
      return String(createTicket(state, requester, patch, input.channel ?? 'email').ticket.id);
    },

    solve(caseId, options = {}) {
      const ticket = ticketOf(caseId);
      const agent = agentOf(ticket);
      const patch: TicketPatch = { status: 'solved' };
      const isFirstReply = options.comment === undefined && ticket.metrics.replies === 0;
      const body = isFirstReply ? CLOSING_WORDS : options.comment;
      if (body != null) patch.comment = { body, public: true, authorId: agent.id };
      const mailsBefore = state.mails.length;
      updateTicket(state, ticket.id, agent, patch);
      // The agent's own words at the end are no mail that anybody would wonder about.
      if (isFirstReply) state.mails.length = mailsBefore;
    },

    reopen(caseId) {
      const ticket = ticketOf(caseId);
      updateTicket(state, ticket.id, recordOf(state.users, ticket.requesterId), { status: 'open' });
    },

    lock(caseId) {
      forceStatus(state, ticketOf(caseId).id, firstAgent(state), 'closed');
    },

    reply(caseId, { by, name, body, public: isPublic = true }) {
      const ticket = ticketOf(caseId);
      const agent = name === undefined ? agentOf(ticket) : findOrAddAgent(state, name);
      const author = by === 'agent' ? agent : recordOf(state.users, ticket.requesterId);
      updateTicket(state, ticket.id, author, { comment: { body, public: isPublic, authorId: author.id } });
    },

    merge(caseId, intoCaseId) {
      const ticket = ticketOf(caseId);
      const agent = agentOf(ticket);
      const body = `This request was closed and merged into request #${ticketOf(intoCaseId).id}.`;
      const comment = { body, public: false, authorId: agent.id };
      updateTicket(state, ticket.id, agent, { comment, additionalTags: ['closed_by_merge'] });
      forceStatus(state, ticket.id, agent, 'closed');
    },

    remove(caseId) {
      forceStatus(state, ticketOf(caseId).id, firstAgent(state), 'deleted');
    },

    read: (caseId) => readCase(state, ticketOf(caseId)),

    followUpsOf: (caseId) =>
      followUpTickets(state, ticketOf(caseId)).map((ticket) => ({
        id: String(ticket.id),
        url: urlOf(String(ticket.id)),
        subject: ticket.subject,
        dueAt: instantOrNull(ticket.dueAt),
        owner: state.users.get(ticket.assigneeId ?? 0)?.name ?? null,
      })),
  };
}

/** The tickets made through the API that lead back to this one in a way an agent can follow. */
export function followUpTickets(state: State, source: Ticket): Ticket[] {
  const id = String(source.id);
  const inText = new RegExp(`(#|/tickets/)${id}(?!\\d)`);
  const inKey = new RegExp(`(?<![0-9A-Za-z])${id}(?![0-9A-Za-z])`);
  return [...state.tickets.values()].filter(
    (ticket) =>
      ticket.channel === 'api' &&
      ticket.id !== source.id &&
      ticket.status !== 'deleted' &&
      (ticket.followUpOf === source.id ||
        ticket.problemId === source.id ||
        inKey.test(ticket.externalId ?? '') ||
        inText.test(ticket.subject) ||
        ticket.comments.some((comment) => inText.test(comment.body))),
  );
}

function readCase(state: State, ticket: Ticket): SandboxCase {
  const level = fieldText(state, ticket, 'level')?.replace(/^csat_/, '') ?? null;
  const score = fieldText(state, ticket, 'score');
  const related = new Set([ticket, ...followUpTickets(state, ticket)].map((one) => one.id));
  const mails = state.mails.filter(
    (mail) => related.has(mail.ticketId) && mail.userId === ticket.requesterId,
  );
  return {
    caseId: String(ticket.id),
    state: ticket.status === 'solved' ? 'closed' : ticket.status === 'closed' ? 'locked' : 'open',
    score: score === null ? null : Number(score),
    level: level === 'low' || level === 'neutral' || level === 'high' ? level : null,
    rating: fieldText(state, ticket, 'rating'),
    comment: fieldText(state, ticket, 'comment'),
    reasons: fieldText(state, ticket, 'reasons'),
    answeredAt: fieldText(state, ticket, 'answeredAt'),
    link: fieldText(state, ticket, 'link'),
    tags: ticket.tags,
    notes: ticket.comments.filter((comment) => !comment.public).map(({ body }) => body),
    publicReplies: ticket.comments
      .filter((comment) => comment.public && isStaff(state.users.get(comment.authorId)))
      .map(({ body }) => body),
    mailsToCustomer: mails.length,
  };
}

/** What stands in the field of that title: the first that holds something, as an agent would read it. */
function fieldText(state: State, ticket: Ticket, name: FieldName): string | null {
  for (const field of state.fields.values()) {
    const value: FieldValue = ticket.fieldValues.get(field.id) ?? null;
    if (field.title === FIELD_TITLES[name] && value !== null && value !== '') return String(value);
  }
  return null;
}

function firstAgent(state: State): User {
  const agent = [...state.users.values()].find((user) => user.role === 'agent');
  if (agent === undefined) throw new Error('the sandbox has no agent');
  return agent;
}

function findOrAddRequester(state: State, { requester }: SandboxCaseInput): User {
  const known = requester.email === null ? undefined : findUserByEmail(state, requester.email);
  if (known !== undefined) return known;
  return addUser(state, {
    name: requester.name,
    email: requester.email,
    role: requester.staff === true ? 'agent' : 'end-user',
    ...(requester.locale === undefined ? {} : { locale: requester.locale }),
    ...(requester.timeZone === undefined ? {} : { timeZone: requester.timeZone }),
    organizationId: requester.staff === true ? null : ([...state.organizations.keys()][0] ?? null),
  });
}

function findOrAddAgent(state: State, name: string): User {
  const known = [...state.users.values()].find((user) => isStaff(user) && user.name === name);
  const email = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@acme.example`;
  return known ?? addUser(state, { name, email, role: 'agent' });
}

function findOrAddNamed(state: State, records: Map<number, NamedRecord>, name: string): NamedRecord {
  return [...records.values()].find((record) => record.name === name) ?? addNamed(state, records, name);
}
