import type { Agent, Contact, Conversation, NamedRecord, Rating, Survey, Ticket } from './model.ts';
import { plainText } from './plain-text.ts';
import { findPerson, instant, instantOrNull, type State } from './state.ts';

/** What a ticket can carry beside itself; each costs credits. */
export type Include = 'stats' | 'requester' | 'description' | 'company' | 'conversations';

const SUPPORT_ADDRESS = 'support@acme.freshdesk.example';

/** A ticket as lists and searches show it, with what was asked for beside it. Blank keys are null and never left out. */
export function presentListed(
  state: State,
  ticket: Ticket,
  include: ReadonlySet<Include>,
): Record<string, unknown> {
  const isParent = ticket.childIds.length > 0;
  return {
    cc_emails: [],
    fwd_emails: [],
    reply_cc_emails: [],
    ticket_cc_emails: [],
    fr_escalated: false,
    spam: ticket.isSpam,
    email_config_id: null,
    group_id: ticket.groupId,
    priority: ticket.priority,
    requester_id: ticket.requesterId,
    responder_id: ticket.responderId,
    source: ticket.source,
    company_id: ticket.companyId,
    status: ticket.status,
    subject: ticket.subject,
    association_type: isParent ? 1 : ticket.parentId === null ? null : 2,
    support_email: null,
    to_emails: ticket.source === 1 ? [SUPPORT_ADDRESS] : null,
    product_id: ticket.productId,
    id: ticket.id,
    type: ticket.type,
    due_by: instant(ticket.dueBy),
    fr_due_by: instant(ticket.firstResponseDueBy),
    is_escalated: false,
    nr_due_by: null,
    nr_escalated: false,
    custom_fields: presentFieldValues(state, ticket),
    created_at: instant(ticket.createdAt),
    updated_at: instant(ticket.updatedAt),
    associated_tickets_count: isParent ? ticket.childIds.length : null,
    tags: ticket.tags,
    form_id: null,
    // Told of deleted tickets only.
    ...(ticket.isDeleted ? { deleted: true } : {}),
    ...(include.has('description')
      ? { description: ticket.description, description_text: plainText(ticket.description) }
      : {}),
    ...(include.has('stats') ? { stats: presentStats(ticket) } : {}),
    ...(include.has('requester') ? { requester: presentRequester(state, ticket) } : {}),
    ...(include.has('company') ? { company: presentCompanyOf(state, ticket) } : {}),
  };
}

/** A ticket as its own address shows it: with the description always, and the newest conversations on request. */
export function presentTicket(
  state: State,
  ticket: Ticket,
  include: ReadonlySet<Include>,
): Record<string, unknown> {
  return {
    ...presentListed(state, ticket, new Set([...include, 'description'])),
    attachments: [],
    ...(include.has('conversations')
      ? { conversations: ticket.conversations.slice(-10).map((one) => presentConversation(ticket, one)) }
      : {}),
  };
}

function presentFieldValues(state: State, ticket: Ticket): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of state.fields.values())
    if (!field.isDefault)
      values[field.name] =
        ticket.fieldValues.get(field.name) ?? (field.type === 'custom_checkbox' ? false : null);
  return values;
}

function presentStats({ stats }: Ticket): unknown {
  return {
    agent_responded_at: instantOrNull(stats.agentRespondedAt),
    requester_responded_at: instantOrNull(stats.requesterRespondedAt),
    first_responded_at: instantOrNull(stats.firstRespondedAt),
    status_updated_at: instant(stats.statusUpdatedAt),
    reopened_at: instantOrNull(stats.reopenedAt),
    resolved_at: instantOrNull(stats.resolvedAt),
    closed_at: instantOrNull(stats.closedAt),
    pending_since: instantOrNull(stats.pendingSince),
  };
}

function presentRequester(state: State, ticket: Ticket): unknown {
  const person = findPerson(state, ticket.requesterId);
  if (person === undefined) throw new Error(`the sandbox knows no person ${ticket.requesterId}`);
  const phone = 'phone' in person ? person.phone : null;
  return { id: person.id, name: person.name, email: person.email, mobile: null, phone };
}

function presentCompanyOf(state: State, ticket: Ticket): unknown {
  const company = state.companies.get(ticket.companyId ?? 0);
  return company === undefined ? {} : { id: company.id, name: company.name };
}

/** A reply or a note. */
export function presentConversation(ticket: Ticket, one: Conversation): Record<string, unknown> {
  const isReply = one.kind === 'reply';
  return {
    body: one.body,
    body_text: plainText(one.body),
    id: one.id,
    incoming: one.incoming,
    private: one.private,
    user_id: one.userId,
    support_email: isReply && !one.incoming ? SUPPORT_ADDRESS : null,
    source: isReply ? 0 : 2,
    category: one.incoming ? 1 : isReply ? 3 : 2,
    to_emails: one.toEmails,
    from_email: isReply && !one.incoming ? SUPPORT_ADDRESS : null,
    cc_emails: [],
    bcc_emails: null,
    email_failure_count: null,
    outgoing_failures: null,
    thread_id: null,
    thread_message_id: null,
    created_at: instant(one.createdAt),
    updated_at: instant(one.createdAt),
    last_edited_at: null,
    last_edited_user_id: null,
    attachments: [],
    automation_id: null,
    automation_type_id: null,
    auto_response: false,
    ticket_id: ticket.id,
    source_additional_info: null,
  };
}

/** A customer. */
export function presentContact(contact: Contact): Record<string, unknown> {
  return {
    active: true,
    address: null,
    company_id: contact.companyId,
    view_all_tickets: false,
    description: null,
    email: contact.email,
    id: contact.id,
    job_title: null,
    language: contact.language,
    mobile: null,
    name: contact.name,
    phone: contact.phone,
    time_zone: contact.timeZone,
    twitter_id: null,
    custom_fields: {},
    tags: [],
    other_emails: [],
    facebook_id: null,
    created_at: instant(contact.createdAt),
    updated_at: instant(contact.createdAt),
    other_companies: [],
    unique_external_id: contact.uniqueExternalId,
    avatar: null,
  };
}

/** Somebody of ours. */
export function presentAgent(agent: Agent): Record<string, unknown> {
  const at = instant(agent.createdAt);
  return {
    available: true,
    occasional: false,
    id: agent.id,
    ticket_scope: 1,
    created_at: at,
    updated_at: at,
    last_active_at: null,
    available_since: null,
    type: 'support_agent',
    contact: {
      active: true,
      email: agent.email,
      job_title: null,
      language: agent.language,
      last_login_at: null,
      mobile: null,
      name: agent.name,
      phone: null,
      time_zone: 'Berlin',
      created_at: at,
      updated_at: at,
    },
    deactivated: false,
    signature: null,
    focus_mode: true,
    group_ids: agent.groupIds,
    role_ids: [],
    skill_ids: [],
  };
}

/** A group, a product or a company. */
export function presentNamed({ id, name, createdAt }: NamedRecord): Record<string, unknown> {
  return { id, name, description: null, created_at: instant(createdAt), updated_at: instant(createdAt) };
}

/** A survey of the vendor's own. */
export function presentSurvey(survey: Survey): Record<string, unknown> {
  return {
    id: survey.id,
    title: survey.title,
    created_at: instant(survey.createdAt),
    updated_at: instant(survey.createdAt),
    questions: survey.questions.map(({ id, label, acceptedRatings, isDefault }) => ({
      id,
      label,
      accepted_ratings: acceptedRatings,
      default: isDefault,
    })),
  };
}

/** What a customer said in it. */
export function presentRating(rating: Rating): Record<string, unknown> {
  return {
    id: rating.id,
    survey_id: rating.surveyId,
    user_id: rating.userId,
    agent_id: rating.agentId,
    feedback: rating.feedback,
    group_id: rating.groupId,
    ticket_id: rating.ticketId,
    created_at: instant(rating.createdAt),
    updated_at: instant(rating.createdAt),
    ratings: rating.ratings,
  };
}
