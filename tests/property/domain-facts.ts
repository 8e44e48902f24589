import { type Calendar, parseHours } from '../../src/domain/calendar.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import type { DecisionFacts } from '../../src/domain/decision-facts.ts';
import type { Policy } from '../../src/domain/policy-settings.ts';
import type { SurveyDefinition } from '../../src/domain/survey.ts';

/** The instant the examples below play at. */
export const NOON = new Date('2026-11-10T12:00:00Z');

/** Weekdays from nine to five. */
export const CALENDAR: Calendar = {
  zone: 'UTC',
  hours: parseHours({ 'mon-fri': '09:00-17:00' }).hours,
  holidays: ['2026-12-25'],
};

/** A closed case that no rule speaks against, with changes. */
export function snapshotWith(changes: Partial<CaseSnapshot> = {}): CaseSnapshot {
  return {
    caseId: '4711',
    number: '4711',
    url: 'https://acme.example/cases/4711',
    subject: 'Printer',
    state: 'closed',
    changedAt: NOON,
    openedAt: new Date('2026-11-09T08:00:00Z'),
    closedAt: NOON,
    requester: {
      id: '1',
      name: 'Ada',
      email: 'ada@customer.example',
      locale: null,
      timeZone: null,
      isStaff: false,
    },
    assignee: null,
    team: null,
    channel: 'email',
    brand: null,
    organisation: null,
    tier: null,
    tags: [],
    kind: null,
    language: null,
    priority: null,
    firstRepliedAt: null,
    reopens: null,
    flags: { merged: false, spam: false, outbound: false, botHandled: false, ours: false },
    publicReply: null,
    lastReplier: null,
    ...changes,
  };
}

/** A survey for every case, with changes. */
export function surveyWith(changes: Partial<SurveyDefinition> = {}): SurveyDefinition {
  return {
    name: 'support',
    when: { brand: [], channel: [], tag: [], team: [], language: [] },
    kind: 'csat',
    scale: '1-5',
    satisfiedFrom: 4,
    metric: '2026-11',
    question: { en: 'How would you rate the support you received?' },
    labels: {},
    icons: [],
    followUpBelow: 3,
    expiresMs: 30 * 86_400_000,
    changeWithinMs: 7 * 86_400_000,
    via: 'mail',
    reasons: true,
    ...changes,
  };
}

/** Facts that lead to an ask, with changes. */
export function factsWith(changes: Partial<DecisionFacts> = {}): DecisionFacts {
  return {
    connector: 'zendesk-eu',
    snapshot: snapshotWith(),
    closedAt: NOON,
    startedAt: new Date('2026-11-01T00:00:00Z'),
    optedOut: false,
    bounced: false,
    personLastAskedAt: null,
    earlierAsks: 0,
    newerClosureExists: false,
    via: 'mail',
    asksInCase: true,
    sentInLastHour: 0,
    survey: surveyWith(),
    now: NOON,
    byHand: null,
    heldByHand: false,
    noReminder: null,
    ownDomains: ['acme.example'],
    calendar: CALENDAR,
    ...changes,
  };
}

/** The default policy, with changes. */
export function policyWith(
  changes: Partial<Omit<Policy, 'skip'>> & { skip?: Partial<Policy['skip']> } = {},
): Policy {
  const { skip, ...others } = changes;
  return {
    send: 'automatic',
    delayMs: 0,
    quietPeriodMs: 14 * 86_400_000,
    again: 'never',
    sampleRatio: 1,
    maxPerHour: 2000,
    hours: 'always',
    quietHours: null,
    remindAfterMs: null,
    ...others,
    skip: {
      staff: true,
      merged: true,
      spam: true,
      outbound: true,
      ours: true,
      noPublicReply: false,
      botHandled: false,
      domains: [],
      tags: [],
      ...skip,
    },
  };
}
