import { type Kysely, type Selectable, sql } from 'kysely';
import type { CaseSnapshot } from '../domain/case.ts';
import type { AlertKind, AlertWay } from './alert-tables.ts';
import { type CreditMoveRow, readCreditMoves } from './credit.ts';
import type { ReplyRow } from './replies.ts';
import { snapshotFromJson } from './snapshot.ts';
import {
  type AnswerRow,
  type CaseAskRow,
  type ClosureRow,
  type ConfirmationRow,
  type ConnectorRow,
  type DecisionRow,
  type FollowUpRow,
  type MailRow,
  SCHEMA,
  type SurveyRow,
  type Tables,
  type WriteBackRow,
} from './tables.ts';

/** Everything the store knows about one case. */
export interface CaseHistory {
  readonly connector: ConnectorRow;
  /** Null when the case never came to our notice. */
  readonly snapshot: CaseSnapshot | null;
  readonly isRinging: boolean;
  /** Why the case could not be read or taken in at the last try; null when it could. */
  readonly refusal: { readonly at: Date; readonly reason: string } | null;
  readonly closures: readonly ClosureHistory[];
}

export interface ClosureHistory {
  readonly closure: ClosureRow;
  readonly decisions: readonly DecisionRow[];
  readonly survey: SurveyRow | null;
  readonly mails: readonly MailRow[];
  /** In place of mails. */
  readonly caseAsk: CaseAskRow | null;
  readonly taps: readonly Selectable<Tables['taps']>[];
  /** What the customer wrote back, oldest first. */
  readonly replies: readonly ReplyRow[];
  readonly confirmations: readonly ConfirmationRow[];
  readonly answers: readonly AnswerRow[];
  readonly writeBack: WriteBackRow | null;
  /** A task, a reopening, or both. */
  readonly followUps: readonly FollowUpRow[];
  /** Who was told of a low score, message by message of a kind and way. */
  readonly alerts: readonly SentAlerts[];
  /** Credit that people moved, oldest first. */
  readonly creditMoves: readonly CreditMoveRow[];
}

export interface SentAlerts {
  readonly kind: AlertKind;
  readonly way: AlertWay;
  readonly receivers: readonly string[];
  readonly at: Date;
}

/** Reads a case's history by its id or by the number people use. Null when there is no such connector. */
export async function readCaseHistory(
  db: Kysely<Tables>,
  connector: string,
  caseIdOrNumber: string,
): Promise<CaseHistory | null> {
  const s = db.withSchema(SCHEMA);
  const row = await s.selectFrom('connectors').selectAll().where('name', '=', connector).executeTakeFirst();
  if (row === undefined) return null;
  const found = await s
    .selectFrom('cases')
    .select(['case_id', 'snapshot'])
    .where('connector', '=', connector)
    .where((e) => e.or([e('case_id', '=', caseIdOrNumber), e('number', '=', caseIdOrNumber)]))
    .orderBy((e) => e('case_id', '=', caseIdOrNumber), 'desc')
    .executeTakeFirst();
  const caseId = found?.case_id ?? caseIdOrNumber;
  const bell = await s
    .selectFrom('doorbells')
    .select('case_id')
    .where('connector', '=', connector)
    .where('case_id', '=', caseId)
    .executeTakeFirst();
  const refusal = await s
    .selectFrom('refusals')
    .select(['at', 'reason'])
    .where('connector', '=', connector)
    .where('case_id', '=', caseId)
    .executeTakeFirst();
  const closures = await s
    .selectFrom('closures')
    .selectAll()
    .where('connector', '=', connector)
    .where('case_id', '=', caseId)
    .orderBy('closed_at')
    .execute();
  return {
    connector: row,
    snapshot: found === undefined ? null : snapshotFromJson(found.snapshot),
    isRinging: bell !== undefined,
    refusal: refusal ?? null,
    closures: await Promise.all(closures.map((closure) => readClosure(db, closure))),
  };
}

async function readClosure(db: Kysely<Tables>, closure: ClosureRow): Promise<ClosureHistory> {
  const s = db.withSchema(SCHEMA);
  const survey =
    (await s.selectFrom('surveys').selectAll().where('closure_id', '=', closure.id).executeTakeFirst()) ??
    null;
  const surveyId = survey?.id ?? null;
  return {
    closure,
    decisions: await s
      .selectFrom('decisions')
      .selectAll()
      .where('closure_id', '=', closure.id)
      .orderBy('id')
      .execute(),
    survey,
    mails:
      surveyId === null
        ? []
        : await s.selectFrom('mails').selectAll().where('survey_id', '=', surveyId).execute(),
    replies:
      surveyId === null
        ? []
        : await s
            .selectFrom('replies')
            .selectAll()
            .where('survey_id', '=', surveyId)
            .orderBy('received_at')
            .execute(),
    caseAsk:
      (await s.selectFrom('case_asks').selectAll().where('closure_id', '=', closure.id).executeTakeFirst()) ??
      null,
    taps:
      surveyId === null
        ? []
        : await s.selectFrom('taps').selectAll().where('survey_id', '=', surveyId).orderBy('id').execute(),
    confirmations:
      surveyId === null
        ? []
        : await s
            .selectFrom('confirmations')
            .selectAll()
            .where('survey_id', '=', surveyId)
            .orderBy('id')
            .execute(),
    answers:
      surveyId === null
        ? []
        : await s
            .selectFrom('answers')
            .selectAll()
            .where('survey_id', '=', surveyId)
            .orderBy('version')
            .execute(),
    writeBack:
      (await s
        .selectFrom('write_backs')
        .selectAll()
        .where('closure_id', '=', closure.id)
        .executeTakeFirst()) ?? null,
    followUps: await s
      .selectFrom('follow_ups')
      .selectAll()
      .where('closure_id', '=', closure.id)
      .orderBy('action')
      .execute(),
    alerts: await readAlerts(db, closure.id),
    creditMoves: await readCreditMoves(db, [closure.id]),
  };
}

async function readAlerts(db: Kysely<Tables>, closureId: string): Promise<readonly SentAlerts[]> {
  const { rows } = await sql<SentAlerts>`
    select a.kind, a.way, array_agg(a.receiver order by a.receiver) as receivers, min(m.done_at) as at
      from caseloop.alerts a join caseloop.alert_messages m on m.id = a.message_id and m.state = 'sent'
      join caseloop.follow_ups f on f.id = a.follow_up_id
     where f.closure_id = ${closureId}
     group by a.start, a.kind, a.way order by at`.execute(db);
  return rows;
}
