import { type Clock, MINUTE_MS, SECOND_MS } from '../../../src/clock.ts';
import type {
  CustomerMail,
  CustomStatus,
  FieldValue,
  NamedRecord,
  Role,
  Status,
  Ticket,
  TicketField,
  User,
  UserField,
  View,
} from './model.ts';

/** A ticket went from one status to another: what event webhooks are told. */
export interface StatusChange {
  readonly ticket: Ticket;
  readonly previous: Status;
  readonly actorId: number;
  readonly at: Date;
}

/** The whole account. Plain maps; every module works on this one object. */
export interface State {
  readonly clock: Clock;
  readonly accountId: number;
  readonly users: Map<number, User>;
  readonly groups: Map<number, NamedRecord>;
  readonly brands: Map<number, NamedRecord>;
  readonly organizations: Map<number, NamedRecord>;
  readonly customStatuses: Map<number, CustomStatus>;
  readonly fields: Map<number, TicketField>;
  readonly userFields: Map<number, UserField>;
  /** By user, then by the field's key. */
  readonly userFieldValues: Map<number, ReadonlyMap<string, FieldValue>>;
  readonly tickets: Map<number, Ticket>;
  readonly views: Map<number, View>;
  readonly mails: CustomerMail[];
  readonly statusChangeListeners: ((change: StatusChange) => void)[];
  /** Fields that must hold a value before a ticket can be solved. */
  readonly requiredOnSolve: Set<number>;
  readonly ticketFormId: number;
  /** Whom OAuth tokens and API tokens act as. */
  apiUserId: number;
  nextTicketId: number;
  nextId: number;
  lastStampMs: number;
}

/** An account with agents, two groups, a brand and an organization, and no tickets. */
export function createState(clock: Clock): State {
  const state: State = {
    clock,
    accountId: 18_525_119,
    users: new Map(),
    groups: new Map(),
    brands: new Map(),
    organizations: new Map(),
    customStatuses: new Map(),
    fields: new Map(),
    userFields: new Map(),
    userFieldValues: new Map(),
    tickets: new Map(),
    views: new Map(),
    mails: [],
    statusChangeListeners: [],
    requiredOnSolve: new Set(),
    ticketFormId: 6_876_543,
    apiUserId: 0,
    nextTicketId: 35_001,
    nextId: 6_164_040_575_001,
    lastStampMs: 0,
  };
  for (const name of ['Support', 'Billing']) addNamed(state, state.groups, name);
  addNamed(state, state.brands, 'Acme');
  addNamed(state, state.organizations, 'Example Works');
  for (const [category, label] of DEFAULT_STATUSES) {
    const id = takeId(state);
    state.customStatuses.set(id, { id, category, label });
  }
  state.apiUserId = addUser(state, { name: 'Caseloop Robot', email: API_USER_EMAIL, role: 'admin' }).id;
  addUser(state, { name: 'Maya Lindqvist', email: 'maya@acme.example', role: 'agent' });
  addUser(state, { name: 'Tom Okafor', email: 'tom@acme.example', role: 'agent' });
  addUser(state, { name: 'Lena Vogt', email: 'lead@acme.example', role: 'admin' });
  return state;
}

/** The e-mail of the user whom the API acts as. */
export const API_USER_EMAIL = 'robot@acme.example';

const DEFAULT_STATUSES: readonly (readonly [Status, string])[] = [
  ['new', 'New'],
  ['open', 'Open'],
  ['pending', 'Pending'],
  ['hold', 'On-hold'],
  ['solved', 'Solved'],
];

/** A number no other record of this account has (tickets count on their own). */
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

/** Adds a group, a brand or an organization. */
export function addNamed(state: State, records: Map<number, NamedRecord>, name: string): NamedRecord {
  const record = { id: takeId(state), name, createdAt: stamp(state) };
  records.set(record.id, record);
  return record;
}

/** What a new user is made of; the locale is `en-US` and the time zone `Berlin` unless said otherwise. */
export interface UserInput {
  readonly name: string;
  readonly email: string | null;
  readonly role: Role;
  readonly locale?: string;
  readonly timeZone?: string;
  readonly organizationId?: number | null;
}

/** Adds a user; addresses are not checked for being unique. */
export function addUser(state: State, input: UserInput): User {
  const user: User = {
    id: takeId(state),
    name: input.name,
    email: input.email,
    role: input.role,
    locale: input.locale ?? 'en-US',
    timeZone: input.timeZone ?? 'Berlin',
    organizationId: input.organizationId ?? null,
    createdAt: stamp(state),
  };
  state.users.set(user.id, user);
  return user;
}

/** The user with that address, in any spelling of case. */
export function findUserByEmail(state: State, email: string): User | undefined {
  return [...state.users.values()].find((user) => user.email?.toLowerCase() === email.toLowerCase());
}

/** True for agents and admins. */
export function isStaff(user: User | undefined): boolean {
  return user?.role === 'agent' || user?.role === 'admin';
}

/** The custom status that stands for a status category; `closed` keeps that of `solved`. */
export function statusIdOf(state: State, status: Status): number {
  const category = status === 'closed' || status === 'deleted' ? 'solved' : status;
  for (const custom of state.customStatuses.values()) if (custom.category === category) return custom.id;
  throw new Error(`the sandbox has no custom status for ${status}`);
}

/** The record a ticket must have, for ids that the sandbox itself handed out. */
export function recordOf<T>(records: ReadonlyMap<number, T>, id: number): T {
  const record = records.get(id);
  if (record === undefined) throw new Error(`the sandbox holds no record ${id}`);
  return record;
}

/** `2026-11-21T16:45:20Z`: Zendesk writes instants without fractions. */
export function instant(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** As `instant`; null stays null. */
export function instantOrNull(at: Date | null): string | null {
  return at === null ? null : instant(at);
}

/** Whole seconds since 1970. */
export function epochSeconds(at: Date): number {
  return Math.floor(at.getTime() / SECOND_MS);
}

/** Whole minutes from one instant to another. */
export function minutesBetween(from: Date, to: Date): number {
  return Math.floor((to.getTime() - from.getTime()) / MINUTE_MS);
}
