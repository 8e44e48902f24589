import { type Kysely, sql, type Transaction } from 'kysely';
import type { PendingAsk } from './pending-ask.ts';
import { snapshotFromJson } from './snapshot.ts';
import { SCHEMA, type SurveyRow, type Tables } from './tables.ts';

type Store = Kysely<Tables> | Transaction<Tables>;

/** A claimed ask on a case, with what it is about. */
export interface ClaimedAsk extends PendingAsk {
  readonly id: string;
}

/**
 * These claimed asks, with their people locked for this transaction as by `lockPeople`, and counted no longer for the hourly
 * brake: whether they go is decided anew. One transaction at a time has the pace, as with mails.
 */
export async function lockClaimedAsks(
  tx: Transaction<Tables>,
  ids: readonly string[],
): Promise<readonly ClaimedAsk[]> {
  const { rows } = await sql<SurveyRow & ClaimedColumns>`
    with pace as materialized (select pg_advisory_xact_lock(hashtextextended('caseloop: the pace of mails', 0)))
    select s.*, a.id as ask_id, cl.closed_at, co.started_at, ca.snapshot
      from pace
      cross join caseloop.case_asks a
      join caseloop.surveys s on s.id = a.survey_id
      join caseloop.closures cl on cl.id = s.closure_id
      join caseloop.cases ca on ca.connector = s.connector and ca.case_id = s.case_id
      join caseloop.people p on p.person = s.person
      left join caseloop.connectors co on co.name = s.connector
     where a.id = any(${ids}::uuid[])
     order by s.person
       for update of p`.execute(tx);
  await tx
    .withSchema(SCHEMA)
    .updateTable('case_asks')
    .set({ let_go_at: null })
    .where('id', 'in', ids)
    .where('let_go_at', 'is not', null)
    .execute();
  return rows.map(({ ask_id, closed_at, started_at, snapshot, ...survey }) => ({
    id: ask_id,
    survey,
    closedAt: closed_at,
    startedAt: started_at,
    snapshot: snapshotFromJson(snapshot),
  }));
}

interface ClaimedColumns {
  readonly ask_id: string;
  readonly closed_at: Date;
  readonly started_at: Date | null;
  readonly snapshot: unknown;
}

/** The decision lets it go, with links that work until `expiresAt`. */
export async function letGo(tx: Store, ask: { id: string; at: Date; expiresAt: Date }): Promise<void> {
  await tx
    .withSchema(SCHEMA)
    .updateTable('case_asks')
    .set({ let_go_at: ask.at, expires_at: ask.expiresAt })
    .where('id', '=', ask.id)
    .execute();
}

/** Puts a claimed ask back as if it had not been claimed: it is decided on again at `at`. */
export async function postponeAsk(tx: Store, ask: { id: string; at: Date; reason: string }): Promise<void> {
  await tx
    .withSchema(SCHEMA)
    .updateTable('case_asks')
    .set((e) => ({
      claimed_by: null,
      next_attempt_at: ask.at,
      attempts: e('attempts', '-', 1),
      last_error: ask.reason,
    }))
    .where('id', '=', ask.id)
    .execute();
}

/** Ends an ask that was not made, and its survey with it. */
export async function endAsk(
  tx: Store,
  ask: { id: string; state: 'cancelled' | 'failed'; reason: string; fix?: string | null },
): Promise<void> {
  const { id, state, reason, fix = null } = ask;
  await sql`
    with ended as (
      update caseloop.case_asks
         set state = ${state}, claimed_by = null, vendor_job_id = null, last_error = ${reason}, fix = ${fix}, let_go_at = null
       where id = ${id} and state in ('due', 'running', 'waiting') returning survey_id
    )
    update caseloop.surveys s set state = ${state === 'failed' ? 'undeliverable' : state} from ended where s.id = ended.survey_id`.execute(
    tx,
  );
}

/** The case shows the ask. One statement, so that no crash can part the rows. */
export async function markAsked(db: Store, ask: { id: string; at: Date }): Promise<void> {
  await sql`
    with asked as (
      update caseloop.case_asks
         set state = 'asked', claimed_by = null, vendor_job_id = null, last_error = null, fix = null, done_at = ${ask.at}
       where id = ${ask.id} and state <> 'asked' returning survey_id, expires_at
    )
    update caseloop.surveys s set state = 'asked', asked_at = ${ask.at}, expires_at = asked.expires_at
      from asked where s.id = asked.survey_id`.execute(db);
}

/** What is needed to ask on a case. */
export interface AskToMake {
  readonly id: string;
  readonly outcomeUnknown: boolean;
  readonly expiresAt: Date;
  readonly survey: SurveyRow;
  readonly snapshot: PendingAsk['snapshot'];
}

export async function readAsks(db: Store, ids: readonly string[]): Promise<readonly AskToMake[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('case_asks as a')
    .innerJoin('surveys as s', 's.id', 'a.survey_id')
    .innerJoin('cases as c', (join) =>
      join.onRef('c.connector', '=', 's.connector').onRef('c.case_id', '=', 's.case_id'),
    )
    .selectAll('s')
    .select(['a.id as ask_id', 'a.outcome_unknown', 'a.expires_at as ask_expires_at', 'c.snapshot'])
    .where('a.id', 'in', ids)
    .execute();
  return rows.flatMap(({ ask_id, outcome_unknown, ask_expires_at, snapshot, ...survey }) =>
    ask_expires_at === null
      ? []
      : [
          {
            id: ask_id,
            outcomeUnknown: outcome_unknown,
            expiresAt: ask_expires_at,
            survey,
            snapshot: snapshotFromJson(snapshot),
          },
        ],
  );
}

/** Calls off the ask of a survey if it is in nobody's hands. False when there is none, or none any more. */
export async function cancelCaseAsk(tx: Store, surveyId: string): Promise<boolean> {
  const row = await tx
    .withSchema(SCHEMA)
    .updateTable('case_asks')
    .set({ state: 'cancelled', let_go_at: null })
    .where('survey_id', '=', surveyId)
    .where('state', 'in', ['due', 'waiting'])
    .where('claimed_by', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
