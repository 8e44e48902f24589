import type { Transaction } from 'kysely';
import { HOUR_MS } from '../src/clock.ts';
import { ownDomainsOf } from '../src/domain/own-domains.ts';
import { type Decision, decide } from '../src/domain/policy.ts';
import type { SurveyDefinition } from '../src/domain/survey.ts';
import { decideAgain } from '../src/store/closures.ts';
import { type DueMail, endMail, lockDueMails, markSending, putMailBack } from '../src/store/mails.ts';
import { type AskHistory, readAskHistories } from '../src/store/people.ts';
import type { Tables } from '../src/store/tables.ts';
import type { Work } from './work.ts';

/** A mail that this worker has claimed and must hand over now. */
export interface ReadyMail extends DueMail {
  readonly definition: SurveyDefinition;
  readonly expiresAt: Date;
}

/**
 * Decides once more about these surveys, on what is known now, and claims the mails that may go. One transaction for all of
 * them: either every decision stands, or none. Gives the mail or null for each survey, in their order.
 */
export async function decideOnMails(
  work: Work,
  surveyIds: readonly string[],
): Promise<readonly (ReadyMail | null)[]> {
  const now = work.clock.now();
  const ready = await work.db.transaction().execute(async (tx) => {
    const due = await lockDueMails(tx, { surveyIds, purpose: 'invitation', now });
    const mine: ReadyMail[] = [];
    for (const round of roundsOf(due)) mine.push(...(await decideRound(tx, work, round, now)));
    return mine;
  });
  const bySurvey = new Map(ready.map((mail) => [mail.survey.id, mail]));
  return surveyIds.map((surveyId) => {
    const mail = bySurvey.get(surveyId) ?? null;
    // Two jobs may be about one survey: only one of them may send.
    bySurvey.delete(surveyId);
    return mail;
  });
}

/** Nobody twice in a round: an ask that is called off here no longer speaks against the next one. */
function roundsOf(mails: readonly DueMail[]): DueMail[][] {
  const rounds: DueMail[][] = [];
  const seen = new Map<string, number>();
  for (const mail of mails) {
    const nth = seen.get(mail.survey.person) ?? 0;
    seen.set(mail.survey.person, nth + 1);
    const round = rounds[nth];
    if (round === undefined) rounds.push([mail]);
    else round.push(mail);
  }
  return rounds;
}

async function decideRound(
  tx: Transaction<Tables>,
  work: Work,
  mails: readonly DueMail[],
  now: Date,
): Promise<readonly ReadyMail[]> {
  const histories = await readAskHistories(
    tx,
    mails.map(({ survey, closedAt }) => ({
      connector: survey.connector,
      caseId: survey.case_id,
      closedAt,
      person: survey.person,
    })),
    now,
  );
  const going: (ReadyMail & { readonly decision: Decision })[] = [];
  for (const [nth, mail] of mails.entries()) {
    const definition = work.config.surveys.find((one) => one.name === mail.survey.name) ?? null;
    const decision = decideOne(work, mail, definition, withGoing(histories[nth], going.length), now);
    if (decision.outcome === 'ask' && definition !== null) {
      const expiresAt = new Date(now.getTime() + definition.expiresMs);
      going.push({ ...mail, definition, expiresAt, decision });
    } else {
      await keepBack(tx, work, mail, decision, now);
    }
  }
  const claimed = await markSending(
    tx,
    going.map(({ id, survey, decision }) => ({ mailId: id, closureId: survey.closure_id, decision })),
    { workerId: work.workerId, at: now },
  );
  return going.filter(({ id }) => claimed.has(id));
}

/** Those of this round that may go take their places from the ones after them. */
function withGoing(history: AskHistory | undefined, going: number): AskHistory | undefined {
  return history && { ...history, sentInLastHour: history.sentInLastHour + going };
}

function decideOne(
  { config }: Work,
  { survey, snapshot, closedAt, startedAt }: DueMail,
  definition: SurveyDefinition | null,
  history: AskHistory | undefined,
  now: Date,
): Decision {
  if (history === undefined) throw new Error(`Survey ${survey.id} has no history of asks.`);
  return decide(
    {
      connector: survey.connector,
      snapshot,
      closedAt,
      startedAt: startedAt ?? survey.created_at,
      survey: definition,
      now,
      ownDomains: ownDomainsOf(config.mail.from),
      ...history,
    },
    config.policy,
    'sending',
  );
}

/** Called off, or held until the hourly brake lets go. A mail that another worker took meanwhile is not touched. */
async function keepBack(
  tx: Transaction<Tables>,
  work: Work,
  { id, survey }: DueMail,
  decision: Decision,
  now: Date,
): Promise<void> {
  const { reason } = decision;
  let isKept: boolean;
  if (decision.outcome === 'hold') {
    const at = decision.until ?? now;
    isKept = await putMailBack(tx, { id, from: 'due', state: 'due', at, error: reason });
  } else {
    const surveyId = survey.id;
    isKept = await endMail(tx, { id, from: 'due', surveyId, state: 'cancelled', error: reason });
  }
  if (!isKept) return;
  await decideAgain(tx, survey.closure_id, 'sending', decision, now);
  if (decision.outcome === 'hold') sayHeld(work, now);
}

/** When this process last held a mail. */
const LAST_HELD_AT = new WeakMap<Work, Date>();

/** Says it once for as long as mails are held: a window that slides lets one go now and then. */
function sayHeld(work: Work, now: Date): void {
  const lastAt = LAST_HELD_AT.get(work);
  LAST_HELD_AT.set(work, now);
  if (lastAt !== undefined && Math.abs(now.getTime() - lastAt.getTime()) < HOUR_MS) return;
  work.log.warn({ maxPerHour: work.config.policy.maxPerHour }, 'hourly brake: sends are held');
}
