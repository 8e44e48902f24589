/** What the simulated account holds. Instants are whole seconds in UTC, as Freshdesk keeps them. */

/** Agent statuses that mean something to the API itself; others of an account are 6, 7 and custom ones from 8 on. */
export const OPEN = 2;
export const PENDING = 3;
export const RESOLVED = 4;
export const CLOSED = 5;

/** How a ticket came in, by the number on the wire. */
export const SOURCES: Readonly<Record<string, number>> = {
  email: 1,
  portal: 2,
  phone: 3,
  forum: 4,
  twitter: 5,
  facebook: 6,
  chat: 7,
  feedback_widget: 9,
  outbound_email: 10,
  ecommerce: 11,
  bot: 12,
  whatsapp: 13,
};

/** Priorities by the number on the wire. */
export const PRIORITY_LABELS: Readonly<Record<number, string>> = {
  1: 'Low',
  2: 'Medium',
  3: 'High',
  4: 'Urgent',
};

/** Admins may read and make fields; agents may not. */
export type Role = 'agent' | 'admin';

/** A customer. */
export interface Contact {
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly language: string;
  /** As Freshdesk names it. */
  readonly timeZone: string;
  readonly companyId: number | null;
  readonly uniqueExternalId: string | null;
  readonly createdAt: Date;
}

/** Somebody of ours. Agents are no contacts, yet their id can stand as a requester. */
export interface Agent {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly language: string;
  readonly role: Role;
  readonly groupIds: readonly number[];
  readonly createdAt: Date;
}

/** A group, a product or a company: the sandbox needs no more than the name. */
export interface NamedRecord {
  readonly id: number;
  readonly name: string;
  readonly createdAt: Date;
}

/** A status of the account: what agents and what customers read. */
export interface TicketStatus {
  readonly agentLabel: string;
  readonly customerLabel: string;
}

/** What a custom field can hold. */
export type FieldValue = string | number | boolean | null;

/** An entry of a dropdown. */
export interface FieldChoice {
  readonly id: number;
  readonly value: string;
  readonly position: number;
}

/** A field of the ticket form. `name` is the key in `custom_fields`, given by the server. */
export interface TicketField {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly isDefault: boolean;
  label: string;
  labelForCustomers: string;
  position: number;
  choices: readonly FieldChoice[];
  displayedToCustomers: boolean;
  customersCanEdit: boolean;
  requiredForCustomers: boolean;
  requiredForAgents: boolean;
  requiredForClosure: boolean;
  readonly createdAt: Date;
  updatedAt: Date;
}

/** What Freshdesk measures on a ticket. */
export interface TicketStats {
  agentRespondedAt: Date | null;
  requesterRespondedAt: Date | null;
  firstRespondedAt: Date | null;
  statusUpdatedAt: Date;
  reopenedAt: Date | null;
  resolvedAt: Date | null;
  closedAt: Date | null;
  pendingSince: Date | null;
}

/** A reply or a note; the first message of a ticket is its description and none of these. */
export interface Conversation {
  readonly id: number;
  readonly userId: number;
  /** HTML. */
  readonly body: string;
  readonly incoming: boolean;
  readonly private: boolean;
  readonly kind: 'reply' | 'note';
  readonly toEmails: readonly string[];
  readonly createdAt: Date;
}

/** A case. */
export interface Ticket {
  readonly id: number;
  readonly createdAt: Date;
  readonly source: number;
  readonly isMadeByApi: boolean;
  readonly parentId: number | null;
  readonly childIds: number[];
  /** HTML. */
  description: string;
  subject: string;
  status: number;
  priority: number;
  type: string | null;
  requesterId: number;
  responderId: number | null;
  groupId: number | null;
  companyId: number | null;
  productId: number | null;
  dueBy: Date;
  firstResponseDueBy: Date;
  tags: readonly string[];
  fieldValues: Map<string, FieldValue>;
  isSpam: boolean;
  isDeleted: boolean;
  /** Read-only from then on, and to be found by its own address alone. */
  isArchived: boolean;
  updatedAt: Date;
  stats: TicketStats;
  conversations: Conversation[];
}

/** A message that the CRM itself sent to somebody about a ticket. */
export interface SentMail {
  readonly ticketId: number;
  readonly userId: number;
}

/** A survey of the vendor's own. */
export interface Survey {
  readonly id: number;
  readonly title: string;
  isActive: boolean;
  readonly questions: readonly {
    readonly id: string;
    readonly label: string;
    readonly acceptedRatings: readonly number[];
    readonly isDefault: boolean;
  }[];
  readonly createdAt: Date;
}

/** What a customer said in that survey. There is no changing it. */
export interface Rating {
  readonly id: number;
  readonly ticketId: number;
  readonly surveyId: number;
  readonly userId: number;
  readonly agentId: number | null;
  readonly groupId: number | null;
  readonly feedback: string | null;
  readonly ratings: Readonly<Record<string, number>>;
  readonly createdAt: Date;
}
