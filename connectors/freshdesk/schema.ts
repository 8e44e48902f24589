import { z } from 'zod';

// Only what we read. Freshdesk adds keys at will, so unknown ones are dropped, and what may be missing says so.

const Id = z.number().int().nonnegative();
const MaybeId = Id.nullish();
const Text = z.string().nullish();

/** An ISO 8601 instant as Freshdesk writes it, read as a `Date`. */
const Instant = z.string().transform((text, context) => {
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime())) {
    context.addIssue('not an instant');
    return z.NEVER;
  }
  return instant;
});

/** Times of a ticket, from `include=stats`. */
const Stats = z.object({
  agent_responded_at: Instant.nullish(),
  first_responded_at: Instant.nullish(),
  status_updated_at: Instant.nullish(),
  reopened_at: Instant.nullish(),
  resolved_at: Instant.nullish(),
  closed_at: Instant.nullish(),
});

/** A ticket with `include=stats,requester`. https://developers.freshdesk.com/api/#tickets (2026-11-22) */
export const Ticket = z.object({
  id: Id,
  subject: Text,
  status: z.number().int(),
  priority: z.number().int().nullish(),
  source: z.number().int().nullish(),
  type: Text,
  requester_id: MaybeId,
  responder_id: MaybeId,
  group_id: MaybeId,
  product_id: MaybeId,
  spam: z.boolean().nullish(),
  deleted: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
  created_at: Instant,
  updated_at: Instant,
  requester: z.object({ id: MaybeId, name: Text, email: Text }).nullish(),
  stats: Stats.nullish(),
});
export type Ticket = z.output<typeof Ticket>;

/** A ticket of a list of which only its id and our own fields count. */
export const BareTicket = z.object({
  id: Id,
  created_at: Instant,
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
});

/** Any record that was written: its id is all we keep. */
export const Written = z.object({ id: Id });

/** A rating that was written. The vendor's own sample shows `"id": false`, so nothing in it is relied on. */
export const WrittenRating = z.object({});

/** An agent; `contact` is the person behind it. */
export const Agent = z.object({
  id: Id,
  ticket_scope: z.number().int().nullish(),
  contact: z.object({ name: Text, language: Text }).nullish(),
});
export type Agent = z.output<typeof Agent>;

/** A group or product: what we need of them is the name. */
export const NamedRecord = z.object({ id: Id, name: z.string() });

/** A person; language and time zone are all that is asked for. */
export const Contact = z.object({ id: Id, language: Text, time_zone: Text });

/** A ticket field. `choices` has another shape for every type of field. */
export const TicketField = z.object({
  id: Id,
  name: z.string().min(1),
  label: z.string(),
  type: z.string(),
  choices: z.unknown().optional(),
});
export type TicketField = z.output<typeof TicketField>;

/** A reply or note. What does not say when, or that it is public and goes out, is no answer to a customer. */
export const Conversation = z.object({
  body: Text,
  private: z.boolean().nullish(),
  incoming: z.boolean().nullish(),
  user_id: MaybeId,
  auto_response: z.boolean().nullish(),
  created_at: Instant.nullish(),
});
export type Conversation = z.output<typeof Conversation>;

/** A survey with the ratings its questions take. */
export const Survey = z.object({
  questions: z
    .array(z.object({ id: z.unknown().optional(), accepted_ratings: z.array(z.number().int()).nullish() }))
    .nullish(),
});
export type Survey = z.output<typeof Survey>;

/** A rating that a ticket has. */
export const Rating = z.object({ ticket_id: MaybeId });
