import type {
  Audit,
  FieldValue,
  NamedRecord,
  Ticket,
  TicketComment,
  TicketField,
  User,
  View,
} from './model.ts';
import { instant, instantOrNull, recordOf, type State } from './state.ts';

/** Writes records the way Zendesk's JSON has them. `url` is the account's address without a trailing slash. */

/** A ticket as every endpoint shows it; the export adds `generated_timestamp`. */
export function presentTicket(state: State, url: string, ticket: Ticket): Record<string, unknown> {
  const fields = [...state.fields.values()]
    .filter((field) => field.active)
    .map((field) => ({ id: field.id, value: ticket.fieldValues.get(field.id) ?? null }));
  return {
    url: `${url}/api/v2/tickets/${ticket.id}.json`,
    id: ticket.id,
    external_id: ticket.externalId,
    via: { channel: ticket.channel, source: presentSource(state, ticket) },
    created_at: instant(ticket.createdAt),
    updated_at: instant(ticket.updatedAt),
    type: ticket.type,
    subject: ticket.subject,
    raw_subject: ticket.subject,
    description: ticket.description,
    priority: ticket.priority,
    status: ticket.status,
    recipient: ticket.recipient,
    requester_id: ticket.requesterId,
    submitter_id: ticket.submitterId,
    assignee_id: ticket.assigneeId,
    organization_id: ticket.organizationId,
    group_id: ticket.groupId,
    collaborator_ids: [],
    follower_ids: [],
    email_cc_ids: [],
    forum_topic_id: null,
    problem_id: ticket.problemId,
    has_incidents: false,
    is_public: ticket.comments.some((comment) => comment.public),
    due_at: instantOrNull(ticket.dueAt),
    tags: ticket.tags,
    custom_fields: fields,
    satisfaction_rating: { score: 'unoffered' },
    sharing_agreement_ids: [],
    custom_status_id: ticket.customStatusId,
    fields,
    followup_ids: ticket.followupIds,
    ticket_form_id: state.ticketFormId,
    brand_id: ticket.brandId,
    allow_channelback: false,
    allow_attachments: true,
    from_messaging_channel: ticket.channel === 'native_messaging',
  };
}

function presentSource(state: State, ticket: Ticket): Record<string, unknown> {
  if (ticket.followUpOf !== null) {
    const subject = state.tickets.get(ticket.followUpOf)?.subject ?? null;
    return {
      from: { ticket_id: ticket.followUpOf, subject, channel: ticket.channel },
      to: {},
      rel: 'follow_up',
    };
  }
  if (ticket.channel !== 'email') return { from: {}, to: {}, rel: null };
  const requester = recordOf(state.users, ticket.requesterId);
  return {
    from: { address: requester.email, name: requester.name },
    to: { address: ticket.recipient ?? 'help@acme.example', name: 'Acme' },
    rel: null,
  };
}

/** The metric set of a ticket. */
export function presentMetrics(url: string, ticket: Ticket): Record<string, unknown> {
  const { metrics } = ticket;
  const both = (minutes: number | null) => ({ calendar: minutes, business: minutes });
  return {
    url: `${url}/api/v2/ticket_metrics/${metrics.id}.json`,
    id: metrics.id,
    ticket_id: ticket.id,
    created_at: instant(ticket.createdAt),
    updated_at: instant(ticket.updatedAt),
    group_stations: metrics.groupStations,
    assignee_stations: metrics.assigneeStations,
    reopens: metrics.reopens,
    replies: metrics.replies,
    assignee_updated_at: instantOrNull(metrics.assignedAt),
    requester_updated_at: instant(ticket.createdAt),
    status_updated_at: instant(metrics.statusUpdatedAt),
    initially_assigned_at: instantOrNull(metrics.initiallyAssignedAt),
    assigned_at: instantOrNull(metrics.assignedAt),
    solved_at: instantOrNull(metrics.solvedAt),
    latest_comment_added_at: instantOrNull(metrics.latestCommentAddedAt),
    reply_time_in_minutes: both(metrics.firstReplyMinutes),
    first_resolution_time_in_minutes: both(metrics.firstResolutionMinutes),
    full_resolution_time_in_minutes: both(metrics.fullResolutionMinutes),
    agent_wait_time_in_minutes: both(null),
    requester_wait_time_in_minutes: both(null),
    on_hold_time_in_minutes: both(0),
    custom_status_updated_at: instant(metrics.statusUpdatedAt),
  };
}

/** A user; `fields` is what stands in the custom ones, by key. */
export function presentUser(
  url: string,
  user: User,
  fields: Readonly<Record<string, FieldValue>> = {},
): Record<string, unknown> {
  return {
    id: user.id,
    url: `${url}/api/v2/users/${user.id}.json`,
    name: user.name,
    email: user.email,
    created_at: instant(user.createdAt),
    updated_at: instant(user.createdAt),
    time_zone: user.timeZone,
    phone: null,
    locale_id: user.locale.startsWith('de') ? 8 : 1,
    locale: user.locale,
    organization_id: user.organizationId,
    role: user.role,
    verified: user.email !== null,
    external_id: null,
    tags: [],
    alias: '',
    active: true,
    shared: false,
    shared_agent: false,
    suspended: false,
    notes: '',
    details: '',
    user_fields: fields,
  };
}

/** What `users/me` says to a caller without valid credentials: 200, and nobody. */
export const ANONYMOUS_USER = {
  id: null,
  url: null,
  name: 'Anonymous user',
  email: 'invalid@example.com',
  role: 'end-user',
  locale: 'en-US',
  verified: false,
  active: null,
  organization_id: null,
} as const;

/** A group, a brand or an organization; `kind` is the plural of its path. */
export function presentNamed(url: string, kind: string, record: NamedRecord): Record<string, unknown> {
  return {
    url: `${url}/api/v2/${kind}/${record.id}.json`,
    id: record.id,
    name: record.name,
    created_at: instant(record.createdAt),
    updated_at: instant(record.createdAt),
    ...(kind === 'brands' ? { subdomain: record.name.toLowerCase(), active: true, default: true } : {}),
    ...(kind === 'groups' ? { deleted: false, is_public: true, description: '', default: false } : {}),
  };
}

/** A comment. */
export function presentComment(comment: TicketComment): Record<string, unknown> {
  return {
    id: comment.id,
    type: 'Comment',
    author_id: comment.authorId,
    body: comment.body,
    plain_body: comment.body,
    public: comment.public,
    attachments: [],
    via: { channel: comment.channel, source: { from: {}, to: {}, rel: null } },
    created_at: instant(comment.createdAt),
    metadata: { system: {}, custom: {} },
  };
}

/** An audit with its events. */
export function presentAudit(audit: Audit): Record<string, unknown> {
  return {
    id: audit.id,
    ticket_id: audit.ticketId,
    created_at: instant(audit.createdAt),
    author_id: audit.authorId,
    metadata: { system: {}, custom: {} },
    events: audit.events,
    via: { channel: 'api', source: { from: {}, to: {}, rel: null } },
  };
}

/** A ticket field, pick lists with their options. */
export function presentField(url: string, field: TicketField): Record<string, unknown> {
  return {
    url: `${url}/api/v2/ticket_fields/${field.id}.json`,
    id: field.id,
    type: field.type,
    title: field.title,
    raw_title: field.title,
    description: field.description,
    raw_description: field.description,
    position: 9999,
    active: field.active,
    required: field.required,
    collapsed_for_agents: false,
    regexp_for_validation: field.regexp,
    title_in_portal: field.title,
    raw_title_in_portal: field.title,
    visible_in_portal: false,
    editable_in_portal: false,
    required_in_portal: false,
    tag: null,
    removable: true,
    key: null,
    agent_description: field.agentDescription,
    created_at: instant(field.createdAt),
    updated_at: instant(field.updatedAt),
    ...(field.type === 'tagger' || field.type === 'multiselect'
      ? {
          custom_field_options: field.options.map((option) => ({
            ...option,
            raw_name: option.name,
            default: false,
          })),
        }
      : {}),
  };
}

/** A view. */
export function presentView(url: string, view: View): Record<string, unknown> {
  return {
    url: `${url}/api/v2/views/${view.id}.json`,
    id: view.id,
    title: view.title,
    raw_title: view.title,
    description: view.description,
    active: view.active,
    position: 9999,
    default: false,
    created_at: instant(view.createdAt),
    updated_at: instant(view.updatedAt),
    conditions: view.conditions,
    execution: {
      group_by: null,
      group_order: 'asc',
      sort_by: 'created',
      sort_order: 'desc',
      columns: view.columns.map((id) => ({ id, title: id })),
      fields: [],
      custom_fields: [],
    },
    restriction: null,
  };
}
