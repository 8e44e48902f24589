import { type Kysely, sql, type Transaction } from 'kysely';
import { isAddressGone } from '../domain/delivery.ts';
import { undeliverable } from '../domain/policy.ts';
import { decideAgain, noteDecision } from './closures.ts';
import { endMail, type MailInHand, type Purpose } from './mails.ts';
import { SCHEMA, type SurveyRow, type Tables } from './tables.ts';

type AskedSurvey = Pick<SurveyRow, 'id' | 'closure_id' | 'person'>;

/** Why a mail does not arrive. */
export interface Fate {
  /** The rest of a sentence: codes and our own words, nothing that a server wrote. */
  readonly why: string;
  /** From now on nothing is mailed to this address. */
  readonly isAddressGone: boolean;
  readonly at: Date;
}

/**
 * Ends a mail that will never be taken, with the reason, and its survey with it where it was the first. After a later one the
 * customer was asked all the same. False when it is not as it was.
 */
export async function giveMailUp(
  db: Kysely<Tables>,
  mail: MailInHand & { survey: AskedSurvey; purpose: Purpose },
  fate: Fate,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { survey, purpose, ...held } = mail;
    const surveyId = survey.id;
    if (!(await endMail(tx, { ...held, surveyId, state: 'undeliverable', error: sentence(fate) })))
      return false;
    await noteFate(tx, survey, fate, purpose === 'invitation' ? decideAgain : noteDecision);
    return true;
  });
}

/** Which mail came back: by the survey that our tag named, or by the Message-ID of the mail inside. */
export type Returned = { readonly surveyId: string } | { readonly messageId: string };

/**
 * A mail that the relay took has come back for good. Only one that left can, and one whose customer has answered did arrive.
 * Gives whether it was noted now: a second notice changes nothing.
 */
export async function recordBounce(
  db: Kysely<Tables>,
  returned: Returned,
  bounce: { readonly status: string; readonly at: Date },
): Promise<boolean> {
  const { status, at } = bounce;
  const fate: Fate = { why: `the mail came back (${status})`, isAddressGone: isAddressGone(status), at };
  return db.transaction().execute(async (tx) => {
    const which =
      'surveyId' in returned
        ? sql<boolean>`m.survey_id = ${returned.surveyId}`
        : sql<boolean>`m.message_id = ${returned.messageId}`;
    const { rows } = await sql<AskedSurvey>`
      update caseloop.mails m
         set state = 'bounced', bounced_at = ${at}, claimed_by = null, last_error = ${sentence(fate)}
        from caseloop.surveys s
       where ${which} and s.id = m.survey_id and m.state in ('sent', 'held')
         and not exists (select from caseloop.answers a where a.survey_id = s.id)
      returning s.id, s.closure_id, s.person`.execute(tx);
    const [survey] = rows;
    if (survey === undefined) return false;
    const s = tx.withSchema(SCHEMA);
    await s
      .updateTable('mails')
      .set({ state: 'cancelled', last_error: sentence(fate) })
      .where('survey_id', '=', survey.id)
      .where('state', '=', 'due')
      .where('claimed_by', 'is', null)
      .execute();
    await s.updateTable('surveys').set({ state: 'undeliverable' }).where('id', '=', survey.id).execute();
    await noteFate(tx, survey, fate);
    return true;
  });
}

async function noteFate(
  tx: Transaction<Tables>,
  survey: AskedSurvey,
  fate: Fate,
  note: typeof noteDecision = decideAgain,
): Promise<void> {
  await note(tx, survey.closure_id, 'sending', undeliverable(fate.why), fate.at);
  if (!fate.isAddressGone) return;
  await tx
    .withSchema(SCHEMA)
    .insertInto('suppressions')
    .values({ person: survey.person, since: fate.at, source: 'bounce' })
    .onConflict((c) => c.column('person').doNothing())
    .execute();
}

function sentence({ why }: Fate): string {
  return `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
}
