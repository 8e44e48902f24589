import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../clock.ts';
import type { RecoveryLook } from '../connector.ts';
import type { Recovery } from '../domain/recovery.ts';
import { noteInAudit } from './audit.ts';
import { SCHEMA, type Tables } from './tables.ts';
import { queueFollowUpEvents, type WebhookSubscription } from './webhook-events.ts';

/** Clocks that nobody has stopped yet. */
const RUNNING: RawBuilder<boolean> = sql`is_clock and stopped_at is null and recovered_at is null`;

/** So long after it was due, a clock is looked at with every watch; from then on once a day, and when its case changes. */
const OFTEN_FOR_MS = 14 * DAY_MS;

/** A clock is not looked at twice in one run. */
const OFTEN_MS = SECOND_MS;

/** Where the CRM does not say in time whether the customer was answered, so long after the due time nobody waits for it. */
const LOOK_GRACE_MS = 15 * MINUTE_MS;

/** A clock that is to be looked at. `key` is the row's id. */
export interface DueLook extends RecoveryLook {
  readonly closureId: string;
  readonly dueAt: Date;
  readonly nextLookAt: Date;
}

/** The running clocks of a connector whose look is due, the one that waits longest first. Claims nothing: a look may repeat. */
export async function dueLooks(
  db: Kysely<Tables>,
  which: { connector: string; now: Date; limit: number },
): Promise<readonly DueLook[]> {
  const { rows } = await sql<{
    id: string;
    closure_id: string;
    case_id: string;
    low_since: Date;
    due_at: Date;
    next_look_at: Date;
    task_id: string | null;
  }>`
    select f.id, f.closure_id, c.case_id, f.low_since, f.due_at, f.next_look_at,
           case when f.action = 'task' and f.state = 'made' then f.ref_id end as task_id
      from caseloop.follow_ups f join caseloop.closures c on c.id = f.closure_id
     where f.connector = ${which.connector} and ${RUNNING} and f.next_look_at <= ${which.now}
     order by f.next_look_at, f.id limit ${which.limit}`.execute(db);
  return rows.map((row) => ({
    key: row.id,
    closureId: row.closure_id,
    caseId: row.case_id,
    since: row.low_since,
    taskId: row.task_id,
    dueAt: row.due_at,
    nextLookAt: row.next_look_at,
  }));
}

/** The CRM does not show yet that these customers were answered. A case that changed meanwhile is looked at again at once. */
export async function noteLooks(db: Kysely<Tables>, looks: readonly DueLook[], now: Date): Promise<void> {
  const noted = looks.map(({ key, nextLookAt, dueAt }) => ({
    id: key,
    was: nextLookAt,
    next: new Date(now.getTime() + (now.getTime() > dueAt.getTime() + OFTEN_FOR_MS ? DAY_MS : OFTEN_MS)),
  }));
  await sql`
    update caseloop.follow_ups f
       set looked_at = ${now}, next_look_at = case when f.next_look_at = n.was then n.next else f.next_look_at end
      from jsonb_to_recordset(${JSON.stringify(noted)}::jsonb) as n (id uuid, was timestamptz, next timestamptz)
     where f.id = n.id and ${RUNNING}`.execute(db);
}

/**
 * These cases, or the tasks made for them, changed: their clocks are looked at next. True when there is one that runs. Waits for
 * nobody: a row in other hands is looked at in its turn.
 */
export async function lookSoon(
  db: Kysely<Tables>,
  connector: string,
  caseIds: readonly string[],
  now: Date,
): Promise<boolean> {
  if (caseIds.length === 0) return false;
  const { rows } = await sql`
    update caseloop.follow_ups set next_look_at = least(next_look_at, ${now}::timestamptz)
     where id in (
       select id from caseloop.follow_ups
        where connector = ${connector} and ${RUNNING}
          and (ref_id = any(${caseIds}::text[])
               or closure_id in (select id from caseloop.closures
                                  where connector = ${connector} and case_id = any(${caseIds}::text[])))
          for update skip locked)
    returning id`.execute(db);
  return rows.length > 0;
}

/**
 * The customers were answered: their clocks end here. Gives the closures for which that is news. Webhooks are told in the same
 * transaction.
 */
export async function markRecovered(
  db: Kysely<Tables>,
  recoveries: readonly Recovery[],
  now: Date,
  webhooks: readonly WebhookSubscription[],
): Promise<readonly string[]> {
  if (recoveries.length === 0) return [];
  return db.transaction().execute(async (tx) => {
    const rows = recoveries.map(({ key, at, by, since }) => ({ id: key, at, by, since }));
    const { rows: ended } = await sql<{ closure_id: string }>`
      update caseloop.follow_ups f
         set recovered_at = r.at, recovered_by = r.by, looked_at = ${now}, tell_at = null
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, at timestamptz, by text, since timestamptz)
       where f.id = r.id and ${RUNNING} and f.low_since = r.since
      returning f.closure_id`.execute(tx);
    const closureIds = ended.map(({ closure_id }) => closure_id);
    await queueFollowUpEvents(tx, webhooks, { type: 'follow-up.recovered', closureIds, at: now });
    return closureIds;
  });
}

/**
 * A person says that the customer was answered where the CRM does not show it: on the phone, for example. False when no clock
 * runs for this closure. Noted in the audit.
 */
export async function markRecoveredByHand(
  db: Kysely<Tables>,
  mark: { closureId: string; actor: string; at: Date },
  webhooks: readonly WebhookSubscription[],
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .withSchema(SCHEMA)
      .updateTable('follow_ups')
      .set({ recovered_at: mark.at, recovered_by: 'by-hand', tell_at: null })
      .where('closure_id', '=', mark.closureId)
      .where(RUNNING)
      .returning('id')
      .executeTakeFirst();
    if (row === undefined) return false;
    await queueFollowUpEvents(tx, webhooks, {
      type: 'follow-up.recovered',
      closureIds: [mark.closureId],
      at: mark.at,
    });
    await noteInAudit(tx, {
      at: mark.at,
      actor: mark.actor,
      what: 'recovered by hand',
      detail: `closure ${mark.closureId}`,
    });
    return true;
  });
}

/** A clock of whose start, or of whose missed due time, people are to be told. */
export interface ClockToTell {
  readonly id: string;
  readonly closureId: string;
  readonly start: number;
  /** The team's name when the case closed. */
  readonly team: string | null;
}

/** Locks clocks whose start nobody has been told of yet; they count as told when the transaction is through. */
export async function takeStarts(
  tx: Transaction<Tables>,
  now: Date,
  limit: number,
): Promise<readonly ClockToTell[]> {
  const { rows } = await sql<ClockToTell>`
    update caseloop.follow_ups f set tell_at = null from caseloop.closures c
     where c.id = f.closure_id
       and f.id in (select id from caseloop.follow_ups where tell_at <= ${now} order by tell_at limit ${limit} for update skip locked)
    returning f.id, f.closure_id as "closureId", f.starts as start, c.snapshot->'team'->>'name' as team`.execute(
    tx,
  );
  return rows;
}

/**
 * Marks clocks that ran past their due time as escalated; each start of a clock is at most once. The CRM has been asked since
 * the due time, or would not say for a quarter of an hour.
 */
export async function takeOverdue(
  tx: Transaction<Tables>,
  now: Date,
  limit: number,
): Promise<readonly ClockToTell[]> {
  const { rows } = await sql<ClockToTell>`
    update caseloop.follow_ups f set escalated_at = ${now} from caseloop.closures c
     where c.id = f.closure_id
       and f.id in (
         select id from caseloop.follow_ups where ${isOverdue(now)}
          order by due_at limit ${limit} for update skip locked)
    returning f.id, f.closure_id as "closureId", f.starts as start, c.snapshot->'team'->>'name' as team`.execute(
    tx,
  );
  return rows;
}

function isOverdue(now: Date): RawBuilder<boolean> {
  const patience = new Date(now.getTime() - LOOK_GRACE_MS);
  return sql`${RUNNING} and escalated_at is null and tell_at is null and due_at <= ${now}
             and (looked_at >= due_at or due_at <= ${patience})`;
}

/** True when there are clocks that `takeStarts` or `takeOverdue` would take. */
export async function hasClocksToTell(db: Kysely<Tables>, now: Date): Promise<boolean> {
  const { rows } = await sql<{ work: boolean }>`
    select exists (select from caseloop.follow_ups where tell_at <= ${now})
        or exists (select from caseloop.follow_ups where ${isOverdue(now)}) as work`.execute(db);
  return rows[0]?.work === true;
}

/** Connectors with clocks that are due and were not looked at since: nobody is called upon before the CRM was asked. */
export async function connectorsToAsk(db: Kysely<Tables>, now: Date): Promise<readonly string[]> {
  const { rows } = await sql<{ connector: string }>`
    select distinct connector from caseloop.follow_ups
     where ${RUNNING} and escalated_at is null and due_at <= ${now} and (looked_at is null or looked_at < due_at)`.execute(
    db,
  );
  return rows.map(({ connector }) => connector);
}
