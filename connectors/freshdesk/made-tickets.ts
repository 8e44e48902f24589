import { type Clock, DAY_MS, MINUTE_MS } from '../../src/clock.ts';
import type { RecordRef } from '../../src/connector.ts';
import { withOurFields } from './answer-values.ts';
import { type FreshdeskApi, LAST_PAGE, type Query } from './client.ts';
import type { Config } from './config.ts';
import { toHtml } from './html.ts';
import { readMe } from './names.ts';
import { Invalid } from './refusal.ts';
import { BareTicket, Written } from './schema.ts';
import { agentUrl } from './snapshot.ts';
import type { FieldDirectory } from './ticket-fields.ts';

/** How far back a ticket of unknown outcome is looked for: longer than an outage lasts. */
const LOOK_BACK_MS = 30 * DAY_MS;

/** A due date must lie ahead; one that has passed while the CRM was away is set to this. */
const SOONEST_DUE_MS = 10 * MINUTE_MS;

/** A ticket to be made. */
export interface Wanted {
  readonly key: string;
  readonly subject: string;
  /** Plain text for staff. */
  readonly body: string;
  readonly status: number;
  readonly priority: number;
  readonly dueAt: Date | null;
  readonly ownerId: string | null;
  readonly teamId: string | null;
  /** The ticket it is a child of. */
  readonly parentId: number | null;
  readonly customFields: Readonly<Record<string, unknown>>;
}

/** Tickets that Caseloop makes, all for the same internal requester, so that Freshdesk mails no customer. */
export interface MadeTickets {
  /** Throws ConfigError without our reference field, which every one of them would miss. */
  requireField(): Promise<void>;
  /** Makes one. Not safe to repeat: Freshdesk has no key for that, so look first. */
  make(wanted: Wanted): Promise<RecordRef>;
  /** Which of these keys stand on a ticket already. Costs a call per 100 tickets that we made of late. */
  find(keys: readonly string[]): Promise<ReadonlyMap<string, RecordRef>>;
}

/** No I/O until asked. */
export function createMadeTickets(
  api: FreshdeskApi,
  about: { readonly config: Config; readonly clock: Clock; readonly fields: FieldDirectory },
): MadeTickets {
  const { config, clock, fields } = about;
  let me: number | null = null;

  /** The requester as a list filters by it and as a new ticket names it: the same keys for both. */
  async function requester(): Promise<{ email: string } | { requester_id: number }> {
    const { requester: email } = config.followUp;
    if (email !== undefined) return { email };
    me ??= (await readMe(api)).id;
    return { requester_id: me };
  }

  const refOf = (id: number): RecordRef => ({ id: String(id), url: agentUrl(api.baseUrl, id) });

  return {
    async requireField() {
      await fields.reference();
    },
    async make(wanted) {
      const reference = await fields.reference();
      const body = {
        ...(await requester()),
        subject: wanted.subject,
        description: toHtml(wanted.body),
        status: wanted.status,
        priority: wanted.priority,
        // Portal: Freshdesk keeps the sources that mail somebody for itself.
        source: 2,
        ...dueDates(wanted.dueAt, clock.now()),
        ...(wanted.ownerId === null ? {} : { responder_id: Number(wanted.ownerId) }),
        ...(wanted.teamId === null ? {} : { group_id: Number(wanted.teamId) }),
        custom_fields: { ...wanted.customFields, [reference]: wanted.key },
      };
      const names = [reference, ...Object.keys(wanted.customFields)];
      const send = (more: object) =>
        withOurFields(fields, names, () => api.write('POST', 'tickets', { ...body, ...more }, Written));
      const { id } = await (wanted.parentId === null ? send({}) : asChild(wanted.parentId, send));
      return refOf(id);
    },
    async find(keys) {
      const reference = await fields.reference();
      const looked = new Set(keys);
      const found = new Map<string, RecordRef>();
      const endAt = new Date(clock.now().getTime() - LOOK_BACK_MS);
      const query: Query = {
        ...Object.fromEntries(
          Object.entries(await requester()).map(([name, value]) => [name, String(value)]),
        ),
        updated_since: `${endAt.toISOString().slice(0, 19)}Z`,
        order_by: 'created_at',
        order_type: 'desc',
      };
      for (let number = 1; number <= LAST_PAGE && found.size < looked.size; number += 1) {
        const { items, hasNext } = await api.page('tickets', query, number, BareTicket);
        for (const { id, custom_fields: values } of items) {
          const key = values?.[reference];
          // Newest first: the oldest of two, which others may already point at, comes last and stands.
          if (typeof key === 'string' && looked.has(key)) found.set(key, refOf(id));
        }
        const last = items.at(-1);
        if (!hasNext || last === undefined || last.created_at < endAt) break;
      }
      return found;
    },
  };
}

/**
 * A child where the account and the ticket allow it, else a ticket of its own: a low score must not be without its task since
 * the parent is archived, has 10 children already, or the feature is off. A refusal had no effect.
 */
async function asChild<T>(parentId: number, send: (more: object) => Promise<T>): Promise<T> {
  try {
    return await send({ parent_id: parentId });
  } catch (error) {
    if (!(error instanceof Invalid) || !error.refused.some(({ field }) => field === 'parent_id')) throw error;
    return send({});
  }
}

/** Both or none, ahead of now, the first reply before the solution (unconfirmed, see README). */
function dueDates(dueAt: Date | null, now: Date): Readonly<Record<string, string>> {
  if (dueAt === null) return {};
  const due = new Date(Math.max(dueAt.getTime(), now.getTime() + SOONEST_DUE_MS));
  const reply = new Date(due.getTime() - MINUTE_MS);
  return { due_by: toSecond(due), fr_due_by: toSecond(reply) };
}

function toSecond(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}
