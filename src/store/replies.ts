import type { Generated, Kysely, Selectable } from 'kysely';
import { SCHEMA, type Tables } from './tables.ts';

/** What a customer wrote back to a survey's mail. */
export interface RepliesTable {
  id: Generated<string>;
  survey_id: string;
  /** Tells a mail that is read twice; see `messageKey`. */
  message_key: string;
  received_at: Date;
  /** Without quotes, and not without end. */
  text: string;
  became_comment: Generated<boolean>;
  forwarded_at: Date | null;
}

export type ReplyRow = Selectable<RepliesTable>;

/** Keeps a reply, or gives the one that is kept already. */
export async function keepReply(
  db: Kysely<Tables>,
  reply: { surveyId: string; messageKey: string; at: Date; text: string },
): Promise<ReplyRow> {
  const s = db.withSchema(SCHEMA);
  await s
    .insertInto('replies')
    .values({
      survey_id: reply.surveyId,
      message_key: reply.messageKey,
      received_at: reply.at,
      text: reply.text,
    })
    .onConflict((c) => c.column('message_key').doNothing())
    .execute();
  return s
    .selectFrom('replies')
    .selectAll()
    .where('message_key', '=', reply.messageKey)
    .executeTakeFirstOrThrow();
}

/** Notes what became of a reply. */
export async function markReply(
  db: Kysely<Tables>,
  id: string,
  change: { became_comment: true } | { forwarded_at: Date },
): Promise<void> {
  await db.withSchema(SCHEMA).updateTable('replies').set(change).where('id', '=', id).execute();
}

/** The survey that a reply is about, with the brand of its case; null when there is none. */
export async function surveyOfReply(
  db: Kysely<Tables>,
  which: { readonly surveyId: string } | { readonly messageIds: readonly string[] },
): Promise<{ surveyId: string; connector: string; brand: string | null } | null> {
  const found = await db
    .withSchema(SCHEMA)
    .selectFrom('surveys')
    .innerJoin('mails', 'mails.survey_id', 'surveys.id')
    .innerJoin('closures', 'closures.id', 'surveys.closure_id')
    .select(['surveys.id', 'surveys.connector', 'closures.snapshot'])
    .where((e) =>
      'surveyId' in which
        ? e('surveys.id', '=', which.surveyId)
        : e('mails.message_id', 'in', [...which.messageIds]),
    )
    .executeTakeFirst();
  if (found === undefined) return null;
  return { surveyId: found.id, connector: found.connector, brand: brandIn(found.snapshot) };
}

/** The last answer to a survey, when it has no comment yet. */
export async function answerWithoutComment(
  db: Kysely<Tables>,
  surveyId: string,
): Promise<{ score: number; reasons: readonly string[] } | null> {
  const last = await db
    .withSchema(SCHEMA)
    .selectFrom('answers')
    .select(['score', 'comment', 'reasons'])
    .where('survey_id', '=', surveyId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last === undefined || last.comment !== null) return null;
  return { score: last.score, reasons: last.reasons as readonly string[] };
}

function brandIn(snapshot: unknown): string | null {
  return typeof snapshot === 'object' &&
    snapshot !== null &&
    'brand' in snapshot &&
    typeof snapshot.brand === 'string'
    ? snapshot.brand
    : null;
}
