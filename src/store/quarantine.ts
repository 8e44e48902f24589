import type { Kysely } from 'kysely';
import type { Scale } from '../domain/score.ts';
import type { SurveyKind } from '../domain/survey.ts';
import type { Mark } from '../domain/taps.ts';
import { PermanentError } from '../errors.ts';
import type { AnswerReceipt, AnswerRules } from './answers.ts';
import { noteInAudit } from './audit.ts';
import { count, decide, lockSurvey } from './confirmations.ts';
import { type ConfirmationRow, SCHEMA, type Tables } from './tables.ts';

/** A confirmation that is held until a person looks, or the customer presses the button. */
export interface HeldConfirmation {
  readonly id: string;
  readonly connector: string;
  readonly caseId: string;
  readonly caseNumber: string;
  readonly kind: SurveyKind;
  readonly scale: Scale;
  readonly satisfiedFrom: number;
  readonly followUpBelow: number;
  readonly score: number;
  readonly at: Date;
  readonly marks: readonly Mark[];
}

/** Everything that is held, oldest first. It stays until somebody decides. */
export async function readQuarantine(db: Kysely<Tables>): Promise<readonly HeldConfirmation[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('confirmations')
    .innerJoin('surveys', 'surveys.id', 'confirmations.survey_id')
    .innerJoin('cases', (join) =>
      join.onRef('cases.connector', '=', 'surveys.connector').onRef('cases.case_id', '=', 'surveys.case_id'),
    )
    .select([
      'confirmations.id',
      'confirmations.score',
      'confirmations.at',
      'confirmations.marks',
      'surveys.connector',
      'surveys.kind',
      'surveys.scale',
      'surveys.satisfied_from',
      'surveys.follow_up_below',
      'cases.case_id',
      'cases.number',
    ])
    .where('confirmations.state', '=', 'held')
    .orderBy('confirmations.id')
    .execute();
  return rows.map((row) => ({
    id: String(row.id),
    connector: row.connector,
    caseId: row.case_id,
    caseNumber: row.number,
    kind: row.kind,
    scale: row.scale,
    satisfiedFrom: row.satisfied_from,
    followUpBelow: row.follow_up_below,
    score: row.score,
    at: row.at,
    marks: row.marks as Mark[],
  }));
}

/** How many confirmations have come to be held since then, and are. */
export async function countHeldSince(db: Kysely<Tables>, since: Date): Promise<number> {
  const { held } = await db
    .withSchema(SCHEMA)
    .selectFrom('confirmations')
    .select((e) => e.fn.countAll<string>().as('held'))
    .where('state', '=', 'held')
    .where('decided_at', '>', since)
    .executeTakeFirstOrThrow();
  return Number(held);
}

/** A person's word on one that is held. */
export interface Ruling {
  readonly id: string;
  readonly actor: string;
  readonly at: Date;
}

/**
 * A person says that it was a person: it becomes an answer as if nothing had spoken against it, unless a later answer stands
 * or the time for changes was over; the receipt tells. Throws PermanentError when it is not held.
 */
export async function acceptHeld(
  db: Kysely<Tables>,
  ruling: Ruling,
  rules: AnswerRules,
): Promise<AnswerReceipt> {
  return rule(db, ruling, 'overruled', (tx, row) => count(tx, row, ruling.at, rules));
}

/** A person says that it was a machine. Throws PermanentError when it is not held. */
export async function dismissHeld(db: Kysely<Tables>, ruling: Ruling): Promise<void> {
  await rule(db, ruling, 'dismissed', async () => undefined);
}

async function rule<T>(
  db: Kysely<Tables>,
  { id, actor, at }: Ruling,
  state: 'overruled' | 'dismissed',
  follow: (tx: Kysely<Tables>, row: ConfirmationRow) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (tx) => {
    const read = () =>
      tx.withSchema(SCHEMA).selectFrom('confirmations').selectAll().where('id', '=', id).executeTakeFirst();
    const found = await read();
    if (found !== undefined) await lockSurvey(tx, found.survey_id);
    const row = await read();
    if (row?.state !== 'held')
      throw new PermanentError(
        `quarantine: ${id} is not held${row === undefined ? '' : `, but ${row.state}`}.`,
        { fix: 'Run `caseloop quarantine` to see what is.' },
      );
    await decide(tx, id, { state, decided_at: at, decided_by: actor });
    const detail = `confirmation ${id} of survey ${row.survey_id}, score ${row.score}`;
    await noteInAudit(tx, { at, actor, what: `quarantine ${state}`, detail });
    return follow(tx, row);
  });
}
