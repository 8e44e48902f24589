import { z } from 'zod';
import { MINUTE_MS } from '../../src/clock.ts';
import type { ConnectorContext, WatchFrom, WatchPage } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import type { SalesforceApi } from './client.ts';
import type { People } from './people.ts';
import { toSnapshots } from './read-cases.ts';
import { Case } from './schema.ts';
import { CASE_FIELDS } from './snapshot.ts';
import { quote } from './soql.ts';

/** The most rows that Salesforce gives in one answer (2026-11-21). */
const PAGE_SIZE = 2_000;

/**
 * A row shows up when its transaction commits, with the instant at which it was written: others that were read meanwhile may
 * carry a later one. Fifteen minutes cover the longest transactions anybody reported (airbyte#27146, seen 2026-11-21).
 */
export const OVERLAP_MS = 15 * MINUTE_MS;

const Instant = z.iso.datetime().transform((text) => new Date(text));
/** A place in the order of (SystemModstamp, Id). Without an id: before every row of that instant. */
const Place = z.object({ at: Instant, id: z.string().nullable() });
type Place = z.output<typeof Place>;

/**
 * Where a watch stands. It reads by (SystemModstamp, Id), since a mass change gives thousands of rows one instant. At the end
 * it goes back by the overlap, until nothing new was seen for as long; from then on it stays where it is.
 */
const Cursor = z.object({
  v: z.literal(1),
  /** The next page begins behind it. */
  after: Place,
  /** When the reading that is under way began, by our clock; null at its end. */
  begunAt: Instant.nullable(),
  /** The highest row so far, with the instant by our clock at which it was first seen. */
  top: Place.extend({ seenAt: Instant }).nullable(),
});
type Cursor = z.output<typeof Cursor>;

/**
 * One page of cases that changed, open, closed and deleted ones, oldest change first. Every page but the last goes further,
 * however many rows share an instant; the last one sets the cursor back by 15 minutes, so rows repeat for that long.
 *
 * Throws RetryableError (scope endpoint) while the API budget is spent.
 */
export async function watchPage(
  api: SalesforceApi,
  people: () => Promise<People>,
  context: ConnectorContext,
  from: WatchFrom,
): Promise<WatchPage> {
  api.budget.admitPage();
  const start = readCursor(from);
  const begunAt = start.begunAt ?? context.clock.now();
  const soql = `SELECT ${CASE_FIELDS} FROM Case WHERE ${behind(start.after)} ORDER BY SystemModstamp, Id LIMIT ${PAGE_SIZE}`;
  const { rows, next } = await api.page(Case, soql, { deleted: true });
  const last = rows.at(-1);
  const end = last === undefined ? start.after : { at: last.SystemModstamp, id: last.Id };
  const more = next !== null || rows.length === PAGE_SIZE;
  const isNew = last !== undefined && isHigher(end, start.top);
  const top = isNew ? { ...end, seenAt: context.clock.now() } : start.top;
  const reading = { v: 1 as const, after: end, begunAt, top };
  const cursor = more ? reading : atRest(reading);
  return {
    cases: await toSnapshots(api, people, context, rows),
    cursor: JSON.stringify(cursor),
    more,
    reachedAt: top?.at ?? null,
  };
}

/** Where the next watch begins after one that came to the end. */
function atRest({ v, after, begunAt, top }: Cursor & { begunAt: Date }): Cursor {
  if (top === null) return { v, after, begunAt: null, top };
  const { seenAt, ...place } = top;
  // Measured by our clock alone: whatever was written before the highest row was first seen had been committed when this
  // reading began, so it was read.
  const isSettled = begunAt.getTime() - seenAt.getTime() >= OVERLAP_MS;
  const back = { at: new Date(place.at.getTime() - OVERLAP_MS), id: null };
  return { v, after: isSettled ? place : back, begunAt: null, top };
}

function readCursor(from: WatchFrom): Cursor {
  if ('startAt' in from) return { v: 1, after: { at: from.startAt, id: null }, begunAt: null, top: null };
  const cursor = Cursor.safeParse(parseText(from.cursor)).data;
  if (cursor !== undefined) return cursor;
  throw new PermanentError('Salesforce watch: the stored cursor is not one of ours', {
    fix: 'Delete the cursor of this connector; the watch then begins at startFrom.',
  });
}

function behind({ at, id }: Place): string {
  const instant = at.toISOString();
  if (id === null) return `SystemModstamp >= ${instant}`;
  return `(SystemModstamp > ${instant} OR (SystemModstamp = ${instant} AND Id > ${quote(id)}))`;
}

/** True when the place is beyond `top`. Rows of one instant come in the order of their ids, so the later read is higher. */
function isHigher(place: Place, top: Place | null): boolean {
  if (top === null) return true;
  const [here, there] = [place.at.getTime(), top.at.getTime()];
  return here > there || (here === there && (place.id ?? '') > (top.id ?? ''));
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is not one of ours: the schema refuses it.
    return null;
  }
}
