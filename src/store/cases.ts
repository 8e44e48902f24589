import { type Kysely, sql, type Transaction } from 'kysely';
import type { CaseSnapshot } from '../domain/case.ts';
import type { Decision } from '../domain/policy.ts';
import type { SurveyDefinition } from '../domain/survey.ts';
import { snapshotFromJson, snapshotToJson } from './snapshot.ts';
import { type DecisionRow, type NoticedBy, SCHEMA, type Tables } from './tables.ts';

type Store = Kysely<Tables> | Transaction<Tables>;

/**
 * Keeps what a case is now, unless a newer snapshot is here already, and locks the case for this transaction either way.
 * True when the snapshot was kept.
 */
export async function saveCase(
  tx: Store,
  connector: string,
  snapshot: CaseSnapshot,
  noticedAt: Date,
): Promise<boolean> {
  const values = {
    number: snapshot.number,
    state: snapshot.state,
    changed_at: snapshot.changedAt,
    snapshot: snapshotToJson(snapshot),
  };
  const row = await tx
    .withSchema(SCHEMA)
    .insertInto('cases')
    .values({ connector, case_id: snapshot.caseId, noticed_at: noticedAt, ...values })
    .onConflict((c) =>
      c
        .columns(['connector', 'case_id'])
        .doUpdateSet(values)
        .where('cases.changed_at', '<=', snapshot.changedAt),
    )
    .returning('case_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function readCase(tx: Store, connector: string, caseId: string): Promise<CaseSnapshot | null> {
  const row = await tx
    .withSchema(SCHEMA)
    .selectFrom('cases')
    .select('snapshot')
    .where('connector', '=', connector)
    .where('case_id', '=', caseId)
    .executeTakeFirst();
  return row === undefined ? null : snapshotFromJson(row.snapshot);
}

export async function closuresOf(
  tx: Store,
  connector: string,
  caseId: string,
): Promise<{ closedAt: Date; cycle: number }[]> {
  const rows = await tx
    .withSchema(SCHEMA)
    .selectFrom('closures')
    .select(['closed_at', 'cycle'])
    .where('connector', '=', connector)
    .where('case_id', '=', caseId)
    .orderBy('cycle')
    .execute();
  return rows.map((row) => ({ closedAt: row.closed_at, cycle: row.cycle }));
}

/** Lets one transaction at a time decide about a person, so that two cases closing at once cannot both ask. */
export async function lockPerson(tx: Store, person: string): Promise<void> {
  const s = tx.withSchema(SCHEMA);
  await s
    .insertInto('people')
    .values({ person })
    .onConflict((c) => c.column('person').doNothing())
    .execute();
  await s.selectFrom('people').select('person').where('person', '=', person).forUpdate().execute();
}

export interface AskHistory {
  readonly optedOut: boolean;
  readonly personLastAskedAt: Date | null;
  readonly earlierAsks: number;
  readonly newerClosureExists: boolean;
  readonly sentInLastHour: number;
}

/** What was asked before, of this person over all connectors and about this case. The closure's own ask is left out. */
export async function readAskHistory(
  tx: Store,
  about: { connector: string; caseId: string; closedAt: Date; person: string | null; now: Date },
): Promise<AskHistory> {
  const hourAgo = new Date(about.now.getTime() - 3_600_000);
  const { rows } = await sql<{
    opted_out: boolean;
    last_asked_at: Date | null;
    earlier_asks: number;
    newer_closure: boolean;
    sent: number;
  }>`
    with live as (
      select s.person, s.connector, s.case_id, coalesce(s.asked_at, s.created_at) as asked_at
        from caseloop.surveys s join caseloop.closures c on c.id = s.closure_id
       where s.state in ('pending', 'asked')
         and (s.person = ${about.person} or (s.connector = ${about.connector} and s.case_id = ${about.caseId}))
         and not (c.connector = ${about.connector} and c.case_id = ${about.caseId} and c.closed_at = ${about.closedAt})
    )
    select
      exists (select from caseloop.suppressions where person = ${about.person}) as opted_out,
      (select max(asked_at) from live where person = ${about.person}) as last_asked_at,
      (select count(*)::int from live where connector = ${about.connector} and case_id = ${about.caseId}) as earlier_asks,
      exists (select from caseloop.closures
               where connector = ${about.connector} and case_id = ${about.caseId} and closed_at > ${about.closedAt}) as newer_closure,
      (select count(*)::int from caseloop.mails where state = 'sent' and sent_at > ${hourAgo}) as sent`.execute(
    tx,
  );
  const row = rows[0];
  if (row === undefined) throw new Error('The history query gave no row.');
  return {
    optedOut: row.opted_out,
    personLastAskedAt: row.last_asked_at,
    earlierAsks: row.earlier_asks,
    newerClosureExists: row.newer_closure,
    sentInLastHour: row.sent,
  };
}

/** Writes a closure with its decision. The ledger row is part of it: every closure has one, always. */
export async function insertClosure(
  tx: Store,
  closure: {
    connector: string;
    snapshot: CaseSnapshot;
    closedAt: Date;
    cycle: number;
    noticedAt: Date;
    noticedBy: NoticedBy;
    person: string | null;
    decision: Decision;
  },
): Promise<string> {
  const { decision } = closure;
  const row = await tx
    .withSchema(SCHEMA)
    .insertInto('closures')
    .values({
      connector: closure.connector,
      case_id: closure.snapshot.caseId,
      closed_at: closure.closedAt,
      cycle: closure.cycle,
      noticed_at: closure.noticedAt,
      noticed_by: closure.noticedBy,
      person: closure.person,
      snapshot: snapshotToJson(closure.snapshot),
      outcome: decision.outcome,
      rule: decision.rule,
      reason: decision.reason,
      decided_at: closure.noticedAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await insertDecision(tx, row.id, 'closing', decision, closure.noticedAt);
  return row.id;
}

/** Decides about a closure again: the closure shows the newest decision, the ledger keeps all. */
export async function decideAgain(
  tx: Store,
  closureId: string,
  stage: DecisionRow['stage'],
  decision: Decision,
  at: Date,
): Promise<void> {
  await tx
    .withSchema(SCHEMA)
    .updateTable('closures')
    .set({ outcome: decision.outcome, rule: decision.rule, reason: decision.reason, decided_at: at })
    .where('id', '=', closureId)
    .execute();
  await insertDecision(tx, closureId, stage, decision, at);
}

async function insertDecision(
  tx: Store,
  closureId: string,
  stage: DecisionRow['stage'],
  decision: Decision,
  at: Date,
): Promise<void> {
  await tx
    .withSchema(SCHEMA)
    .insertInto('decisions')
    .values({
      closure_id: closureId,
      stage,
      outcome: decision.outcome,
      rule: decision.rule,
      reason: decision.reason,
      decided_at: at,
    })
    .execute();
}

/** Writes the survey of a closure and the mail that will carry it, due at `dueAt`. */
export async function insertSurvey(
  tx: Store,
  ask: {
    closureId: string;
    connector: string;
    caseId: string;
    definition: SurveyDefinition;
    person: string;
    email: string;
    recipientName: string | null;
    locale: string | null;
    messageIdHost: string;
    createdAt: Date;
    dueAt: Date;
  },
): Promise<string> {
  const s = tx.withSchema(SCHEMA);
  const { definition } = ask;
  const { id } = await s
    .insertInto('surveys')
    .values({
      closure_id: ask.closureId,
      connector: ask.connector,
      case_id: ask.caseId,
      name: definition.name,
      metric: definition.metric,
      kind: definition.kind,
      scale: definition.scale,
      satisfied_from: definition.satisfiedFrom,
      follow_up_below: definition.followUpBelow,
      change_within_ms: definition.changeWithinMs,
      person: ask.person,
      email: ask.email,
      recipient_name: ask.recipientName,
      locale: ask.locale,
      state: 'pending',
      created_at: ask.createdAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await s
    .insertInto('mails')
    .values({
      survey_id: id,
      purpose: 'invitation',
      message_id: `<${id}.invitation@${ask.messageIdHost}>`,
      state: 'due',
      next_attempt_at: ask.dueAt,
    })
    .execute();
  return id;
}

/**
 * Calls off the surveys of these closures whose mail has not left, and gives the closures' ids. A mail that is being handed
 * over at this moment can no longer be called back.
 */
export async function cancelUnsentSurveys(
  tx: Store,
  connector: string,
  caseId: string,
  closedAt: readonly Date[],
): Promise<string[]> {
  if (closedAt.length === 0) return [];
  const s = tx.withSchema(SCHEMA);
  const surveys = await s
    .selectFrom('surveys')
    .innerJoin('closures', 'closures.id', 'surveys.closure_id')
    .select(['surveys.id', 'surveys.closure_id'])
    .where('surveys.connector', '=', connector)
    .where('surveys.case_id', '=', caseId)
    .where('surveys.state', '=', 'pending')
    .where('closures.closed_at', 'in', closedAt)
    .execute();
  const cancelled: string[] = [];
  for (const survey of surveys) {
    const mail = await s
      .updateTable('mails')
      .set({ state: 'cancelled', claimed_by: null })
      .where('survey_id', '=', survey.id)
      .where('state', 'in', ['due', 'held'])
      .returning('id')
      .executeTakeFirst();
    if (mail === undefined) continue;
    await s.updateTable('surveys').set({ state: 'cancelled' }).where('id', '=', survey.id).execute();
    cancelled.push(survey.closure_id);
  }
  return cancelled;
}
