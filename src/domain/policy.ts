import { ADDRESS_PROBLEMS, addressProblem, domainIn } from './address.ts';
import { overrules } from './by-hand.ts';
import { isAnsweredInWriting } from './channels.ts';
import type { DecisionFacts } from './decision-facts.ts';
import { day, duration, minute, percent } from './plain-words.ts';
import type { Policy } from './policy-settings.ts';
import { isSampled } from './sampling.ts';
import { isOutOfHours, isQuiet, nextSendingAt, zoneFor } from './sending-hours.ts';

/** At `closing` a closure is first decided on; at `sending`, just before the mail goes out, everything is judged again. */
export type Stage = 'closing' | 'sending';

/** What became of a closure, and which rule said so. */
export interface Decision {
  readonly outcome: 'ask' | 'skip' | 'hold';
  readonly rule: Rule;
  /** One plain sentence for an admin, without personal data. */
  readonly reason: string;
  /** `hold`: judge again then. `ask` at closing: send then, after the delay; null means now. `skip`: null. */
  readonly until: Date | null;
}

/** A survey that is held by hand is looked at again when it is released; this is for want of an instant. */
const HELD_MS = 365 * 86_400_000;

/** The window of the brake slides, so there is room again before an hour is over. */
const BRAKE_WAIT_MS = 5 * 60_000;

interface RuleAgainst<Name extends string> {
  readonly rule: Name;
  /** For people who meet the rule's name in a report. */
  readonly means: string;
  /** The rest of the reason when the rule applies, else null. */
  readonly judge: (facts: DecisionFacts, policy: Policy) => string | null;
  /** Makes the mail wait until then where other rules skip it, so it is judged at sending only. */
  readonly holdsUntil?: (facts: DecisionFacts, policy: Policy) => Date;
}

/**
 * Every rule against asking, in the order they are tried: the first that applies decides. First what the case has become,
 * then what it is, then who it is from, then chance, then what was asked before (the quiet period before `again`: it wins),
 * and last our own pace.
 */
const RULES = [
  {
    rule: 'deleted',
    means: 'The case was deleted.',
    judge: ({ snapshot }) => (snapshot.state === 'deleted' ? 'the case was deleted' : null),
  },
  {
    rule: 'reopened',
    means: 'The case was open again before the survey went out; its next closing is decided anew.',
    judge: ({ snapshot }) =>
      snapshot.state === 'open' ? 'the case was open again before the survey went out' : null,
  },
  {
    rule: 'superseded',
    means: 'The case was closed once more before the survey went out; only the later closing counts.',
    judge: ({ newerClosureExists }) =>
      newerClosureExists ? 'the case was reopened and closed once more since' : null,
  },
  {
    rule: 'no-reminder',
    means: 'No reminder is called for: the survey is answered, its link has expired, or reminders are off.',
    judge: ({ noReminder }) => noReminder,
  },
  {
    rule: 'before-start',
    means: 'The case was closed before the instant from which the connector counts (startFrom).',
    judge: ({ closedAt, startedAt, connector }) =>
      closedAt < startedAt
        ? `the case was closed at ${minute(closedAt)} and ${connector} counts closings from ${minute(startedAt)} on`
        : null,
  },
  {
    rule: 'ours',
    means: 'Caseloop made the case itself, as a follow-up (policy.skip.ours).',
    judge: ({ snapshot }, { skip }) =>
      skip.ours && snapshot.flags.ours ? 'the case is a follow-up that Caseloop made' : null,
  },
  {
    rule: 'merged',
    means: 'The case was merged into another one (policy.skip.merged).',
    judge: ({ snapshot }, { skip }) =>
      skip.merged && snapshot.flags.merged ? 'the case was merged into another one' : null,
  },
  {
    rule: 'spam',
    means: 'The case is marked as spam (policy.skip.spam).',
    judge: ({ snapshot }, { skip }) =>
      skip.spam && snapshot.flags.spam ? 'the case is marked as spam' : null,
  },
  {
    rule: 'outbound',
    means: 'The case was started by us, not by the customer (policy.skip.outbound).',
    judge: ({ snapshot }, { skip }) =>
      skip.outbound && snapshot.flags.outbound ? 'the case was started by us, not by the customer' : null,
  },
  {
    rule: 'bot-handled',
    means: 'A bot handled the case (policy.skip.botHandled).',
    judge: ({ snapshot }, { skip }) =>
      skip.botHandled && snapshot.flags.botHandled ? 'a bot handled the case' : null,
  },
  {
    rule: 'no-public-reply',
    means:
      'Nobody on our side answered the customer in public, on a channel where answers are written (policy.skip.noPublicReply).',
    // Whoever called or chatted was answered there, and whoever a bot answered was answered: policy.skip.botHandled speaks
    // about those. Null means that nobody looked, which is no ground to skip.
    judge: ({ snapshot }, { skip }) =>
      skip.noPublicReply &&
      snapshot.publicReply === false &&
      !snapshot.flags.botHandled &&
      isAnsweredInWriting(snapshot.channel)
        ? 'nobody on our side answered the customer in public'
        : null,
  },
  {
    rule: 'skipped-tag',
    means: 'The case has a tag that policy.skip.tags lists.',
    judge: ({ snapshot }, { skip }) => {
      const tags = new Set(snapshot.tags.map((tag) => tag.toLowerCase()));
      const tag = skip.tags.find((one) => tags.has(one.toLowerCase()));
      return tag === undefined ? null : `the case has the tag "${tag}", which policy.skip.tags lists`;
    },
  },
  {
    rule: 'no-survey',
    means: 'No survey is meant for cases like this one (surveys.*.when).',
    judge: ({ survey }) => (survey === null ? 'no survey matches the case' : null),
  },
  {
    rule: 'staff',
    means: 'The requester is an agent or admin of the CRM (policy.skip.staff).',
    judge: ({ snapshot }, { skip }) =>
      skip.staff && snapshot.requester.isStaff ? 'the requester is an agent or admin of the CRM' : null,
  },
  {
    rule: 'own-domain',
    means:
      'The address is at one of our own domains (policy.skip.staff) or at one that policy.skip.domains lists.',
    judge: ({ snapshot, ownDomains }, { skip }) => {
      const listed = domainIn(skip.domains, snapshot.requester.email);
      if (listed !== null) return `the address is at ${listed}, which policy.skip.domains lists`;
      const own = skip.staff ? domainIn(ownDomains, snapshot.requester.email) : null;
      return own === null ? null : `the address is at ${own}, which is one of our own domains`;
    },
  },
  {
    rule: 'no-address',
    means: 'There is no address that a person reads.',
    judge: ({ snapshot, via }) => {
      const problem = via === 'case' ? null : addressProblem(snapshot.requester.email);
      return problem === null ? null : ADDRESS_PROBLEMS[problem];
    },
  },
  {
    rule: 'no-case-reply',
    means: 'The survey goes by a reply on the case (surveys.*.via), which this CRM cannot write.',
    judge: ({ via, asksInCase }) =>
      via === 'case' && !asksInCase ? 'it would go by a reply on the case, which the CRM cannot write' : null,
  },
  {
    rule: 'opted-out',
    means: 'This person asked for no more surveys.',
    judge: ({ optedOut }) => (optedOut ? 'this person asked for no more surveys' : null),
  },
  {
    rule: 'bounced',
    means: 'An earlier mail to this person came back: there is no such address.',
    judge: ({ bounced }) =>
      bounced ? 'an earlier mail to this person came back: there is no such address' : null,
  },
  {
    rule: 'sampled-out',
    means: 'The case is not in the sample (policy.sample).',
    judge: ({ connector, snapshot }, { sampleRatio }) =>
      isSampled(connector, snapshot.caseId, sampleRatio)
        ? null
        : `the case is not in the sample of ${percent(sampleRatio)} of all cases`,
  },
  {
    rule: 'quiet-period',
    means: 'This person was asked a short while ago, here or through another connector (policy.quietPeriod).',
    judge: ({ personLastAskedAt, now }, { quietPeriodMs }) =>
      personLastAskedAt !== null &&
      quietPeriodMs > 0 &&
      now.getTime() - personLastAskedAt.getTime() < quietPeriodMs
        ? `this person was asked on ${day(personLastAskedAt)} and the quiet period is ${duration(quietPeriodMs)}`
        : null,
  },
  {
    rule: 'already-asked',
    means: 'This case was asked about at an earlier closing, and policy.again is never.',
    judge: ({ earlierAsks }, { again }) =>
      again === 'never' && earlierAsks > 0
        ? 'this case was asked about at an earlier closing and policy.again is never'
        : null,
  },
  {
    rule: 'held-by-hand',
    holdsUntil: ({ now }) => new Date(now.getTime() + HELD_MS),
    means: 'Somebody holds it, or policy.send is manual: it waits until it is released.',
    judge: ({ heldByHand }) => (heldByHand ? 'by hand, until it is released' : null),
  },
  {
    rule: 'quiet-hours',
    holdsUntil: sendingFrom,
    means: 'It is night where the customer is; the survey waits until it is not (policy.quietHours).',
    judge: (facts, policy) =>
      isQuiet(facts.now, policy, zoneOf(facts)) ? 'nothing leaves in the quiet hours of the customer' : null,
  },
  {
    rule: 'business-hours',
    holdsUntil: sendingFrom,
    means: 'It is outside business hours where the customer is; the survey waits for them (policy.hours).',
    judge: (facts, policy) =>
      isOutOfHours(facts.now, policy, facts.calendar, zoneOf(facts))
        ? 'it is outside business hours where the customer is'
        : null,
  },
  {
    rule: 'hourly-brake',
    holdsUntil: ({ now }) => new Date(now.getTime() + BRAKE_WAIT_MS),
    means: 'So many surveys went out within an hour that this one waits (policy.maxPerHour).',
    judge: ({ sentInLastHour }, { maxPerHour }) =>
      sentInLastHour >= maxPerHour
        ? `${sentInLastHour} surveys went out in the last hour and policy.maxPerHour is ${maxPerHour}`
        : null,
  },
] as const satisfies readonly RuleAgainst<string>[];

type RuleName = (typeof RULES)[number]['rule'];

/** The name of what decided: a rule against asking, or `asked` when none applied, `by-hand` when a person overruled them. Kept in the store: never rename one. */
export type Rule = 'asked' | 'by-hand' | 'undeliverable' | RuleName;

/** What stands when no rule spoke against asking and the mail did not arrive; `why` is the rest of the reason. */
export function undeliverable(why: string): Decision {
  return { outcome: 'skip', rule: 'undeliverable', reason: `Undeliverable: ${why}.`, until: null };
}

/**
 * Decides on one closure: ask, skip, or hold until later. Exactly one rule decides, and the same facts always give the same
 * decision. Throws RangeError for a sample ratio outside 0 to 1.
 */
export function decide(facts: DecisionFacts, policy: Policy, stage: Stage): Decision {
  let overruled: string | null = null;
  for (const { rule, judge, holdsUntil } of RULES as readonly RuleAgainst<RuleName>[]) {
    const why = holdsUntil !== undefined && stage === 'closing' ? null : judge(facts, policy);
    if (why === null) continue;
    if (overrules(facts.byHand, rule)) {
      overruled ??= why;
      continue;
    }
    if (holdsUntil === undefined) return { outcome: 'skip', rule, reason: `Skipped: ${why}.`, until: null };
    return { outcome: 'hold', rule, reason: `Held: ${why}.`, until: holdsUntil(facts, policy) };
  }
  if (facts.byHand !== null) {
    const although = overruled === null ? '' : `, although ${overruled}`;
    return { outcome: 'ask', rule: 'by-hand', reason: `Asked by hand${although}.`, until: null };
  }
  const until = stage === 'closing' ? dueFrom(facts, policy) : null;
  const due = until === null ? '' : `; the survey is due at ${minute(until)}`;
  return { outcome: 'ask', rule: 'asked', reason: `Asked: no rule speaks against it${due}.`, until };
}

/** After the delay and inside the hours; null means now. */
function dueFrom(facts: DecisionFacts, policy: Policy): Date | null {
  const delayedMs = facts.closedAt.getTime() + policy.delayMs;
  const earliest = new Date(Math.max(delayedMs, facts.now.getTime()));
  const due = nextSendingAt(earliest, policy, facts.calendar, zoneOf(facts));
  return due > facts.now ? due : null;
}

function sendingFrom(facts: DecisionFacts, policy: Policy): Date {
  return nextSendingAt(facts.now, policy, facts.calendar, zoneOf(facts));
}

function zoneOf({ snapshot, calendar }: DecisionFacts): string {
  return zoneFor(snapshot.requester.timeZone, calendar);
}

/** What a rule means, one sentence for people who meet its name in a report. */
export function describeRule(rule: Rule): string {
  if (rule === 'undeliverable') return 'The mail could not be delivered, or came back.';
  if (rule === 'by-hand') return 'A person had the survey sent, whatever the policy says.';
  return RULES.find((entry) => entry.rule === rule)?.means ?? 'No rule spoke against asking.';
}
