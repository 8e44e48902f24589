import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import type { DecisionFacts } from '../../src/domain/decision-facts.ts';
import { decide, describeRule } from '../../src/domain/policy.ts';
import type { Policy } from '../../src/domain/policy-settings.ts';
import { createDesk, type Ledger } from './domain-desk.ts';
import { factsWith, policyWith, snapshotWith, surveyWith } from './domain-facts.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.parse('2026-11-02T09:00:00Z');

const dates = fc.date({ min: new Date('2026-10-01'), max: new Date('2026-12-31'), noInvalidDate: true });
const emails = fc.constantFrom(
  'ada@customer.example',
  'bob@acme.example',
  'no-reply@customer.example',
  'ada@',
  null,
);

const snapshots: fc.Arbitrary<CaseSnapshot> = fc
  .record({
    caseId: fc.string({ minLength: 1 }),
    state: fc.constantFrom('open', 'closed', 'closed', 'closed', 'locked', 'deleted'),
    flags: fc.record({
      merged: fc.boolean(),
      spam: fc.boolean(),
      outbound: fc.boolean(),
      botHandled: fc.boolean(),
      ours: fc.boolean(),
    }),
    publicReply: fc.constantFrom(true, false, null),
    tags: fc.subarray(['vip', 'Beta']),
    requester: fc.record({
      id: fc.constant('1'),
      name: fc.constant('Ada Lovelace'),
      email: emails,
      locale: fc.constant(null),
      timeZone: fc.constantFrom(null, 'America/New_York', 'Asia/Tokyo'),
      isStaff: fc.boolean(),
    }),
  })
  .map((changes) => snapshotWith({ subject: 'My broken printer', ...changes }));

const facts: fc.Arbitrary<DecisionFacts> = fc
  .record({
    snapshot: snapshots,
    closedAt: dates,
    startedAt: dates,
    optedOut: fc.boolean(),
    personLastAskedAt: fc.option(dates),
    earlierAsks: fc.nat({ max: 2 }),
    newerClosureExists: fc.boolean(),
    via: fc.constantFrom('mail' as const, 'case' as const),
    asksInCase: fc.boolean(),
    sentInLastHour: fc.nat({ max: 20 }),
    survey: fc.option(fc.constant(surveyWith())),
    now: dates,
  })
  .map(factsWith);

const policies: fc.Arbitrary<Policy> = fc
  .record({
    delayMs: fc.constantFrom(0, HOUR_MS, 30 * DAY_MS),
    quietPeriodMs: fc.constantFrom(0, 1_500, 14 * DAY_MS),
    again: fc.constantFrom('never', 'each-closure'),
    sampleRatio: fc.double({ min: 0, max: 1, noNaN: true }),
    maxPerHour: fc.integer({ min: 1, max: 20 }),
    hours: fc.constantFrom('always', 'business'),
    quietHours: fc.constantFrom(null, { from: '21:00', to: '10:30' }),
    skip: fc.record({
      staff: fc.boolean(),
      merged: fc.boolean(),
      spam: fc.boolean(),
      outbound: fc.boolean(),
      ours: fc.boolean(),
      noPublicReply: fc.boolean(),
      botHandled: fc.boolean(),
      domains: fc.subarray(['customer.example', 'other.example']),
      tags: fc.subarray(['VIP', 'beta']),
    }),
  })
  .map(policyWith);

const stages = fc.constantFrom('closing', 'sending');

describe('a decision', () => {
  test('always names one rule and gives one sentence as its reason', () => {
    fc.assert(
      fc.property(facts, policies, stages, (given, policy, stage) => {
        const decision = decide(given, policy, stage);
        const opening = { ask: 'Asked: ', skip: 'Skipped: ', hold: 'Held: ' }[decision.outcome];
        expect(decision.reason.startsWith(opening)).toBe(true);
        expect(decision.reason).toMatch(/^[^\n]{20,}[^.]\.$/);
        expect(describeRule(decision.rule)).not.toBe('');
        expect(decide(given, policy, stage)).toEqual(decision);
      }),
      { numRuns: 1_000 },
    );
  });

  test('asks by the rule "asked" alone, and holds only at sending', () => {
    fc.assert(
      fc.property(facts, policies, stages, (given, policy, stage) => {
        const { outcome, rule, until } = decide(given, policy, stage);
        expect(outcome === 'ask').toBe(rule === 'asked');
        expect(outcome === 'hold').toBe(['quiet-hours', 'business-hours', 'hourly-brake'].includes(rule));
        if (outcome === 'hold') expect(stage).toBe('sending');
        if (outcome === 'hold') expect(until?.getTime()).toBeGreaterThan(given.now.getTime());
        if (outcome === 'skip') expect(until).toBeNull();
        if (until !== null) expect(until > given.now).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('keeps personal data out of its reason', () => {
    fc.assert(
      fc.property(facts, policies, stages, (given, policy, stage) => {
        const { reason } = decide(given, policy, stage);
        for (const word of ['Ada', 'Lovelace', 'ada@', 'bob@', 'printer']) expect(reason).not.toContain(word);
        const listed = [...policy.skip.domains, ...given.ownDomains];
        for (const domain of ['customer.example', 'acme.example']) {
          if (!listed.includes(domain)) expect(reason).not.toContain(domain);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Life at two desks: cases of a few people close and reopen, snapshots come late and twice, and sends are tried now and then. */
interface Tick {
  readonly afterMs: number;
  readonly connector: 'zendesk-eu' | 'desk';
  readonly caseNumber: number;
  readonly what: 'toggle' | 'repeat' | 'send';
}

const ticks: fc.Arbitrary<readonly Tick[]> = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.integer({ min: 1_000, max: HOUR_MS }), fc.integer({ min: 1_000, max: 10 * DAY_MS })),
    connector: fc.constantFrom('zendesk-eu', 'desk'),
    caseNumber: fc.nat({ max: 3 }),
    what: fc.constantFrom('toggle', 'toggle', 'repeat', 'send', 'send'),
  }),
  { minLength: 5, maxLength: 60 },
);

const pacing = fc.record({
  again: fc.constantFrom('never', 'each-closure'),
  quietPeriodMs: fc.constantFrom(0, HOUR_MS, 14 * DAY_MS),
  delayMs: fc.constantFrom(0, HOUR_MS, 20 * DAY_MS),
  maxPerHour: fc.constantFrom(1, 2, 2000),
});

function live(life: readonly Tick[], policy: Policy): readonly Ledger[] {
  const desk = createDesk(policy);
  const cases = new Map<string, CaseSnapshot>();
  const seen: { connector: string; snapshot: CaseSnapshot }[] = [];
  let now = new Date(START_MS);
  for (const { afterMs, connector, caseNumber, what } of life) {
    now = new Date(now.getTime() + afterMs);
    const key = `${connector}/${caseNumber}`;
    if (what === 'send') desk.send(now);
    if (what === 'repeat') {
      const one = seen[caseNumber % Math.max(1, seen.length)];
      if (one !== undefined) desk.receive(one.connector, one.snapshot, now);
    }
    if (what === 'toggle') {
      const closes = cases.get(key)?.state !== 'closed';
      const snapshot = snapshotWith({
        caseId: String(caseNumber),
        state: closes ? 'closed' : 'open',
        closedAt: closes ? now : null,
        changedAt: now,
        // Two people with cases at both desks.
        requester: { ...snapshotWith().requester, email: `person${caseNumber % 2}@customer.example` },
      });
      cases.set(key, snapshot);
      seen.push({ connector, snapshot });
      desk.receive(connector, snapshot, now);
    }
  }
  desk.send(new Date(now.getTime() + 21 * DAY_MS));
  return desk.ledger;
}

function sentBy(ledger: readonly Ledger[], key: (one: Ledger) => string): readonly (readonly Ledger[])[] {
  return [
    ...Map.groupBy(
      ledger.filter(({ state }) => state === 'sent'),
      key,
    ).values(),
  ];
}

describe('over any life of the desks', () => {
  test('a case is asked about once with again: never, and once for each closing with each-closure', () => {
    fc.assert(
      fc.property(ticks, pacing, (life, changes) => {
        const ledger = live(life, policyWith(changes));
        for (const asks of sentBy(ledger, ({ connector, caseId }) => `${connector}/${caseId}`)) {
          const cycles = new Set(asks.map(({ cycle }) => cycle));
          expect(asks.length).toBe(changes.again === 'never' ? 1 : cycles.size);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('no person is asked twice within the quiet period, whatever the desk and whatever `again` says', () => {
    fc.assert(
      fc.property(ticks, pacing, (life, changes) => {
        for (const asks of sentBy(live(life, policyWith(changes)), ({ person }) => String(person))) {
          const times = asks.map(({ askedAt }) => askedAt.getTime()).toSorted((a, b) => a - b);
          const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
          for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(changes.quietPeriodMs);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('no hour sees more asks than the brake allows', () => {
    fc.assert(
      fc.property(ticks, pacing, (life, changes) => {
        const times = live(life, policyWith({ ...changes, quietPeriodMs: 0 }))
          .filter(({ state }) => state === 'sent')
          .map(({ askedAt }) => askedAt.getTime());
        for (const end of times) {
          const inHour = times.filter((time) => time <= end && time > end - HOUR_MS);
          expect(inHour.length).toBeLessThanOrEqual(changes.maxPerHour);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('with each-closure, no quiet period and prompt sends, every closing is asked about', () => {
    fc.assert(
      fc.property(ticks, (life) => {
        const prompt = life.flatMap((tick): readonly Tick[] => [tick, { ...tick, afterMs: 0, what: 'send' }]);
        const ledger = live(prompt, policyWith({ again: 'each-closure', quietPeriodMs: 0 }));
        expect(ledger.filter(({ state }) => state !== 'sent')).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
