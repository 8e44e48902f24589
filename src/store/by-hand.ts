import { randomUUID } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { ByHand } from '../domain/by-hand.ts';
import type { CaseSnapshot } from '../domain/case.ts';
import { askRow, type NewSurvey } from './closures.ts';
import { snapshotFromJson } from './snapshot.ts';
import { type CaseAskRow, type MailRow, SCHEMA, type SurveyRow, type Tables } from './tables.ts';

type Tx = Transaction<Tables>;

/** The newest closing of a case. */
export interface LatestClosing {
  readonly closureId: string;
  readonly closedAt: Date;
  /** From when on the connector's closures count. */
  readonly startedAt: Date;
  /** The case as it is now. */
  readonly snapshot: CaseSnapshot;
}

/** Finds the newest closing of a case by its id or number, and locks the case. Null when there is none. */
export async function lockLatestClosing(
  tx: Tx,
  connector: string,
  caseIdOrNumber: string,
): Promise<LatestClosing | null> {
  const { rows } = await sql<{ id: string; closed_at: Date; started_at: Date; snapshot: unknown }>`
    select cl.id, cl.closed_at, co.started_at, ca.snapshot
      from caseloop.cases ca
      join caseloop.closures cl on cl.connector = ca.connector and cl.case_id = ca.case_id
      join caseloop.connectors co on co.name = ca.connector
     where ca.connector = ${connector} and (ca.case_id = ${caseIdOrNumber} or ca.number = ${caseIdOrNumber})
     order by cl.closed_at desc limit 1
       for update of ca`.execute(tx);
  const [row] = rows;
  if (row === undefined) return null;
  const { id, closed_at, started_at, snapshot } = row;
  return {
    closureId: id,
    closedAt: closed_at,
    startedAt: started_at,
    snapshot: snapshotFromJson(snapshot),
  };
}

/** A survey and how far it has come. */
export interface SurveyProgress {
  readonly survey: SurveyRow;
  readonly mails: readonly MailRow[];
  readonly caseAsk: CaseAskRow | null;
  /** A person answered, or may have: what settles or is held as machine-made counts. */
  readonly isAnswered: boolean;
}

/** The survey of a closing, null when there is none. Lock its person first: a send may be under way. */
export async function readProgress(tx: Tx, closureId: string): Promise<SurveyProgress | null> {
  const s = tx.withSchema(SCHEMA);
  const survey = await s
    .selectFrom('surveys')
    .selectAll()
    .where('closure_id', '=', closureId)
    .executeTakeFirst();
  if (survey === undefined) return null;
  const mails = await s.selectFrom('mails').selectAll().where('survey_id', '=', survey.id).execute();
  const caseAsk = await s
    .selectFrom('case_asks')
    .selectAll()
    .where('survey_id', '=', survey.id)
    .executeTakeFirst();
  const { rows } = await sql<{ answered: boolean }>`
    select exists (select from caseloop.answers where survey_id = ${survey.id})
        or exists (select from caseloop.confirmations where survey_id = ${survey.id} and state in ('settling', 'held'))
        as answered`.execute(tx);
  return { survey, mails, caseAsk: caseAsk ?? null, isAnswered: rows[0]?.answered === true };
}

/** Makes the survey of a closing that had none, due at once. Gives its id. */
export async function insertSurveyByHand(
  tx: Tx,
  closing: { closureId: string; connector: string; caseId: string; person: string },
  survey: NewSurvey,
  order: { byHand: ByHand; at: Date },
): Promise<string> {
  const s = tx.withSchema(SCHEMA);
  const id = randomUUID();
  const { message_id, via, held: _, due_at, ...columns } = askRow(id, survey);
  const { closureId, connector, caseId, person } = closing;
  await s
    .insertInto('surveys')
    .values({
      id,
      closure_id: closureId,
      connector,
      case_id: caseId,
      person,
      ...columns,
      by_hand: order.byHand,
      state: 'pending',
      created_at: order.at,
    })
    .execute();
  if (via === 'case')
    await s
      .insertInto('case_asks')
      .values({ closure_id: closureId, survey_id: id, connector, state: 'due', next_attempt_at: due_at })
      .execute();
  else
    await s
      .insertInto('mails')
      .values({ survey_id: id, purpose: 'invitation', message_id, state: 'due', next_attempt_at: due_at })
      .execute();
  return id;
}

/** Makes a survey that did not go out due at once, whatever kept it back. */
export async function sendSurveyByHand(
  tx: Tx,
  surveyId: string,
  order: { byHand: ByHand; at: Date },
): Promise<void> {
  const s = tx.withSchema(SCHEMA);
  const due = { state: 'due', next_attempt_at: order.at, last_error: null } as const;
  await s
    .updateTable('surveys')
    .set({ state: 'pending', by_hand: order.byHand, held_by_hand: false })
    .where('id', '=', surveyId)
    .execute();
  await s
    .updateTable('mails')
    .set({ ...due, first_tried_at: null })
    .where('survey_id', '=', surveyId)
    .where('purpose', '=', 'invitation')
    .where('state', 'in', ['due', 'held', 'cancelled', 'undeliverable'])
    .execute();
  await s
    .updateTable('case_asks')
    .set({ ...due, fix: null })
    .where('survey_id', '=', surveyId)
    .where('state', 'in', ['due', 'waiting', 'cancelled', 'failed'])
    .execute();
}

/** Keeps back whatever of a survey has not left. */
export async function holdSurvey(tx: Tx, surveyId: string): Promise<void> {
  await tx
    .withSchema(SCHEMA)
    .updateTable('surveys')
    .set({ held_by_hand: true })
    .where('id', '=', surveyId)
    .execute();
}

/** Lets a held survey go: whatever of it has not left is due at once, and decided on as ever. */
export async function releaseSurvey(tx: Tx, surveyId: string, at: Date): Promise<void> {
  const s = tx.withSchema(SCHEMA);
  const due = { state: 'due', next_attempt_at: at } as const;
  await s.updateTable('surveys').set({ held_by_hand: false }).where('id', '=', surveyId).execute();
  await s
    .updateTable('mails')
    .set(due)
    .where('survey_id', '=', surveyId)
    .where('state', 'in', ['due', 'held'])
    .execute();
  await s
    .updateTable('case_asks')
    .set(due)
    .where('survey_id', '=', surveyId)
    .where('state', '=', 'due')
    .execute();
}

/** Adds a mail that asks once more for the same answer, due at once. */
export async function insertResend(tx: Tx, { survey, mails }: SurveyProgress, at: Date): Promise<void> {
  const s = tx.withSchema(SCHEMA);
  const nth = mails.filter(({ purpose }) => purpose.startsWith('resend-')).length + 1;
  const invitation = mails.find(({ purpose }) => purpose === 'invitation');
  if (invitation === undefined) throw new RangeError(`survey ${survey.id}: there is no mail to send again`);
  await s
    .updateTable('surveys')
    .set({ by_hand: 'again', held_by_hand: false })
    .where('id', '=', survey.id)
    .execute();
  await s
    .insertInto('mails')
    .values({
      survey_id: survey.id,
      purpose: `resend-${nth}`,
      message_id: invitation.message_id.replace('.invitation@', `.resend-${nth}@`),
      state: 'due',
      next_attempt_at: at,
    })
    .execute();
}
