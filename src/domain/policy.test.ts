import { describe, expect, test } from 'vitest';
import { factsWith, NOON, policyWith, snapshotWith } from '../../tests/property/domain-facts.ts';
import type { CaseFlags, CaseSnapshot } from './case.ts';
import type { DecisionFacts } from './decision-facts.ts';
import { decide, describeRule, type Rule } from './policy.ts';
import type { Policy } from './policy-settings.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

function ago(ms: number): Date {
  return new Date(NOON.getTime() - ms);
}

function of(changes: Partial<CaseSnapshot>): Partial<DecisionFacts> {
  return { snapshot: snapshotWith(changes) };
}

function flagged(flag: keyof CaseFlags): Partial<DecisionFacts> {
  return of({ flags: { ...snapshotWith().flags, [flag]: true } });
}

function from(changes: Partial<CaseSnapshot['requester']>): Partial<DecisionFacts> {
  return of({ requester: { ...snapshotWith().requester, ...changes } });
}

function mergeFacts(one: Partial<DecisionFacts>, other: Partial<DecisionFacts>): Partial<DecisionFacts> {
  const base = snapshotWith();
  const [a, b] = [one.snapshot ?? base, other.snapshot ?? base];
  const changed = <Key extends keyof CaseSnapshot>(key: Key): CaseSnapshot[Key] =>
    JSON.stringify(a[key]) === JSON.stringify(base[key]) ? b[key] : a[key];
  const snapshot = snapshotWith({
    state: changed('state'),
    tags: changed('tags'),
    publicReply: changed('publicReply'),
    flags: {
      merged: a.flags.merged || b.flags.merged,
      spam: a.flags.spam || b.flags.spam,
      outbound: a.flags.outbound || b.flags.outbound,
      botHandled: a.flags.botHandled || b.flags.botHandled,
      ours: a.flags.ours || b.flags.ours,
    },
    requester: {
      ...base.requester,
      isStaff: a.requester.isStaff || b.requester.isStaff,
      email: a.requester.email === base.requester.email ? b.requester.email : a.requester.email,
    },
  });
  return { ...other, ...one, snapshot };
}

function mergePolicies(one: Policy, other: Policy): Policy {
  return {
    ...one,
    sampleRatio: Math.min(one.sampleRatio, other.sampleRatio),
    skip: {
      ...one.skip,
      noPublicReply: one.skip.noPublicReply || other.skip.noPublicReply,
      botHandled: one.skip.botHandled || other.skip.botHandled,
      tags: [...one.skip.tags, ...other.skip.tags],
    },
  };
}

/** In the documented order; each example is one that its rule alone skips. */
const SKIPS: readonly [Rule, Partial<DecisionFacts>, Policy, string][] = [
  ['deleted', of({ state: 'deleted' }), policyWith(), 'the case was deleted'],
  ['reopened', of({ state: 'open' }), policyWith(), 'the case was open again before the survey went out'],
  [
    'superseded',
    { newerClosureExists: true },
    policyWith(),
    'the case was reopened and closed once more since',
  ],
  [
    'before-start',
    { startedAt: new Date('2026-11-11T08:30:00Z') },
    policyWith(),
    'the case was closed at 2026-11-10 12:00 UTC and zendesk-eu counts closings from 2026-11-11 08:30 UTC on',
  ],
  ['ours', flagged('ours'), policyWith(), 'the case is a follow-up that Caseloop made'],
  ['merged', flagged('merged'), policyWith(), 'the case was merged into another one'],
  ['spam', flagged('spam'), policyWith(), 'the case is marked as spam'],
  ['outbound', flagged('outbound'), policyWith(), 'the case was started by us, not by the customer'],
  [
    'bot-handled',
    flagged('botHandled'),
    policyWith({ skip: { botHandled: true } }),
    'a bot handled the case',
  ],
  [
    'no-public-reply',
    of({ publicReply: false }),
    policyWith({ skip: { noPublicReply: true } }),
    'nobody on our side answered the customer in public',
  ],
  [
    'skipped-tag',
    of({ tags: ['a', 'VIP'] }),
    policyWith({ skip: { tags: ['vip'] } }),
    'the case has the tag "vip", which policy.skip.tags lists',
  ],
  ['no-survey', { survey: null }, policyWith(), 'no survey matches the case'],
  ['staff', from({ isStaff: true }), policyWith(), 'the requester is an agent or admin of the CRM'],
  [
    'own-domain',
    from({ email: 'ada@eu.acme.example' }),
    policyWith(),
    'the address is at acme.example, which is one of our own domains',
  ],
  ['no-address', from({ email: null }), policyWith(), 'the requester has no e-mail address'],
  ['opted-out', { optedOut: true }, policyWith(), 'this person asked for no more surveys'],
  [
    'bounced',
    { bounced: true },
    policyWith(),
    'an earlier mail to this person came back: there is no such address',
  ],
  ['sampled-out', {}, policyWith({ sampleRatio: 0 }), 'the case is not in the sample of 0% of all cases'],
  [
    'quiet-period',
    { personLastAskedAt: ago(13 * DAY_MS) },
    policyWith(),
    'this person was asked on 2026-10-28 and the quiet period is 14 days',
  ],
  [
    'already-asked',
    { earlierAsks: 1 },
    policyWith(),
    'this case was asked about at an earlier closing and policy.again is never',
  ],
];

describe('skipping', () => {
  test.each(SKIPS)('%s, at closing and at sending', (rule, facts, policy, why) => {
    const decision = { outcome: 'skip', rule, reason: `Skipped: ${why}.`, until: null };
    expect(decide(factsWith(facts), policy, 'closing')).toEqual(decision);
    expect(decide(factsWith(facts), policy, 'sending')).toEqual(decision);
  });

  test('a survey that goes by the case needs no address, but a CRM that can reply', () => {
    const facts = { via: 'case', ...from({ email: null }) } as const;
    expect(decide(factsWith(facts), policyWith(), 'closing').rule).toBe('asked');
    expect(decide(factsWith({ ...facts, asksInCase: false }), policyWith(), 'closing')).toMatchObject({
      rule: 'no-case-reply',
      reason: 'Skipped: it would go by a reply on the case, which the CRM cannot write.',
    });
  });

  test('the order is the documented one: with all examples from here on, the first decides', () => {
    for (const [index, [rule]] of SKIPS.entries()) {
      const rest = SKIPS.slice(index);
      const facts = rest.map(([, one]) => one).reduce(mergeFacts);
      const policy = rest.map(([, , one]) => one).reduce(mergePolicies);
      expect(decide(factsWith({ ...facts, sentInLastHour: 9999 }), policy, 'sending').rule).toBe(rule);
    }
  });

  test.each([
    ['ours', flagged('ours')],
    ['merged', flagged('merged')],
    ['spam', flagged('spam')],
    ['outbound', flagged('outbound')],
    ['staff', from({ isStaff: true })],
    ['staff', from({ email: 'ada@acme.example' })],
  ] as const)('skip.%s: false lets such a case through', (flag, facts) => {
    expect(decide(factsWith(facts), policyWith({ skip: { [flag]: false } }), 'closing').rule).toBe('asked');
  });

  test('bots and missing replies are let through unless the policy says otherwise, and so is an unknown reply', () => {
    expect(decide(factsWith(flagged('botHandled')), policyWith(), 'closing').rule).toBe('asked');
    expect(decide(factsWith(of({ publicReply: false })), policyWith(), 'closing').rule).toBe('asked');
    const strict = policyWith({ skip: { noPublicReply: true } });
    expect(decide(factsWith(of({ publicReply: null })), strict, 'closing').rule).toBe('asked');
  });

  test.each([
    ['email', 'no-public-reply'],
    ['web', 'no-public-reply'],
    ['API', 'no-public-reply'],
    ['voice', 'asked'],
    ['chat', 'asked'],
    ['messaging', 'asked'],
    ['whatsapp', 'asked'],
    ['walk-in', 'asked'],
    [null, 'asked'],
  ])('without a public reply on %s: %s, since only writing leaves one', (channel, rule) => {
    const strict = policyWith({ skip: { noPublicReply: true } });
    expect(decide(factsWith(of({ channel, publicReply: false })), strict, 'closing').rule).toBe(rule);
  });

  test('whoever a bot answered was answered: policy.skip.botHandled alone speaks about them', () => {
    const flags = { ...snapshotWith().flags, botHandled: true };
    const facts = factsWith(of({ flags, publicReply: false }));
    expect(decide(facts, policyWith({ skip: { noPublicReply: true } }), 'closing').rule).toBe('asked');
  });

  test('a listed domain is skipped even when staff is not', () => {
    const policy = policyWith({ skip: { staff: false, domains: ['customer.example'] } });
    expect(decide(factsWith(), policy, 'closing')).toMatchObject({
      rule: 'own-domain',
      reason: 'Skipped: the address is at customer.example, which policy.skip.domains lists.',
    });
  });

  test.each([
    ['ada@', "the requester's e-mail address is malformed"],
    [
      'no-reply@customer.example',
      "the requester's address is one that nobody reads, such as no-reply or mailer-daemon",
    ],
  ])('%s is no address, and the reason does not show it', (email, why) => {
    expect(decide(factsWith(from({ email })), policyWith(), 'closing')).toMatchObject({
      rule: 'no-address',
      reason: `Skipped: ${why}.`,
    });
  });

  test('a closing at the very start counts', () => {
    expect(decide(factsWith({ startedAt: NOON }), policyWith(), 'closing').rule).toBe('asked');
  });
});

describe('the quiet period', () => {
  test('is over after exactly its length', () => {
    const policy = policyWith({ again: 'each-closure' });
    expect(decide(factsWith({ personLastAskedAt: ago(14 * DAY_MS - 1) }), policy, 'sending').rule).toBe(
      'quiet-period',
    );
    expect(decide(factsWith({ personLastAskedAt: ago(14 * DAY_MS) }), policy, 'sending').rule).toBe('asked');
  });

  test('of 0 is none', () => {
    expect(
      decide(factsWith({ personLastAskedAt: NOON }), policyWith({ quietPeriodMs: 0 }), 'sending').rule,
    ).toBe('asked');
  });

  test('wins over again: each-closure', () => {
    const facts = factsWith({ earlierAsks: 1, personLastAskedAt: ago(HOUR_MS) });
    expect(decide(facts, policyWith({ again: 'each-closure' }), 'closing').rule).toBe('quiet-period');
    expect(decide(facts, policyWith({ again: 'each-closure', quietPeriodMs: HOUR_MS }), 'closing').rule).toBe(
      'asked',
    );
  });
});

describe('asking', () => {
  test('now, when there is no delay or it is over', () => {
    const asked = { outcome: 'ask', rule: 'asked', reason: 'Asked: no rule speaks against it.', until: null };
    expect(decide(factsWith(), policyWith(), 'closing')).toEqual(asked);
    expect(
      decide(factsWith({ closedAt: ago(HOUR_MS) }), policyWith({ delayMs: HOUR_MS }), 'closing'),
    ).toEqual(asked);
    expect(decide(factsWith(), policyWith({ delayMs: HOUR_MS }), 'sending')).toEqual(asked);
  });

  test('inside the hours of the customer, as soon as the delay is over', () => {
    const policy = policyWith({ delayMs: HOUR_MS, quietHours: { from: '21:00', to: '08:00' } });
    const { until, reason } = decide(factsWith(from({ timeZone: 'Asia/Tokyo' })), policy, 'closing');
    expect(until).toEqual(new Date('2026-11-10T23:00:00Z'));
    expect(reason).toBe('Asked: no rule speaks against it; the survey is due at 2026-11-10 23:00 UTC.');
  });

  test('when the delay is over, counted from closing', () => {
    expect(
      decide(factsWith({ closedAt: ago(HOUR_MS) }), policyWith({ delayMs: 2 * HOUR_MS }), 'closing'),
    ).toEqual({
      outcome: 'ask',
      rule: 'asked',
      reason: 'Asked: no rule speaks against it; the survey is due at 2026-11-10 13:00 UTC.',
      until: new Date('2026-11-10T13:00:00Z'),
    });
  });
});

describe('hours', () => {
  const tokyo = factsWith(from({ timeZone: 'Asia/Tokyo' }));

  test('hold a mail at night where the customer is, until the night is over', () => {
    const policy = policyWith({ quietHours: { from: '20:30', to: '07:15' } });
    expect(decide(tokyo, policy, 'sending')).toEqual({
      outcome: 'hold',
      rule: 'quiet-hours',
      reason: 'Held: nothing leaves in the quiet hours of the customer.',
      until: new Date('2026-11-10T22:15:00Z'),
    });
    expect(decide(factsWith(), policy, 'sending').rule).toBe('asked');
  });

  test('hold a mail outside business hours there, and go by the calendar where no zone is known', () => {
    const policy = policyWith({ hours: 'business' });
    expect(decide(tokyo, policy, 'sending')).toMatchObject({
      rule: 'business-hours',
      until: new Date('2026-11-11T00:00:00Z'),
    });
    expect(decide(factsWith(), policy, 'sending').rule).toBe('asked');
    expect(decide(factsWith(from({ timeZone: 'Atlantis' })), policy, 'sending').rule).toBe('asked');
  });
});

describe('the hourly brake', () => {
  const policy = policyWith({ maxPerHour: 2 });

  test('holds at sending and names when to look again', () => {
    expect(decide(factsWith({ sentInLastHour: 2 }), policy, 'sending')).toEqual({
      outcome: 'hold',
      rule: 'hourly-brake',
      reason: 'Held: 2 surveys went out in the last hour and policy.maxPerHour is 2.',
      until: new Date('2026-11-10T12:05:00Z'),
    });
  });

  test('lets as many through as it says, and does not touch the decision at closing', () => {
    expect(decide(factsWith({ sentInLastHour: 1 }), policy, 'sending').outcome).toBe('ask');
    expect(decide(factsWith({ sentInLastHour: 2 }), policy, 'closing').outcome).toBe('ask');
  });
});

describe('by hand', () => {
  const AGAIN = ['quiet-period', 'already-asked'];
  const NEVER = ['deleted', 'reopened', 'superseded', 'no-survey', 'no-address', 'opted-out', 'bounced'];

  test.each(SKIPS)('%s is overruled, unless it protects the customer', (rule, facts, policy) => {
    const rules = (['once', 'again'] as const).map(
      (byHand) => decide(factsWith({ ...facts, byHand }), policyWith(policy), 'sending').rule,
    );
    const isFor = (byHand: 'once' | 'again') =>
      NEVER.includes(rule) || (byHand === 'once' && AGAIN.includes(rule)) ? rule : 'by-hand';
    expect(rules).toEqual([isFor('once'), isFor('again')]);
  });

  test('it waits for nobody, and a hold waits for its release, whatever else there is', () => {
    const policy = policyWith({ delayMs: HOUR_MS, quietHours: { from: '00:00', to: '23:59' } });
    expect(decide(factsWith({ byHand: 'once' }), policy, 'closing')).toMatchObject({
      outcome: 'ask',
      until: null,
    });
    expect(decide(factsWith({ byHand: 'once' }), policy, 'sending').outcome).toBe('ask');
    expect(decide(factsWith({ byHand: 'again', heldByHand: true }), policy, 'sending')).toMatchObject({
      outcome: 'hold',
      rule: 'held-by-hand',
    });
  });
});

test('every rule has a meaning of its own', () => {
  const rules: Rule[] = [
    ...(['asked', 'by-hand', 'held-by-hand', 'hourly-brake', 'undeliverable', 'no-case-reply'] as const),
    ...SKIPS.map(([rule]) => rule),
  ];
  expect(new Set(rules.map(describeRule)).size).toBe(26);
});
