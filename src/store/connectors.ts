import { type Kysely, sql } from 'kysely';
import { SECOND_MS } from '../clock.ts';
import type { Finding } from '../connector.ts';
import { type ConnectorRow, SCHEMA, type Tables } from './tables.ts';

/**
 * Makes a connector known. `startedAt` counts only the first time: it decides which closures are "before start". It is kept
 * to the second, as closings are. Gives the one that counts.
 */
export async function registerConnector(
  db: Kysely<Tables>,
  connector: { name: string; type: string; startedAt: Date },
): Promise<Date> {
  const startedAt = toSecond(connector.startedAt);
  const row = await db
    .withSchema(SCHEMA)
    .insertInto('connectors')
    .values({ name: connector.name, type: connector.type, started_at: startedAt })
    .onConflict((c) => c.column('name').doUpdateSet({ type: connector.type }))
    .returning('started_at')
    .executeTakeFirstOrThrow();
  return row.started_at;
}

/** The instant as it is kept. */
export function toSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / SECOND_MS) * SECOND_MS);
}

/** Makes rows due that waited for an admin: a server that starts may have a new configuration, and provisioning adds what was missing. Safe to repeat. */
export async function releaseWaiting(db: Kysely<Tables>, connector: string): Promise<void> {
  for (const table of ['write_backs', 'follow_ups', 'case_asks'] as const) {
    await db
      .withSchema(SCHEMA)
      .updateTable(table)
      .set({ state: 'due', attempts: 0 })
      .where('connector', '=', connector)
      .where('state', '=', 'waiting')
      .execute();
  }
}

export async function readConnector(db: Kysely<Tables>, name: string): Promise<ConnectorRow | null> {
  const row = await db
    .withSchema(SCHEMA)
    .selectFrom('connectors')
    .selectAll()
    .where('name', '=', name)
    .executeTakeFirst();
  return row ?? null;
}

/** Moves the watch's cursor. Call it only after everything on the page is in the store. */
export async function saveCursor(
  db: Kysely<Tables>,
  connector: string,
  page: { cursor: string; reachedAt: Date | null; finishedAt: Date | null },
): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('connectors')
    .set({
      cursor: page.cursor,
      ...(page.reachedAt === null ? {} : { reached_at: page.reachedAt }),
      ...(page.finishedAt === null ? {} : { watched_at: page.finishedAt }),
    })
    .where('name', '=', connector)
    .execute();
}

/** Keeps where a stream stands, after what it told is stored; `rescanFrom` is kept until a watch has looked from there on. */
export async function saveStreamed(
  db: Kysely<Tables>,
  connector: string,
  told: { cursor: string; at: Date; rescanFrom: Date | null },
): Promise<void> {
  await sql`
    update caseloop.connectors
       set stream_cursor = ${told.cursor}, streamed_at = ${told.at},
           rescan_from = least(rescan_from, ${told.rescanFrom}::timestamptz)
     where name = ${connector}`.execute(db);
}

/** A watch has read everything from there on. One that was asked for meanwhile, from further back, stays. */
export async function endRescan(db: Kysely<Tables>, connector: string, from: Date): Promise<void> {
  await sql`
    update caseloop.connectors set rescan_from = null
     where name = ${connector} and rescan_from >= ${from}`.execute(db);
}

/** Marks a connector paused. True when it was not paused before: then it is worth saying once. */
export async function markPaused(
  db: Kysely<Tables>,
  pause: { connector: string; reason: string; at: Date },
): Promise<boolean> {
  const row = await db
    .withSchema(SCHEMA)
    .updateTable('connectors')
    .set({ paused_at: pause.at, paused_reason: pause.reason })
    .where('name', '=', pause.connector)
    .where('paused_at', 'is', null)
    .returning('name')
    .executeTakeFirst();
  return row !== undefined;
}

/** Marks a connector running again. Safe to repeat. */
export async function markResumed(db: Kysely<Tables>, connector: string): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('connectors')
    .set({ paused_at: null, paused_reason: null })
    .where('name', '=', connector)
    .execute();
}

/** Keeps what a check found that is not well. True when that differs from what stood here: then it is worth saying once. */
export async function saveFindings(
  db: Kysely<Tables>,
  connector: string,
  check: { findings: readonly Finding[]; at: Date },
): Promise<boolean> {
  const before = findingsOf(await readConnector(db, connector));
  const after = check.findings.filter(({ level }) => level !== 'ok');
  await db
    .withSchema(SCHEMA)
    .updateTable('connectors')
    .set({ checked_at: check.at, findings: JSON.stringify(after) })
    .where('name', '=', connector)
    .execute();
  const plain = (findings: readonly Finding[]) =>
    JSON.stringify(findings.map(({ what, level, detail, fix }) => [what, level, detail, fix]));
  return plain(before) !== plain(after);
}

/** Connectors that do nothing at present, and why. */
export async function readPausedConnectors(
  db: Kysely<Tables>,
): Promise<readonly { readonly name: string; readonly since: Date; readonly reason: string }[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('connectors')
    .select(['name', 'paused_at', 'paused_reason'])
    .where('paused_at', 'is not', null)
    .orderBy('name')
    .$narrowType<{ paused_at: Date }>()
    .execute();
  return rows.map(({ name, paused_at, paused_reason }) => ({
    name,
    since: paused_at,
    reason: paused_reason ?? 'No reason is kept.',
  }));
}

/** Has the connector looked at again soon: something on the CRM has changed. Safe to repeat. */
export async function forgetCheck(db: Kysely<Tables>, connector: string): Promise<void> {
  await db
    .withSchema(SCHEMA)
    .updateTable('connectors')
    .set({ checked_at: null })
    .where('name', '=', connector)
    .execute();
}

/** What the last check found that is not well. */
export function findingsOf(row: Pick<ConnectorRow, 'findings'> | null): readonly Finding[] {
  return (row?.findings ?? []) as readonly Finding[];
}
