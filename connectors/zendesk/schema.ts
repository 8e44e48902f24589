import { z } from 'zod';

// Only what we read. Zendesk adds keys at will, so unknown ones are dropped, and what may be missing says so.

const Id = z.number().int().nonnegative();
const MaybeId = Id.nullish();

/** An ISO 8601 instant as Zendesk writes it, read as a `Date`. */
const Instant = z.string().transform((text, context) => {
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime())) {
    context.addIssue('not an instant');
    return z.NEVER;
  }
  return instant;
});

/** Counts and times of a ticket. https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/ (2026-11-21). */
export const MetricSet = z.object({
  ticket_id: Id,
  reopens: z.number().nullish(),
  replies: z.number().nullish(),
  solved_at: Instant.nullish(),
  latest_comment_added_at: Instant.nullish(),
  reply_time_in_minutes: z.object({ calendar: z.number().nullish() }).nullish(),
});
export type MetricSet = z.output<typeof MetricSet>;

/** A ticket as lists and exports give it. https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/ (2026-11-21). */
export const Ticket = z.object({
  id: Id,
  external_id: z.string().nullish(),
  via: z
    .object({
      channel: z.union([z.string(), z.number()]).nullish(),
      source: z.object({ rel: z.string().nullish() }).nullish(),
    })
    .nullish(),
  created_at: Instant,
  updated_at: Instant,
  type: z.string().nullish(),
  subject: z.string().nullish(),
  priority: z.string().nullish(),
  status: z.string(),
  requester_id: MaybeId,
  submitter_id: MaybeId,
  assignee_id: MaybeId,
  organization_id: MaybeId,
  group_id: MaybeId,
  brand_id: MaybeId,
  tags: z.array(z.string()).nullish(),
  generated_timestamp: z.number().optional(),
  // Seen both inside the ticket and beside the tickets; see README, "Unconfirmed".
  metric_set: MetricSet.nullish(),
});
export type Ticket = z.output<typeof Ticket>;

/** A person, customer or staff. */
export const User = z.object({
  id: Id,
  name: z.string().nullish(),
  email: z.string().nullish(),
  locale: z.string().nullish(),
  time_zone: z.string().nullish(),
  role: z.string().nullish(),
  suspended: z.boolean().nullish(),
});
export type User = z.output<typeof User>;

/** People with what stands in their own fields, by key. */
export const UserFieldsList = z.object({
  users: z.array(z.object({ id: Id, user_fields: z.record(z.string(), z.unknown()).nullish() })),
});

/** A group, brand or organization: what we need of them is the name. */
export const NamedRecord = z.object({ id: Id, name: z.string() });
export type NamedRecord = z.output<typeof NamedRecord>;

/** Tickets with what was side-loaded. */
export const TicketPage = z.object({
  tickets: z.array(Ticket),
  users: z.array(User).default([]),
  groups: z.array(NamedRecord).default([]),
  organizations: z.array(NamedRecord).default([]),
  metric_sets: z.array(MetricSet).default([]),
});
export type TicketPage = z.output<typeof TicketPage>;

/** A page of the cursor export. */
export const ExportPage = TicketPage.extend({
  after_cursor: z.string().nullish(),
  end_of_stream: z.boolean(),
});
export type ExportPage = z.output<typeof ExportPage>;

/** The metrics of one ticket, asked for by itself. */
export const TicketMetric = z.object({ ticket_metric: MetricSet });

/** Just enough to know that tickets can really be read. */
export const TicketList = z.object({
  tickets: z.array(z.object({ id: Id, tags: z.array(z.string()).nullish() })),
});

/** Brands; a handful per account. */
export const BrandList = z.object({ brands: z.array(NamedRecord) });

/** What one item of a bulk job came to. Keys differ by action, so all but success are optional. */
export const JobResult = z.object({
  index: z.number().int().nullish(),
  id: Id.nullish(),
  success: z.boolean().nullish(),
  error: z.string().nullish(),
  details: z.unknown().optional(),
});
export type JobResult = z.output<typeof JobResult>;

/** A background job. https://developer.zendesk.com/api-reference/ticketing/ticket-management/job_statuses/ (2026-11-21). */
export const JobStatus = z.object({
  job_status: z.object({
    id: z.string(),
    status: z.string(),
    results: z.array(JobResult).nullish(),
  }),
});
export type JobStatus = z.output<typeof JobStatus>;

/** A ticket field and, for a drop-down, its options. */
export const TicketField = z.object({
  id: Id,
  type: z.string(),
  title: z.string(),
  active: z.boolean().nullish(),
  custom_field_options: z
    .array(z.object({ id: Id.nullish(), name: z.string(), value: z.string() }))
    .nullish(),
});
export type TicketField = z.output<typeof TicketField>;

/** A field on people. Values are written under its key. */
export const UserField = z.object({
  id: Id,
  key: z.string(),
  type: z.string(),
  title: z.string(),
  active: z.boolean().nullish(),
});
export type UserField = z.output<typeof UserField>;

/** A ticket's comments, of which only the text is looked at. */
export const CommentList = z.object({ comments: z.array(z.object({ body: z.string().nullish() })) });

/** A comment as one looks for who answered. Nothing is an answer of which Zendesk does not say that it is public, by whom and when. */
export const Comment = z.object({
  body: z.string().nullish(),
  public: z.boolean().nullish(),
  author_id: MaybeId,
  created_at: Instant.nullish(),
});
export type Comment = z.output<typeof Comment>;
export const Conversation = z.object({ comments: z.array(Comment) });

/** People by their ids. */
export const UserList = z.object({ users: z.array(User) });

/** A webhook, without its secret. */
export const Webhook = z.object({
  id: z.string(),
  name: z.string(),
  endpoint: z.string(),
  status: z.string(),
  subscriptions: z.array(z.string()).nullish(),
});
export type Webhook = z.output<typeof Webhook>;

/** What a webhook signs with. */
export const SigningSecret = z.object({ signing_secret: z.object({ secret: z.string().min(1) }) });

/** A view in the agents' workspace. */
export const View = z.object({ id: Id, title: z.string(), active: z.boolean().nullish() });
export type View = z.output<typeof View>;

/** An answer of the token endpoint. */
export const TokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  scope: z.string().nullish(),
  expires_in: z.number().positive().nullish(),
});

/** An event that Zendesk pushed, or the body of a trigger that an admin wrote by hand. */
export const PushEvent = z.object({
  type: z.string().optional(),
  subject: z.string().optional(),
  ticket_id: z.union([z.string(), z.number()]).optional(),
  detail: z.object({ id: z.union([z.string(), z.number()]).optional() }).optional(),
  event: z.object({ current: z.unknown(), previous: z.unknown() }).partial().optional(),
});
export type PushEvent = z.output<typeof PushEvent>;
