import type { Transaction } from 'kysely';
import { SECOND_MS } from '../src/clock.ts';
import type { CaseSnapshot } from '../src/domain/case.ts';
import { applySnapshot, type CancelReason, type KnownClosure } from '../src/domain/closure.ts';
import { creditFor } from '../src/domain/credit.ts';
import { ownDomainsOf } from '../src/domain/own-domains.ts';
import { type Decision, decide, describeRule } from '../src/domain/policy.ts';
import { chooseSurvey, type SurveyDefinition, type Via, viaFor } from '../src/domain/survey.ts';
import type { Ring } from '../src/queue.ts';
import { closuresOf, readCases, saveCases } from '../src/store/cases.ts';
import { lookSoon } from '../src/store/clocks.ts';
import { cancelUnsentSurveys, decideAgain, insertClosures, type NewClosure } from '../src/store/closures.ts';
import { type AskHistory, lockPeople, readAskHistories } from '../src/store/people.ts';
import type { NoticedBy, Tables } from '../src/store/tables.ts';
import { newSurveyOf, personOf } from './new-survey.ts';
import { takeInEach } from './take-in-each.ts';
import type { Work } from './work.ts';

/** What a batch of snapshots came to. */
export interface Noticed {
  readonly cases: number;
  readonly closures: number;
  readonly asks: number;
  readonly cancelled: number;
}

/** The longest a ring may wait; sweeps come that often, too. */
const LONGEST_RING_MS = 10 * SECOND_MS;

/** Cases that share one transaction: statements are made once for all of them, and their locks are held no longer. */
const MOST_TOGETHER = 100;

/**
 * Takes cases into the store as the CRM shows them now: keeps the newest snapshot, turns each closing into one closure with
 * one decision, calls off what a reopening made pointless, and nudges the sends. Any order, any repetition.
 */
export async function noticeCases(
  work: Work,
  connector: { name: string; startedAt: Date },
  snapshots: readonly CaseSnapshot[],
  noticedBy: NoticedBy,
): Promise<Noticed> {
  const total = { cases: snapshots.length, closures: 0, asks: 0, cancelled: 0 };
  const asks: Ask[] = [];
  const changed: string[] = [];
  const takeIn = async (batch: readonly CaseSnapshot[]): Promise<void> => {
    const taken = await work.db
      .transaction()
      .execute((tx) => noticeTogether({ tx, work, connector, noticedBy, now: work.clock.now() }, batch));
    total.closures += taken.closures;
    total.cancelled += taken.cancelled;
    asks.push(...taken.asks);
    changed.push(...taken.changed);
  };
  await takeInEach(work, connector.name, batchesOf(snapshots), takeIn);
  total.asks = asks.length;
  const now = work.clock.now().getTime();
  const rings = asks.map(({ surveyId, via, dueAt }): Ring & { readonly delayMs: number } => {
    const delayMs = Math.max(0, dueAt.getTime() - now);
    if (via === 'mail') return { name: 'send-survey', payload: { surveyId }, delayMs };
    return { name: 'ask-in-case', payload: { connector: connector.name }, delayMs };
  });
  // The sweep finds what is due later. A ring so far ahead would keep the sweep's own from overtaking it when the clock is
  // set right meanwhile.
  const soon = rings.filter(({ delayMs }) => delayMs <= LONGEST_RING_MS);
  // A change may be the answer to a customer with a low score. A watch asks after those at its end.
  const isLookDue = await lookSoon(work.db, connector.name, changed, work.clock.now());
  if (isLookDue && noticedBy === 'push')
    soon.push({ name: 'look-after', payload: { connector: connector.name }, delayMs: 0 });
  await work.queues.addMany(soon);
  return total;
}

/** In their order, each case at most once in a batch: a later snapshot of it is judged by what the earlier one left. */
function batchesOf(snapshots: readonly CaseSnapshot[]): CaseSnapshot[][] {
  const batches: Map<string, CaseSnapshot>[] = [];
  for (const snapshot of snapshots) {
    const last = batches.at(-1);
    if (last === undefined || last.size === MOST_TOGETHER || last.has(snapshot.caseId)) {
      batches.push(new Map([[snapshot.caseId, snapshot]]));
    } else {
      last.set(snapshot.caseId, snapshot);
    }
  }
  return batches.map((batch) => [...batch.values()]);
}

interface Ask {
  readonly surveyId: string;
  readonly via: Via;
  readonly dueAt: Date;
}

interface Noticing {
  readonly tx: Transaction<Tables>;
  readonly work: Work;
  readonly connector: { readonly name: string; readonly startedAt: Date };
  readonly noticedBy: NoticedBy;
  readonly now: Date;
}

/** A closure that is not in the store yet. */
interface Closing {
  /** The newest known. */
  readonly snapshot: CaseSnapshot;
  readonly closure: KnownClosure;
  /** What `chooseSurvey` says, and the way it takes. */
  readonly definition: SurveyDefinition | null;
  readonly via: Via;
  readonly person: string | null;
}

/** Locks are taken in one order everywhere: cases, then people, then mails. */
async function noticeTogether(
  noticing: Noticing,
  batch: readonly CaseSnapshot[],
): Promise<{ closures: number; cancelled: number; asks: Ask[]; changed: string[] }> {
  const { tx, work, connector, now } = noticing;
  const kept = await saveCases(tx, connector.name, batch, now);
  const caseIds = batch.map(({ caseId }) => caseId);
  const known = await closuresOf(
    tx,
    connector.name,
    caseIds.filter((caseId) => kept.get(caseId) !== 'new'),
  );
  const newer = await readCases(
    tx,
    connector.name,
    caseIds.filter((caseId) => !kept.has(caseId)),
  );
  const closings: Closing[] = [];
  const calledOff: { caseId: string; closedAt: readonly Date[]; reason: CancelReason }[] = [];
  for (const seen of batch) {
    const { caseId } = seen;
    const change = applySnapshot({ closures: known.get(caseId) ?? [] }, seen);
    if (change.cancel !== null) calledOff.push({ caseId, closedAt: change.cancelled, reason: change.cancel });
    if (change.newClosure === null) continue;
    const snapshot = newer.get(caseId) ?? seen;
    const definition = chooseSurvey(work.config.surveys, snapshot);
    const via = definition === null ? 'mail' : viaFor(definition, snapshot);
    const person = personOf(work, connector.name, snapshot, via);
    closings.push({ snapshot, closure: change.newClosure, definition, via, person });
  }
  await lockPeople(
    tx,
    closings.flatMap(({ person }) => (person === null ? [] : [person])),
  );
  let cancelled = 0;
  for (const { caseId, closedAt, reason } of calledOff) {
    const closureIds = await cancelUnsentSurveys(tx, connector.name, caseId, closedAt);
    for (const closureId of closureIds) await decideAgain(tx, closureId, 'reopening', skip(reason), now);
    cancelled += closureIds.length;
  }
  const asks: Ask[] = [];
  for (const round of roundsOf(closings)) asks.push(...(await openClosures(noticing, round)));
  return { closures: closings.length, cancelled, asks, changed: [...kept.keys()] };
}

/** Nobody twice in a round: who is asked about one case must be known before the next one is decided. */
function roundsOf(closings: readonly Closing[]): Closing[][] {
  const rounds: Closing[][] = [];
  const seen = new Map<string, number>();
  for (const closing of closings) {
    const nth = closing.person === null ? 0 : (seen.get(closing.person) ?? 0);
    if (closing.person !== null) seen.set(closing.person, nth + 1);
    const round = rounds[nth];
    if (round === undefined) rounds.push([closing]);
    else round.push(closing);
  }
  return rounds;
}

async function openClosures(noticing: Noticing, closings: readonly Closing[]): Promise<Ask[]> {
  const { tx, connector, now } = noticing;
  const histories = await readAskHistories(
    tx,
    closings.map(({ snapshot, closure, person }) => ({
      connector: connector.name,
      caseId: snapshot.caseId,
      closedAt: closure.closedAt,
      person,
    })),
    now,
  );
  const decided = closings.map((closing, nth) => decideClosing(noticing, closing, histories[nth]));
  const surveyIds = await insertClosures(tx, decided);
  return decided.flatMap(({ survey }, nth) => {
    const surveyId = surveyIds[nth] ?? null;
    return survey === null || surveyId === null ? [] : [{ surveyId, via: survey.via, dueAt: survey.dueAt }];
  });
}

function decideClosing(
  { work, connector, noticedBy, now }: Noticing,
  { snapshot, closure, definition, via, person }: Closing,
  history: AskHistory | undefined,
): NewClosure {
  if (history === undefined) throw new Error(`Case ${snapshot.caseId} has no history of asks.`);
  const { config } = work;
  const decision = decide(
    {
      connector: connector.name,
      snapshot,
      closedAt: closure.closedAt,
      startedAt: connector.startedAt,
      survey: definition,
      via,
      asksInCase: work.connectors.get(connector.name)?.askInCase !== undefined,
      now,
      byHand: null,
      heldByHand: false,
      noReminder: null,
      ownDomains: ownDomainsOf(config.mail.from),
      calendar: config.calendar,
      ...history,
    },
    config.policy,
    'closing',
  );
  const asks = decision.outcome !== 'skip' && definition !== null && person !== null;
  const dueAt = decision.until ?? now;
  const survey = asks ? newSurveyOf(work, snapshot, { definition, via, dueAt }) : null;
  return {
    connector: connector.name,
    snapshot,
    closedAt: closure.closedAt,
    cycle: closure.cycle,
    noticedAt: now,
    noticedBy,
    person,
    credit: creditFor(config.credit, snapshot),
    decision,
    survey,
  };
}

function skip(rule: Decision['rule']): Decision {
  return { outcome: 'skip', rule, reason: describeRule(rule), until: null };
}
