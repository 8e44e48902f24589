/** What the simulated account holds. Instants are whole seconds in UTC, as Zendesk keeps them. */

/** `deleted` is seen in exports and events only. */
export const STATUSES = ['new', 'open', 'pending', 'hold', 'solved', 'closed', 'deleted'] as const;
export type Status = (typeof STATUSES)[number];

/** What kind of ticket it is. */
export const TICKET_TYPES = ['problem', 'incident', 'question', 'task'] as const;
export type TicketType = (typeof TICKET_TYPES)[number];

/** Once set, a priority can be changed but not taken away. */
export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Agents and admins are staff. */
export type Role = 'end-user' | 'agent' | 'admin';

/** Somebody with an account: a customer or staff. */
export interface User {
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly role: Role;
  readonly locale: string;
  /** As Zendesk names it, such as `Berlin`. */
  readonly timeZone: string;
  readonly organizationId: number | null;
  readonly createdAt: Date;
}

/** A group, a brand or an organization: the sandbox needs no more than the name. */
export interface NamedRecord {
  readonly id: number;
  readonly name: string;
  readonly createdAt: Date;
}

/** A status as agents know it, inside one of the categories. */
export interface CustomStatus {
  readonly id: number;
  readonly category: Status;
  readonly label: string;
}

/** What a custom field can hold. */
export type FieldValue = string | number | boolean | readonly string[] | null;

/** An entry of a pick list; its value is a tag. */
export interface FieldOption {
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

/** A custom field of tickets. */
export interface TicketField {
  readonly id: number;
  readonly type: string;
  title: string;
  description: string;
  agentDescription: string | null;
  active: boolean;
  required: boolean;
  regexp: string | null;
  options: readonly FieldOption[];
  readonly createdAt: Date;
  updatedAt: Date;
}

/** A custom field of people. */
export interface UserField {
  readonly id: number;
  readonly key: string;
  readonly type: string;
  title: string;
  active: boolean;
  readonly createdAt: Date;
}

/** A message on a ticket; an internal note when it is not public. */
export interface TicketComment {
  readonly id: number;
  readonly authorId: number;
  readonly body: string;
  readonly public: boolean;
  readonly channel: string;
  readonly createdAt: Date;
}

/** One line of an audit, in Zendesk's own spelling. */
export interface AuditEvent {
  readonly id: number;
  readonly type: 'Create' | 'Change' | 'Comment';
  readonly field_name?: string;
  readonly value?: unknown;
  readonly previous_value?: unknown;
  readonly body?: string;
  readonly public?: boolean;
}

/** What one change did to a ticket. */
export interface Audit {
  readonly id: number;
  readonly ticketId: number;
  readonly authorId: number;
  readonly createdAt: Date;
  readonly events: readonly AuditEvent[];
}

/** What Zendesk measures on a ticket; durations in minutes. */
export interface TicketMetrics {
  readonly id: number;
  reopens: number;
  replies: number;
  assigneeStations: number;
  groupStations: number;
  assignedAt: Date | null;
  initiallyAssignedAt: Date | null;
  solvedAt: Date | null;
  statusUpdatedAt: Date;
  latestCommentAddedAt: Date | null;
  firstReplyMinutes: number | null;
  firstResolutionMinutes: number | null;
  fullResolutionMinutes: number | null;
}

/** A case. */
export interface Ticket {
  readonly id: number;
  readonly createdAt: Date;
  readonly channel: string;
  readonly followUpOf: number | null;
  readonly description: string;
  readonly recipient: string | null;
  readonly submitterId: number;
  updatedAt: Date;
  /** Moves with every change, also with those that leave `updatedAt` alone. */
  generatedAt: Date;
  externalId: string | null;
  type: TicketType | null;
  subject: string;
  priority: Priority | null;
  status: Status;
  customStatusId: number;
  requesterId: number;
  assigneeId: number | null;
  groupId: number | null;
  organizationId: number | null;
  brandId: number;
  problemId: number | null;
  dueAt: Date | null;
  tags: string[];
  fieldValues: Map<number, FieldValue>;
  followupIds: number[];
  comments: TicketComment[];
  audits: Audit[];
  metrics: TicketMetrics;
}

/** A message that the CRM itself sent to a customer about a ticket. */
export interface CustomerMail {
  readonly ticketId: number;
  readonly userId: number;
}

/** A shared list of tickets. */
export interface View {
  readonly id: number;
  title: string;
  description: string | null;
  active: boolean;
  conditions: { readonly all: readonly ViewCondition[]; readonly any: readonly ViewCondition[] };
  columns: readonly string[];
  readonly createdAt: Date;
  updatedAt: Date;
}

/** One condition of a view. */
export interface ViewCondition {
  readonly field: string;
  readonly operator: string;
  readonly value: unknown;
}
