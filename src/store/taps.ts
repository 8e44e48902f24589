import { type Kysely, type Selectable, sql } from 'kysely';
import { MINUTE_MS } from '../clock.ts';
import { SAME_BROWSER_MS, type Scene, type Tap, type TapFacts } from '../domain/taps.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** A link is opened 30 times a minute at most, so this is more than any person or scanner does in the time that matters. */
const MOST_TAPS = 1_000;

/** Notes one fetch or press of a rating; gives its id. It is never an answer. */
export async function recordTap(
  db: Kysely<Tables>,
  tap: Omit<Tap, 'id'> & { readonly surveyId: string },
): Promise<string> {
  const { id } = await db
    .withSchema(SCHEMA)
    .insertInto('taps')
    .values({
      survey_id: tap.surveyId,
      at: tap.at,
      kind: tap.kind,
      method: tap.method,
      score: tap.score,
      agent: tap.agent,
      caller: tap.caller,
      facts: JSON.stringify(tap.facts),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return String(id);
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
