import type { Transaction } from 'kysely';
import { HOUR_MS } from '../src/clock.ts';
import { ownDomainsOf } from '../src/domain/own-domains.ts';
import { type Decision, decide } from '../src/domain/policy.ts';
import type { SurveyDefinition, Via } from '../src/domain/survey.ts';
import type { PendingAsk } from '../src/store/pending-ask.ts';
import { type AskHistory, readAskHistories } from '../src/store/people.ts';
import type { Tables } from '../src/store/tables.ts';
import type { Work } from './work.ts';

/** What the second decision lets go. */
export interface Going {
  readonly definition: SurveyDefinition;
  readonly expiresAt: Date;
  readonly decision: Decision;
}

/** Nobody twice in a round: an ask that is called off here no longer speaks against the next one. */
export function roundsOf<A extends PendingAsk>(asks: readonly A[]): A[][] {
  const rounds: A[][] = [];
  const seen = new Map<string, number>();
  for (const ask of asks) {
    const nth = seen.get(ask.survey.person) ?? 0;
    seen.set(ask.survey.person, nth + 1);
    const round = rounds[nth];
    if (round === undefined) rounds.push([ask]);
    else round.push(ask);
  }
  return rounds;
}

interface SendingFacts<A> {
  readonly via: Via;
  readonly now: Date;
  /** Why one that reminds is not called for; null when it is, and for one that asks first. */
  readonly noReminder: (ask: A) => string | null;
}

/**
 * Decides once more about the asks of a round, on what is known now, whichever way they go. Gives those that may go; the
 * others are handed to `keepBack`, each before the next is decided.
 */
export async function decideAtSending<A extends PendingAsk>(
  tx: Transaction<Tables>,
  work: Work,
  asks: readonly A[],
  { via, now, noReminder }: SendingFacts<A>,
  keepBack: (ask: A, decision: Decision) => Promise<void>,
): Promise<readonly (A & Going)[]> {
  const histories = await readAskHistories(
    tx,
    asks.map(({ survey, closedAt }) => ({
      connector: survey.connector,
      caseId: survey.case_id,
      closedAt,
      person: survey.person,
    })),
    now,
  );
  const going: (A & Going)[] = [];
  for (const [nth, ask] of asks.entries()) {
    const definition = work.config.surveys.find((one) => one.name === ask.survey.name) ?? null;
    const history = withGoing(histories[nth], going.length);
    const facts = { definition, via, noReminder: noReminder(ask) };
    const decision = decideOne(work, ask, facts, history, now);
    if (decision.outcome === 'ask' && definition !== null) {
      const expiresAt = new Date(now.getTime() + definition.expiresMs);
      going.push({ ...ask, definition, expiresAt, decision });
    } else {
      await keepBack(ask, decision);
    }
  }
  return going;
}

/** Those of this round that may go take their places from the ones after them. */
function withGoing(history: AskHistory | undefined, going: number): AskHistory | undefined {
  return history && { ...history, sentInLastHour: history.sentInLastHour + going };
}

function decideOne(
  { config, connectors }: Work,
  { survey, snapshot, closedAt, startedAt }: PendingAsk,
  {
    definition,
    via,
    noReminder,
  }: { definition: SurveyDefinition | null; via: Via; noReminder: string | null },
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
      via,
      asksInCase: connectors.get(survey.connector)?.askInCase !== undefined,
      now,
      byHand: survey.by_hand,
      heldByHand: survey.held_by_hand,
      noReminder,
      ownDomains: ownDomainsOf(config.mail.from),
      calendar: config.calendar,
      ...history,
    },
    config.policy,
    'sending',
  );
}

/** When this process last held an ask. */
const LAST_HELD_AT = new WeakMap<Work, Date>();

/** Says it once for as long as mails are held: a window that slides lets one go now and then. */
export function sayHeld(work: Work, now: Date): void {
  const lastAt = LAST_HELD_AT.get(work);
  LAST_HELD_AT.set(work, now);
  if (lastAt !== undefined && Math.abs(now.getTime() - lastAt.getTime()) < HOUR_MS) return;
  work.log.warn({ maxPerHour: work.config.policy.maxPerHour }, 'hourly brake: sends are held');
}
