import { type RawBuilder, sql } from 'kysely';
import type { ClosureRecord } from '../domain/closure-record.ts';
import type { ListQuestion } from '../domain/question-query.ts';
import { conditionsOf } from './closure-conditions.ts';
import { readClosureRecords } from './closure-records.ts';
import type { ReportDeps } from './report.ts';
import { catchUp } from './report-fold.ts';

export interface ClosureRowsPage {
  /** What an earlier page gave as `next`; null for the first one. Anything else begins anew. */
  readonly after: string | null;
  readonly limit: number;
  /** A case's number or id, or how its subject begins. Default: any. */
  readonly search?: string;
}

/**
 * The closures that a number counts, newest first, a page at a time. A page stays where it is while others are closed. `next`
 * is null on the last page.
 */
export async function readClosureRows(
  { db, settings, clock }: ReportDeps,
  question: ListQuestion,
  page: ClosureRowsPage,
): Promise<{ readonly rows: readonly ClosureRecord[]; readonly next: string | null }> {
  await catchUp(db, settings.zone);
  const now = clock.now();
  const where = await conditionsOf(db, question, now);
  const cursor = readCursor(page.after);
  const beyond =
    cursor === null
      ? sql`true`
      : sql`(f.day, f.closed_at, f.closure_id) < (${cursor.day}::date, ${cursor.closedAt}::timestamptz, ${cursor.id}::uuid)`;
  const { rows } = await sql<{ closure_id: string; closed_at: Date; day: string }>`
    select f.closure_id, f.closed_at, f.day from caseloop.report_facts f
     where ${where} and ${beyond} and ${matching(page.search ?? '')}
     order by f.day desc, f.closed_at desc, f.closure_id desc limit ${page.limit + 1}`.execute(db);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const records = await readClosureRecords(
    db,
    shown.map((row) => row.closure_id),
    now,
  );
  return { rows: records, next: rows.length > page.limit && last !== undefined ? cursorOf(last) : null };
}

/** How many closures there are of it; with `search`, of those. */
export async function countClosureRows(
  { db, clock }: ReportDeps,
  question: ListQuestion,
  search = '',
): Promise<number> {
  const where = await conditionsOf(db, question, clock.now());
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from caseloop.report_facts f where ${where} and ${matching(search)}`.execute(db);
  return rows[0]?.count ?? 0;
}

function matching(search: string): RawBuilder<unknown> {
  const text = search.trim();
  if (text === '') return sql`true`;
  const start = text.toLowerCase().slice(0, 60);
  // Each way has an index; the operators are those that compare byte by byte, as the one of subjects does.
  return sql`f.closure_id in (
    select c.id from caseloop.connectors n
      join caseloop.cases k on k.connector = n.name and k.case_id = ${text}
      join caseloop.closures c on c.connector = k.connector and c.case_id = k.case_id
    union
    select c.id from caseloop.connectors n
      join caseloop.cases k on k.connector = n.name and k.number = ${text}
      join caseloop.closures c on c.connector = k.connector and c.case_id = k.case_id
    union
    select t.closure_id from caseloop.report_titles t where t.subject ~>=~ ${start} and t.subject ~<~ ${`${start}\u{10FFFF}`})`;
}

interface Cursor {
  readonly day: string;
  readonly closedAt: string;
  readonly id: string;
}

function cursorOf({
  day,
  closed_at,
  closure_id,
}: {
  day: string;
  closed_at: Date;
  closure_id: string;
}): string {
  return Buffer.from(`${day} ${closed_at.toISOString()} ${closure_id}`).toString('base64url');
}

const CURSOR =
  /^(\d{4}-\d\d-\d\d) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

function readCursor(after: string | null): Cursor | null {
  const [, day, closedAt, id] = CURSOR.exec(Buffer.from(after ?? '', 'base64url').toString()) ?? [];
  return day === undefined || closedAt === undefined || id === undefined ? null : { day, closedAt, id };
}
