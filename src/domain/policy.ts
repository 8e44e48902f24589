import { ADDRESS_PROBLEMS, addressProblem, domainIn } from './address.ts';
import type { CaseSnapshot } from './case.ts';
import { isAnsweredInWriting } from './channels.ts';
import { day, duration, minute, percent } from './plain-words.ts';
import { isSampled } from './sampling.ts';
import type { SurveyDefinition, Via } from './survey.ts';

/** The config's `policy`, with every default filled in. */
export interface Policy {
  /** From closing to sending. */
  readonly delayMs: number;
  /** Per person over all connectors; 0 switches it off. Wins over `again`. */
  readonly quietPeriodMs: number;
  /** Per case: one ask ever, or one for each closure. */
  readonly again: 'never' | 'each-closure';
  /** The share of cases that are asked, 0 to 1. */
  readonly sampleRatio: number;
  readonly skip: SkipPolicy;
  /** More asks than this within an hour are held back, over all connectors. */
  readonly maxPerHour: number;
}

/** Which cases are not asked about. */
interface SkipPolicy {
  /** The CRM's own agents and addresses at our own domains. */
  readonly staff: boolean;
  readonly merged: boolean;
  readonly spam: boolean;
  readonly outbound: boolean;
  readonly ours: boolean;
  /** Where answers are written; a call or a chat leaves no public reply. */
  readonly noPublicReply: boolean;
  readonly botHandled: boolean;
  /** Mail domains; their subdomains count too. */
  readonly domains: readonly string[];
  readonly tags: readonly string[];
}

/** All that a decision on one closure looks at. */
export interface DecisionFacts {
  readonly connector: string;
  /** The newest one known of this case. */
  readonly snapshot: CaseSnapshot;
  /** The closure's. */
  readonly closedAt: Date;
  /** From when on the connector's closures count. */
  readonly startedAt: Date;
  readonly optedOut: boolean;
  /** An earlier mail to this person came back because there is no such address. */
  readonly bounced: boolean;
  /** When this person was last asked over all connectors: a pending ask counts, this closure's own does not. */
  readonly personLastAskedAt: Date | null;
  /** Asks of this case for other closures, pending or sent. Cancelled ones do not count, so cancel before deciding. */
  readonly earlierAsks: number;
  /** The store knows a later closure of this case. */
  readonly newerClosureExists: boolean;
  /** Surveys that went out, or are about to. */
  readonly sentInLastHour: number;
  /** How the survey reaches the customer, `mail` where there is none; and whether the CRM can be replied in. */
  readonly via: Via;
  readonly asksInCase: boolean;
  /** What `chooseSurvey` says. */
  readonly survey: SurveyDefinition | null;
  readonly now: Date;
  /** Our own mail domains; their subdomains count too. */
  readonly ownDomains: readonly string[];
}

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

/** The window of the brake slides, so there is room again before an hour is over. */
const BRAKE_WAIT_MS = 5 * 60_000;

interface RuleAgainst<Name extends string> {
  readonly rule: Name;
  /** For people who meet the rule's name in a report. */
  readonly means: string;
  /** The rest of the reason when the rule applies, else null. */
  readonly judge: (facts: DecisionFacts, policy: Policy) => string | null;
  /** Makes the mail wait where other rules skip it, so it is judged at sending only. */
  readonly holds?: true;
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
    rule: 'hourly-brake',
    holds: true,
    means: 'So many surveys went out within an hour that this one waits (policy.maxPerHour).',
    judge: ({ sentInLastHour }, { maxPerHour }) =>
      sentInLastHour >= maxPerHour
        ? `${sentInLastHour} surveys went out in the last hour and policy.maxPerHour is ${maxPerHour}`
        : null,
  },
] as const satisfies readonly RuleAgainst<string>[];

type RuleName = (typeof RULES)[number]['rule'];

/** The name of what decided: a rule against asking, or `asked` when none applied. Kept in the store: never rename one. */
export type Rule = 'asked' | 'undeliverable' | RuleName;

/** What stands when no rule spoke against asking and the mail did not arrive; `why` is the rest of the reason. */
export function undeliverable(why: string): Decision {
  return { outcome: 'skip', rule: 'undeliverable', reason: `Undeliverable: ${why}.`, until: null };
}

/**
 * Decides on one closure: ask, skip, or hold until later. Exactly one rule decides, and the same facts always give the same
 * decision. Throws RangeError for a sample ratio outside 0 to 1.
 */
export function decide(facts: DecisionFacts, policy: Policy, stage: Stage): Decision {
  for (const { rule, judge, holds = false } of RULES as readonly RuleAgainst<RuleName>[]) {
    const why = holds && stage === 'closing' ? null : judge(facts, policy);
    if (why === null) continue;
    if (!holds) return { outcome: 'skip', rule, reason: `Skipped: ${why}.`, until: null };
    return {
      outcome: 'hold',
      rule,
      reason: `Held: ${why}.`,
      until: new Date(facts.now.getTime() + BRAKE_WAIT_MS),
    };
  }
  const dueAt = new Date(facts.closedAt.getTime() + policy.delayMs);
  const until = stage === 'closing' && dueAt > facts.now ? dueAt : null;
  const due = until === null ? '' : `; the survey is due at ${minute(until)}`;
  return { outcome: 'ask', rule: 'asked', reason: `Asked: no rule speaks against it${due}.`, until };
}

/** What a rule means, one sentence for people who meet its name in a report. */
export function describeRule(rule: Rule): string {
  if (rule === 'undeliverable') return 'The mail could not be delivered, or came back.';
  return RULES.find((entry) => entry.rule === rule)?.means ?? 'No rule spoke against asking.';
}
