import { type Kysely, type Selectable, sql } from 'kysely';
import { MINUTE_MS } from '../clock.ts';
import { SAME_BROWSER_MS, type Scene, type Tap, type TapFacts } from '../domain/taps.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** A link is opened 30 times a minute at most, so this is more than any person or scanner does in the time that matters. */
const MOST_TAPS = 1_000;

/** One tap that is to be noted. */
export type NewTap = Omit<Tap, 'id'> & { readonly surveyId: string };

/** Notes fetches and presses of ratings, in one statement; gives their ids. None is ever an answer. */
export async function recordTaps(db: Kysely<Tables>, taps: readonly NewTap[]): Promise<readonly string[]> {
  const rows = taps.map(({ surveyId, ...tap }) => ({ survey_id: surveyId, ...tap }));
  const { rows: noted } = await sql<{ id: string }>`
    insert into caseloop.taps (survey_id, at, kind, method, score, agent, caller, facts)
    select survey_id, at, kind, method, score, agent, caller, facts
      from rows from (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
             as (survey_id uuid, at timestamptz, kind text, method text, score int, agent text, caller text, facts jsonb))
           with ordinality as t (survey_id, at, kind, method, score, agent, caller, facts, nth)
     order by nth
    returning id`.execute(db);
  // Ids are given in the order of the rows; nothing is said about the order in which they come back.
  return noted
    .map(({ id }) => Number(id))
    .toSorted((a, b) => a - b)
    .map(String);
}

/** What a survey's confirmations are judged on: its taps since shortly before these ones, and when its mails left. */
export async function readScene(
  db: Kysely<Tables>,
  surveyId: string,
  tapIds: readonly string[],
): Promise<Scene> {
  const s = db.withSchema(SCHEMA);
  const { rows } = await sql<Selectable<Tables['taps']>>`
    select * from caseloop.taps
     where survey_id = ${surveyId}
       and at >= (select min(at) from caseloop.taps where survey_id = ${surveyId} and id = any(${tapIds}::bigint[]))
                 - make_interval(secs => ${(SAME_BROWSER_MS + MINUTE_MS) / 1_000}::int)
     order by id desc limit ${MOST_TAPS}`.execute(db);
  const mails = await s
    .selectFrom('mails')
    .select(['sent_at', 'claimed_at'])
    .where('survey_id', '=', surveyId)
    .execute();
  return { taps: rows.toReversed().map(tapFromRow), mailsAt: handedOver(mails) };
}

/** When the relay took each mail. A fast reader may be here before we know that it did. */
export function handedOver(mails: readonly { sent_at: Date | null; claimed_at: Date | null }[]): Date[] {
  return mails.flatMap(({ sent_at, claimed_at }) => sent_at ?? claimed_at ?? []);
}

export function tapFromRow(row: Selectable<Tables['taps']>): Tap {
  const facts = row.facts as Partial<TapFacts>;
  return {
    id: String(row.id),
    at: row.at,
    kind: row.kind,
    method: row.method,
    score: row.score,
    agent: row.agent,
    caller: row.caller,
    facts: { prefetched: false, scanner: false, bare: false, ...facts },
  };
}
