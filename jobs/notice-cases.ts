import type { Transaction } from 'kysely';
import type { CaseSnapshot } from '../src/domain/case.ts';
import { applySnapshot, type KnownClosure } from '../src/domain/closure.ts';
import { ownDomainsOf } from '../src/domain/own-domains.ts';
import { type Decision, decide, describeRule } from '../src/domain/policy.ts';
import { chooseSurvey, localeOf } from '../src/domain/survey.ts';
import {
  cancelUnsentSurveys,
  closuresOf,
  decideAgain,
  insertClosure,
  insertSurvey,
  lockPerson,
  readAskHistory,
  readCase,
  saveCase,
} from '../src/store/cases.ts';
import { forgetRefusals } from '../src/store/refusals.ts';
import type { NoticedBy, Tables } from '../src/store/tables.ts';
import { takeInEach } from './take-in-each.ts';
import type { Work } from './work.ts';

/** What a batch of snapshots came to. */
export interface Noticed {
  readonly cases: number;
  readonly closures: number;
  readonly asks: number;
  readonly cancelled: number;
}

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
  const takeIn = async (snapshot: CaseSnapshot): Promise<void> => {
    const noticed = await work.db
      .transaction()
      .execute((tx) => noticeCase(tx, work, connector, snapshot, noticedBy));
    total.closures += noticed.isClosure ? 1 : 0;
    total.cancelled += noticed.cancelled;
    if (noticed.ask !== null) asks.push(noticed.ask);
  };
  const refused = await takeInEach(work, connector.name, snapshots, takeIn);
  await forgetRefusals(
    work.db,
    connector.name,
    snapshots.map(({ caseId }) => caseId).filter((caseId) => !refused.has(caseId)),
  );
  total.asks = asks.length;
  const now = work.clock.now().getTime();
  await work.queues.addMany(
    asks.map(({ surveyId, dueAt }) => ({
      name: 'send-survey',
      payload: { surveyId },
      delayMs: Math.max(0, dueAt.getTime() - now),
    })),
  );
  return total;
}

interface Ask {
  readonly surveyId: string;
  readonly dueAt: Date;
}

async function noticeCase(
  tx: Transaction<Tables>,
  work: Work,
  connector: { name: string; startedAt: Date },
  seen: CaseSnapshot,
  noticedBy: NoticedBy,
): Promise<{ isClosure: boolean; ask: Ask | null; cancelled: number }> {
  const now = work.clock.now();
  const kept = await saveCase(tx, connector.name, seen, now);
  const change = applySnapshot({ closures: await closuresOf(tx, connector.name, seen.caseId) }, seen);
  const newest = kept ? seen : ((await readCase(tx, connector.name, seen.caseId)) ?? seen);
  const email = newest.requester.email;
  const person = email === null ? null : work.installation.hashPerson(email);
  // The person is locked before any mail row is touched: sending takes the two in the same order.
  if (change.newClosure !== null && person !== null) await lockPerson(tx, person);

  const calledOff = await cancelUnsentSurveys(tx, connector.name, seen.caseId, change.cancelled);
  for (const closureId of calledOff) {
    const rule = change.cancel ?? 'reopened';
    await decideAgain(tx, closureId, 'reopening', skip(rule), now);
  }
  if (change.newClosure === null) return { isClosure: false, ask: null, cancelled: calledOff.length };

  const ask = await openClosure(tx, work, connector, {
    snapshot: newest,
    closure: change.newClosure,
    person,
    noticedBy,
    now,
  });
  return { isClosure: true, ask, cancelled: calledOff.length };
}

async function openClosure(
  tx: Transaction<Tables>,
  work: Work,
  connector: { name: string; startedAt: Date },
  found: {
    snapshot: CaseSnapshot;
    closure: KnownClosure;
    person: string | null;
    noticedBy: NoticedBy;
    now: Date;
  },
): Promise<Ask | null> {
  const { snapshot, closure, person, now } = found;
  const { config } = work;
  const definition = chooseSurvey(config.surveys, snapshot);
  const history = await readAskHistory(tx, {
    connector: connector.name,
    caseId: snapshot.caseId,
    closedAt: closure.closedAt,
    person,
    now,
  });
  const decision = decide(
    {
      connector: connector.name,
      snapshot,
      closedAt: closure.closedAt,
      startedAt: connector.startedAt,
      survey: definition,
      now,
      ownDomains: ownDomainsOf(config.mail.from),
      ...history,
    },
    config.policy,
    'closing',
  );
  const closureId = await insertClosure(tx, {
    connector: connector.name,
    snapshot,
    closedAt: closure.closedAt,
    cycle: closure.cycle,
    noticedAt: now,
    noticedBy: found.noticedBy,
    person,
    decision,
  });
  const { email } = snapshot.requester;
  if (decision.outcome === 'skip' || definition === null || person === null || email === null) return null;
  const dueAt = decision.until ?? now;
  const surveyId = await insertSurvey(tx, {
    closureId,
    connector: connector.name,
    caseId: snapshot.caseId,
    definition,
    person,
    email,
    recipientName: snapshot.requester.name,
    locale: localeOf(snapshot),
    messageIdHost: new URL(config.server.publicUrl).hostname,
    createdAt: now,
    dueAt,
  });
  return { surveyId, dueAt };
}

function skip(rule: Decision['rule']): Decision {
  return { outcome: 'skip', rule, reason: describeRule(rule), until: null };
}
