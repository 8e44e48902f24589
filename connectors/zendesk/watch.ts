import type { ConnectorContext, WatchFrom, WatchPage } from '../../src/connector.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { PermanentError } from '../../src/errors.ts';
import type { Names } from './brands.ts';
import type { ZendeskApi } from './client.ts';
import type { FindRepliers } from './repliers.ts';
import {
  ExportPage,
  type MetricSet,
  type NamedRecord,
  type Ticket,
  TicketMetric,
  TicketPage,
} from './schema.ts';
import { toSnapshot } from './snapshot.ts';

/** The most tickets that one `show_many`, `update_many` or `create_many` takes (2026-11-21). */
export const BATCH_SIZE = 100;

/** What tickets refer to beyond what is side-loaded. */
export interface Around {
  readonly brands: () => Promise<Names>;
  /** Null where nobody asks who answered. */
  readonly repliers: FindRepliers | null;
}

const SIDE_LOADS = 'users,groups,organizations,metric_sets';

/** Zendesk refuses a start younger than five minutes; the sixth is for clocks that differ. */
const YOUNGEST_START_MS = 6 * 60_000;

/**
 * One page of the cursor export: every ticket that changed, open ones and deleted ones too. A cursor is kept at the end of
 * the stream as well, so the next page begins where this one ended. Changes of the last minute come with a later page.
 *
 * All exports of an account share 10 requests a minute (30 with the High Volume add-on): throws RetryableError with scope
 * endpoint when they are used up.
 * https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/ (2026-11-21)
 */
export async function watchPage(
  api: ZendeskApi,
  around: Around,
  context: ConnectorContext,
  from: WatchFrom,
): Promise<WatchPage> {
  api.requireLimit('incremental-exports');
  const start = readStart(from, context.clock.now());
  const page = await api.read(
    'incremental/tickets/cursor.json',
    { ...start, include: SIDE_LOADS },
    ExportPage,
  );
  const cursor = nextCursor(page.after_cursor ?? null, start);
  const last = page.tickets.at(-1)?.generated_timestamp;
  return {
    cases: await toSnapshots(api, around, page),
    cursor,
    more: !page.end_of_stream,
    reachedAt: last === undefined ? null : new Date(last * 1_000),
  };
}

/** The current truth of these tickets, 100 a call with people, groups, organizations and metrics. Deleted and unknown ones are left out. */
export async function fetchCases(
  api: ZendeskApi,
  around: Around,
  ids: readonly string[],
): Promise<readonly CaseSnapshot[]> {
  const known = [...new Set(ids)].filter((id) => /^\d{1,16}$/.test(id));
  const cases: CaseSnapshot[] = [];
  for (let start = 0; start < known.length; start += BATCH_SIZE) {
    const batch = known.slice(start, start + BATCH_SIZE).join(',');
    const page = await api.read('tickets/show_many.json', { ids: batch, include: SIDE_LOADS }, TicketPage);
    cases.push(...(await toSnapshots(api, around, page)));
  }
  return cases;
}

/** Our cursor is either the vendor's or, before the first answer that had one, the start it would begin from again. */
type Start = { readonly cursor: string } | { readonly start_time: string };

function readStart(from: WatchFrom, now: Date): Start {
  if ('startAt' in from) {
    const startMs = Math.min(from.startAt.getTime(), now.getTime() - YOUNGEST_START_MS);
    return { start_time: String(Math.max(0, Math.floor(startMs / 1_000))) };
  }
  const [kind, ...rest] = from.cursor.split(':');
  const value = rest.join(':');
  if (kind === 'after' && value !== '') return { cursor: value };
  if (kind === 'start' && /^\d+$/.test(value)) return { start_time: value };
  throw new PermanentError('Zendesk watch: the stored cursor is not one of ours (after:... or start:...)', {
    fix: 'Delete the cursor of this connector; the watch then begins at startFrom.',
  });
}

function nextCursor(afterCursor: string | null, start: Start): string {
  if (afterCursor !== null) return `after:${afterCursor}`;
  return 'cursor' in start ? `after:${start.cursor}` : `start:${start.start_time}`;
}

async function toSnapshots(
  api: ZendeskApi,
  { brands, repliers }: Around,
  page: TicketPage,
): Promise<readonly CaseSnapshot[]> {
  if (page.tickets.length === 0) return [];
  const users = new Map(page.users.map((user) => [user.id, user]));
  const metrics = await gatherMetrics(api, page);
  const around = {
    baseUrl: api.baseUrl,
    users,
    groups: namesOf(page.groups),
    organizations: namesOf(page.organizations),
    brands: await brands(),
    metrics,
    repliers: (await repliers?.(page.tickets, { metrics, users })) ?? new Map(),
  };
  return page.tickets.map((ticket) => toSnapshot(ticket, around));
}

function namesOf(records: readonly NamedRecord[]): Names {
  return new Map(records.map(({ id, name }) => [id, name]));
}

/**
 * Metrics by ticket. A solved ticket without them would have no instant of closing, so they are asked for one by one; a
 * closed one without them has been archived, months after any survey.
 */
async function gatherMetrics(api: ZendeskApi, page: TicketPage): Promise<ReadonlyMap<number, MetricSet>> {
  const metrics = new Map(page.metric_sets.map((metric) => [metric.ticket_id, metric]));
  for (const ticket of page.tickets) {
    if (ticket.metric_set) metrics.set(ticket.id, ticket.metric_set);
    else if (!metrics.has(ticket.id) && ticket.status === 'solved')
      metrics.set(ticket.id, await readMetric(api, ticket));
  }
  return metrics;
}

async function readMetric(api: ZendeskApi, ticket: Ticket): Promise<MetricSet> {
  return (await api.read(`tickets/${ticket.id}/metrics.json`, {}, TicketMetric)).ticket_metric;
}
