import { type Clock, SECOND_MS } from '../../../src/clock.ts';
import {
  type Agent,
  CLOSED,
  type Contact,
  type NamedRecord,
  OPEN,
  PENDING,
  type Rating,
  RESOLVED,
  type Role,
  type SentMail,
  type Survey,
  type Ticket,
  type TicketField,
  type TicketStatus,
} from './model.ts';
import { createTicketOrder, type TicketOrder } from './ticket-order.ts';

/** A ticket went from one status to another: what automation rules are told. */
export interface StatusChange {
  readonly ticket: Ticket;
  readonly from: number;
  readonly to: number;
}

/** The whole account. Plain maps; every module works on this one object. */
export interface State {
  readonly clock: Clock;
  readonly accountId: number;
  readonly agents: Map<number, Agent>;
  readonly contacts: Map<number, Contact>;
  /** By address in lower case. */
  readonly peopleByEmail: Map<string, Contact | Agent>;
  readonly groups: Map<number, NamedRecord>;
  readonly products: Map<number, NamedRecord>;
  readonly companies: Map<number, NamedRecord>;
  readonly statuses: Map<number, TicketStatus>;
  readonly ticketTypes: readonly string[];
  readonly fields: Map<number, TicketField>;
  readonly tickets: Map<number, Ticket>;
  readonly order: TicketOrder;
  readonly surveys: Survey[];
  readonly ratings: Rating[];
  readonly mails: SentMail[];
  readonly statusChangeListeners: ((change: StatusChange) => void)[];
  /** Whom the API key belongs to. */
  apiAgentId: number;
  /** Fields whose name got the account's suffix, and those whose did not, take turns. */
  isNextFieldSuffixed: boolean;
  nextTicketId: number;
  nextPersonId: number;
  nextId: number;
  lastStampMs: number;
}

const STATUSES: readonly (readonly [number, string, string])[] = [
  [OPEN, 'Open', 'Being Processed'],
  [PENDING, 'Pending', 'Awaiting your Reply'],
  [RESOLVED, 'Resolved', 'This ticket has been Resolved'],
  [CLOSED, 'Closed', 'This ticket has been Closed'],
  [6, 'Waiting on Customer', 'Awaiting your Reply'],
  [7, 'Waiting on Third Party', 'Being Processed'],
  [8, 'Waiting for Courier', 'On its way'],
];

/** An account with agents, two groups, a product, a company, a survey and a custom status, and no tickets. */
export function createState(clock: Clock): State {
  const state: State = {
    clock,
    accountId: 297_457,
    agents: new Map(),
    contacts: new Map(),
    peopleByEmail: new Map(),
    groups: new Map(),
    products: new Map(),
    companies: new Map(),
    statuses: new Map(STATUSES.map(([id, agentLabel, customerLabel]) => [id, { agentLabel, customerLabel }])),
    ticketTypes: ['Question', 'Incident', 'Problem', 'Feature Request', 'Refund'],
    fields: new Map(),
    tickets: new Map(),
    order: createTicketOrder(),
    surveys: [],
    ratings: [],
    mails: [],
    statusChangeListeners: [],
    apiAgentId: 0,
    isNextFieldSuffixed: false,
    nextTicketId: 21_001,
    nextPersonId: 67_042_965_001,
    nextId: 67_000_259_001,
    lastStampMs: 0,
  };
  const groups = ['Support', 'Billing'].map((name) => addNamed(state, state.groups, name));
  addNamed(state, state.products, 'Acme');
  addNamed(state, state.companies, 'Example Works');
  const groupIds = groups.map(({ id }) => id);
  const staff = (name: string, email: string, role: Role): Agent =>
    addAgent(state, { name, email, role, groupIds });
  state.apiAgentId = staff('Caseloop Robot', 'robot@acme.example', 'admin').id;
  staff('Maya Lindqvist', 'maya@acme.example', 'agent');
  staff('Tom Okafor', 'tom@acme.example', 'agent');
  staff('Lena Vogt', 'lead@acme.example', 'admin');
  state.surveys.push({
    id: takeId(state),
    title: 'Default Survey',
    isActive: true,
    questions: [
      {
        id: 'default_question',
        label: 'How would you rate your overall satisfaction for the resolution provided by the agent?',
        acceptedRatings: [103, 100, -103],
        isDefault: true,
      },
    ],
    createdAt: stamp(state),
  });
  return state;
}

/** A number no other record of this account has (tickets and people count on their own). */
export function takeId(state: State): number {
  const id = state.nextId;
  state.nextId += 1;
  return id;
}

/** Now, in whole seconds, and never before an earlier stamp. */
export function stamp(state: State): Date {
  const now = Math.floor(state.clock.now().getTime() / SECOND_MS) * SECOND_MS;
  state.lastStampMs = Math.max(state.lastStampMs, now);
  return new Date(state.lastStampMs);
}

/** Adds a group, a product or a company. */
export function addNamed(state: State, records: Map<number, NamedRecord>, name: string): NamedRecord {
  const record = { id: takeId(state), name, createdAt: stamp(state) };
  records.set(record.id, record);
  return record;
}

/** Adds an agent; addresses are not checked for being unique. */
export function addAgent(
  state: State,
  input: { name: string; email: string; role: Role; groupIds?: readonly number[] },
): Agent {
  const agent: Agent = {
    id: takePersonId(state),
    name: input.name,
    email: input.email,
    language: 'en',
    role: input.role,
    groupIds: input.groupIds ?? [],
    createdAt: stamp(state),
  };
  state.agents.set(agent.id, agent);
  state.peopleByEmail.set(agent.email.toLowerCase(), agent);
  return agent;
}

/** What a new contact is made of; the language is `en` and the time zone `Berlin` unless said otherwise. */
export interface ContactInput {
  readonly name: string;
  readonly email: string | null;
  readonly phone?: string | null;
  readonly language?: string;
  readonly timeZone?: string;
  readonly companyId?: number | null;
}

/** Adds a contact; addresses are not checked for being unique. */
export function addContact(state: State, input: ContactInput): Contact {
  const contact: Contact = {
    id: takePersonId(state),
    name: input.name,
    email: input.email,
    phone: input.phone ?? null,
    language: input.language ?? 'en',
    timeZone: input.timeZone ?? 'Berlin',
    companyId: input.companyId ?? null,
    uniqueExternalId: null,
    createdAt: stamp(state),
  };
  state.contacts.set(contact.id, contact);
  if (contact.email !== null) state.peopleByEmail.set(contact.email.toLowerCase(), contact);
  return contact;
}

function takePersonId(state: State): number {
  const id = state.nextPersonId;
  // Ids of one account are no run of numbers.
  state.nextPersonId += 7;
  return id;
}

/** The customer or agent with that address, in any spelling of case. */
export function findPersonByEmail(state: State, email: string): Contact | Agent | undefined {
  return state.peopleByEmail.get(email.toLowerCase());
}

/** The customer or agent of that id. */
export function findPerson(state: State, id: number): Contact | Agent | undefined {
  return state.contacts.get(id) ?? state.agents.get(id);
}

/** The record that must be there, for ids that the sandbox itself handed out. */
export function recordOf<T>(records: ReadonlyMap<number, T>, id: number): T {
  const record = records.get(id);
  if (record === undefined) throw new Error(`the sandbox holds no record ${id}`);
  return record;
}

/** `2026-11-21T16:45:20Z`: Freshdesk writes instants without fractions. */
export function instant(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** As `instant`; null stays null. */
export function instantOrNull(at: Date | null): string | null {
  return at === null ? null : instant(at);
}
