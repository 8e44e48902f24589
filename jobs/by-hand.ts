import type { Transaction } from 'kysely';
import type { ByHand } from '../src/domain/by-hand.ts';
import { ownDomainsOf } from '../src/domain/own-domains.ts';
import { type Decision, decide } from '../src/domain/policy.ts';
import { chooseSurvey, type SurveyDefinition, type Via, viaFor } from '../src/domain/survey.ts';
import { PermanentError } from '../src/errors.ts';
import { noteInAudit } from '../src/store/audit.ts';
import {
  holdSurvey,
  insertResend,
  insertSurveyByHand,
  type LatestClosing,
  lockLatestClosing,
  readProgress,
  releaseSurvey,
  type SurveyProgress,
  sendSurveyByHand,
} from '../src/store/by-hand.ts';
import { decideAgain, noteDecision } from '../src/store/closures.ts';
import { lockPeople, readAskHistories } from '../src/store/people.ts';
import type { Tables } from '../src/store/tables.ts';
import { newSurveyOf, personOf } from './new-survey.ts';
import type { Work } from './work.ts';

/** What a person wants done with the survey of a case's newest closing. */
export interface HandOrder {
  readonly action: 'send' | 'hold' | 'release' | 'resend';
  readonly connector: string;
  /** Id or number. */
  readonly case: string;
  /** Also where the customer was asked, or has answered, before. */
  readonly again: boolean;
  /** Who wants it, for the audit. */
  readonly actor: string;
  /** How many mails had been sent or planned when they made up their mind; a second press then asks for no second mail. Null: any. */
  readonly mailsSeen?: number | null;
}

/** It cannot be done, and nothing was changed. */
export class HandRefusal extends PermanentError {
  /** The reason alone, to follow a colon. */
  readonly why: string;
  /** True when it can be done all the same, with `again`. */
  readonly helpsAgain: boolean;

  constructor(message: string, options: { fix: string; why: string; helpsAgain: boolean }) {
    super(message, options);
    this.why = options.why;
    this.helpsAgain = options.helpsAgain;
  }
}

interface Order extends HandOrder {
  readonly tx: Transaction<Tables>;
  readonly work: Work;
  readonly closing: LatestClosing;
  readonly definition: SurveyDefinition | null;
  readonly via: Via;
  readonly person: string | null;
  readonly progress: SurveyProgress | null;
  readonly now: Date;
}

/**
 * Sends, holds, releases or sends again by hand. The case and its person are locked for it, so that it never meets a send
 * half-way; what is sent is decided on once more when it leaves. Gives one sentence on what was done. Throws HandRefusal,
 * with nothing changed, when it cannot be done.
 */
export async function surveyByHand(work: Work, wanted: HandOrder): Promise<string> {
  const now = work.clock.now();
  const { connector, action } = wanted;
  const { done, ring } = await work.db.transaction().execute(async (tx) => {
    const closing = await lockLatestClosing(tx, connector, wanted.case);
    if (closing === null)
      throw refusal(wanted, 'no closing of it is known', 'Close it in the CRM, then run caseloop watch.');
    const { definition, via, person } = subjectOf(work, connector, closing);
    if (person !== null) await lockPeople(tx, [person]);
    const progress = await readProgress(tx, closing.closureId);
    if (progress !== null && isLeaving(progress))
      throw refusal(wanted, 'its survey is being handed over at this moment', 'Try again in a minute.');
    const order = { ...wanted, tx, work, closing, definition, via, person, progress, now };
    const result = await ACTIONS[action](order);
    const detail = `case ${closing.snapshot.number} on ${connector}`;
    await noteInAudit(tx, { at: now, actor: wanted.actor, what: `survey ${action}`, detail });
    return result;
  });
  if (ring !== null && ring.via === 'mail') await work.queues.add('send-survey', { surveyId: ring.surveyId });
  if (ring !== null && ring.via === 'case') await work.queues.add('ask-in-case', { connector });
  return done;
}

interface Done {
  readonly done: string;
  readonly ring: { readonly via: Via; readonly surveyId: string } | null;
}

const ACTIONS: Readonly<Record<HandOrder['action'], (order: Order) => Promise<Done>>> = {
  send,
  hold,
  release,
  resend,
};

async function send(order: Order): Promise<Done> {
  const { tx, work, connector, closing, definition, via, person, progress, now, again } = order;
  if (progress?.survey.state === 'asked')
    throw refusal(order, 'its survey was sent already', 'Use caseloop survey resend.');
  const byHand: ByHand = again ? 'again' : 'once';
  const decision = await decideByHand(order, byHand);
  let surveyId = progress?.survey.id;
  if (surveyId !== undefined) await sendSurveyByHand(tx, surveyId, { byHand, at: now });
  else {
    const survey = definition && newSurveyOf(work, closing.snapshot, { definition, via, dueAt: now });
    if (survey === null || person === null)
      throw refusal(order, 'there is nobody to ask', 'Give the requester an address in the CRM.');
    const { closureId, snapshot } = closing;
    const about = { closureId, connector, caseId: snapshot.caseId, person };
    surveyId = await insertSurveyByHand(tx, about, survey, { byHand, at: now });
  }
  await decideAgain(tx, closing.closureId, 'by-hand', decision, now);
  return { done: 'The survey is on its way.', ring: { via, surveyId } };
}

async function hold(order: Order): Promise<Done> {
  const { tx, closing, progress, now } = order;
  if (progress === null || !isOpen(progress))
    throw refusal(order, 'nothing of its survey is still to be sent', 'Nothing needs to be done.');
  await holdSurvey(tx, progress.survey.id);
  const decision: Decision = {
    outcome: 'hold',
    rule: 'held-by-hand',
    reason: 'Held: by hand, until it is released.',
    until: null,
  };
  const note = progress.survey.state === 'pending' ? decideAgain : noteDecision;
  await note(tx, closing.closureId, 'by-hand', decision, now);
  return { done: 'The survey is held until it is released.', ring: null };
}

async function release(order: Order): Promise<Done> {
  const { tx, via, progress, now } = order;
  const isHeld =
    progress?.survey.held_by_hand === true || progress?.mails.some(({ state }) => state === 'held') === true;
  if (progress === null || !isHeld || !isOpen(progress))
    throw refusal(order, 'nothing of its survey is held', 'Use caseloop explain to see how it stands.');
  await releaseSurvey(tx, progress.survey.id, now);
  return { done: 'The survey is released and is on its way.', ring: { via, surveyId: progress.survey.id } };
}

async function resend(order: Order): Promise<Done> {
  const { tx, closing, via, progress, now, again } = order;
  if (progress?.survey.state !== 'asked')
    throw refusal(order, 'its survey has not been sent yet', 'Use caseloop survey send.');
  if (progress.caseAsk !== null)
    throw refusal(order, 'its survey stands on the case', 'Point the customer to the reply on the case.');
  if (progress.isAnswered && !again)
    throw refusal(order, 'the customer has answered', 'Add --again to ask all the same.', true);
  if (order.mailsSeen != null && order.mailsSeen !== progress.mails.length)
    throw refusal(order, 'it has been sent again since you looked', 'Look at the case again.');
  if (progress.mails.some(({ state }) => state === 'due' || state === 'held'))
    throw refusal(
      order,
      'a mail about it is still to be sent',
      'Use caseloop survey release, or wait for it.',
    );
  const decision = await decideByHand(order, 'again');
  await insertResend(tx, progress, now);
  await noteDecision(tx, closing.closureId, 'by-hand', decision, now);
  return { done: 'The survey is on its way once more.', ring: { via, surveyId: progress.survey.id } };
}

function subjectOf(work: Work, connector: string, { snapshot }: LatestClosing) {
  const definition = chooseSurvey(work.config.surveys, snapshot);
  const via: Via = definition === null ? 'mail' : viaFor(definition, snapshot);
  return { definition, via, person: personOf(work, connector, snapshot, via) };
}

/** Throws when something speaks against asking that no hand overrules. */
async function decideByHand(order: Order, byHand: ByHand): Promise<Decision> {
  const { tx, work, connector, closing, definition, via, person, now } = order;
  const { snapshot, closedAt, startedAt } = closing;
  const subject = { connector, caseId: snapshot.caseId, closedAt, person };
  const [history] = await readAskHistories(tx, [subject], now);
  if (history === undefined) throw new Error(`Case ${snapshot.caseId} has no history of asks.`);
  const decision = decide(
    {
      connector,
      snapshot,
      closedAt,
      startedAt,
      survey: definition,
      via,
      asksInCase: work.connectors.get(connector)?.askInCase !== undefined,
      now,
      byHand,
      heldByHand: false,
      noReminder: null,
      ownDomains: ownDomainsOf(work.config.mail.from),
      calendar: work.config.calendar,
      ...history,
    },
    work.config.policy,
    'closing',
  );
  if (decision.outcome === 'ask') return decision;
  const isAsked = decision.rule === 'quiet-period' || decision.rule === 'already-asked';
  throw refusal(
    order,
    decision.reason.replace(/^Skipped: |\.$/g, ''),
    isAsked ? 'Add --again to ask all the same.' : 'Nobody can be asked about this case as it is.',
    isAsked,
  );
}

function isLeaving({ mails, caseAsk }: SurveyProgress): boolean {
  const isAsking = caseAsk !== null && (caseAsk.claimed_by !== null || caseAsk.state === 'running');
  return isAsking || mails.some(({ state }) => state === 'sending');
}

function isOpen({ mails, caseAsk }: SurveyProgress): boolean {
  return caseAsk?.state === 'due' || mails.some(({ state }) => state === 'due' || state === 'held');
}

function refusal(
  { action, connector, case: number }: HandOrder,
  why: string,
  fix: string,
  helpsAgain = false,
): HandRefusal {
  const message = `survey ${action}, case ${number} on ${connector}: ${why}.`;
  return new HandRefusal(message, { fix, why, helpsAgain });
}
