import type { Audit, AuditEvent, Ticket } from './model.ts';
import { instantOrNull, type State, takeId } from './state.ts';

/** Writes down a change on the ticket. */
export function auditOf(
  state: State,
  ticket: Ticket,
  authorId: number,
  at: Date,
  events: readonly AuditEvent[],
): Audit {
  const audit = { id: takeId(state), ticketId: ticket.id, authorId, createdAt: at, events };
  ticket.audits.push(audit);
  return audit;
}

/** What differs between two states of a ticket, in the words of Zendesk's audits; empty when nothing does. */
export function changesBetween(state: State, before: Ticket | null, after: Ticket): AuditEvent[] {
  const events: AuditEvent[] = [];
  for (const comment of after.comments.slice(before?.comments.length ?? 0)) {
    events.push({ id: takeId(state), type: 'Comment', body: comment.body, public: comment.public });
  }
  const old = before === null ? {} : auditedValues(before);
  for (const [name, value] of Object.entries(auditedValues(after))) {
    const previous = old[name] ?? null;
    if (JSON.stringify(value) === JSON.stringify(previous)) continue;
    const common = { id: takeId(state), field_name: name, value };
    if (before === null) events.push({ ...common, type: 'Create' });
    else events.push({ ...common, type: 'Change', previous_value: previous });
  }
  return events;
}

function auditedValues(ticket: Ticket): Record<string, unknown> {
  const values: Record<string, unknown> = {
    subject: ticket.subject,
    status: ticket.status,
    custom_status_id: ticket.customStatusId,
    type: ticket.type,
    priority: ticket.priority,
    requester_id: ticket.requesterId,
    assignee_id: ticket.assigneeId,
    group_id: ticket.groupId,
    organization_id: ticket.organizationId,
    brand_id: ticket.brandId,
    external_id: ticket.externalId,
    problem_id: ticket.problemId,
    due_at: instantOrNull(ticket.dueAt),
    tags: ticket.tags,
  };
  for (const [id, value] of ticket.fieldValues) values[String(id)] = value;
  return values;
}
