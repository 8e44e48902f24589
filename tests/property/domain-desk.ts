import type { CaseSnapshot } from '../../src/domain/case.ts';
import { applySnapshot, type CancelReason, isNewer } from '../../src/domain/closure.ts';
import { type Decision, decide, type Stage } from '../../src/domain/policy.ts';
import type { Policy } from '../../src/domain/policy-settings.ts';
import { factsWith } from './domain-facts.ts';

const HOUR_MS = 3_600_000;

/** What became of one closure. */
export interface Ledger {
  readonly connector: string;
  readonly caseId: string;
  readonly person: string | null;
  readonly closedAt: Date;
  readonly cycle: number;
  state: 'pending' | 'sent' | 'cancelled' | 'skipped';
  /** Decided to ask, then sent. */
  askedAt: Date;
  readonly first: Decision;
  last: Decision;
  cancelledBy: CancelReason | null;
}

/** The domain's rules on a store that is a list: what the program does with snapshots and sends, and nothing else. */
export interface Desk {
  readonly ledger: readonly Ledger[];
  /** A snapshot arrives, in whatever order. */
  receive(connector: string, snapshot: CaseSnapshot, now: Date): void;
  /** Everything pending is tried once. */
  send(now: Date): void;
}

export function createDesk(policy: Policy, startedAt = new Date(0)): Desk {
  const ledger: Ledger[] = [];
  const newest = new Map<string, CaseSnapshot>();

  function judge(
    about: Pick<Ledger, 'connector' | 'caseId' | 'closedAt'>,
    now: Date,
    stage: Stage,
  ): Decision {
    const snapshot = newest.get(`${about.connector}/${about.caseId}`);
    if (snapshot === undefined) throw new Error('a closure without a case');
    const isOwn = (one: Ledger) => one.closedAt.getTime() === about.closedAt.getTime() && isSameCase(one);
    const isSameCase = (one: Ledger) => one.connector === about.connector && one.caseId === about.caseId;
    const live = ledger.filter((one) => (one.state === 'pending' || one.state === 'sent') && !isOwn(one));
    const askedAts = live
      .filter(({ person }) => person !== null && person === snapshot.requester.email)
      .map(({ askedAt }) => askedAt.getTime());
    const facts = factsWith({
      connector: about.connector,
      snapshot,
      closedAt: about.closedAt,
      startedAt,
      now,
      personLastAskedAt: askedAts.length === 0 ? null : new Date(Math.max(...askedAts)),
      earlierAsks: live.filter(isSameCase).length,
      newerClosureExists: ledger.some((one) => isSameCase(one) && one.closedAt > about.closedAt),
      sentInLastHour: ledger.filter(
        ({ state, askedAt }) => state === 'sent' && askedAt.getTime() > now.getTime() - HOUR_MS,
      ).length,
    });
    return decide(facts, policy, stage);
  }

  return {
    ledger,
    receive(connector, snapshot, now) {
      const key = `${connector}/${snapshot.caseId}`;
      if (isNewer(snapshot, newest.get(key)?.changedAt ?? null)) newest.set(key, snapshot);
      const ofCase = ledger.filter((one) => `${one.connector}/${one.caseId}` === key);
      const change = applySnapshot({ closures: ofCase }, snapshot);
      for (const closedAt of change.cancelled) {
        const one = ofCase.find((entry) => entry.closedAt.getTime() === closedAt.getTime());
        if (one?.state !== 'pending') continue;
        one.state = 'cancelled';
        one.cancelledBy = change.cancel;
      }
      if (change.newClosure === null) return;
      const about = { connector, caseId: snapshot.caseId, ...change.newClosure };
      const first = judge(about, now, 'closing');
      const state = first.outcome === 'ask' ? 'pending' : 'skipped';
      const person = snapshot.requester.email;
      ledger.push({ ...about, person, state, askedAt: now, first, last: first, cancelledBy: null });
    },
    send(now) {
      for (const one of ledger) {
        if (one.state !== 'pending' || (one.first.until !== null && one.first.until > now)) continue;
        one.last = judge(one, now, 'sending');
        if (one.last.outcome === 'hold') continue;
        one.state = one.last.outcome === 'ask' ? 'sent' : 'skipped';
        if (one.state === 'sent') one.askedAt = now;
      }
    },
  };
}
