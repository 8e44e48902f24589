import type { AgentCounts, Evidence, Origin, Period } from '../../src/domain/evidence.ts';
import type { Metric, Question, Tally } from '../../src/domain/report.ts';

/** How a simulated help desk works, in one of two periods. Every knob that is not turned is the same in both. */
export interface Desk {
  readonly closures: number;
  readonly ones: number;
  /** Of those who are not that dissatisfied; 5 makes up for more ones. */
  readonly fives: number;
  readonly reopened: number;
  readonly answering: number;
  readonly replyMs: number;
  readonly resolutionMs: number;
  readonly avoiding: (agent: string) => number;
  readonly addressChanging: (agent: string) => number;
}

const DESK: Desk = {
  closures: 3_000,
  ones: 0.03,
  fives: 0.6,
  reopened: 0.07,
  answering: 0.25,
  replyMs: 3 * 3_600_000,
  resolutionMs: 20 * 3_600_000,
  avoiding: () => 0.08,
  addressChanging: () => 0.01,
};

const METRIC: Metric = {
  key: 'csat 1-5 4 support',
  name: 'support',
  kind: 'csat',
  scale: '1-5',
  satisfiedFrom: 4,
};

const QUESTION: Question = { from: '2026-10-01', to: '2026-10-30', filters: {}, metric: null };
const DAYS = 30;
const START = Date.parse(`${QUESTION.from}T00:00:00Z`);
const DAY_MS = 86_400_000;
const AGENTS = Array.from({ length: 20 }, (_, nth) => ({ agent: `desk/${nth + 1}`, team: `T${nth % 3}` }));
/** Customers who share an address with others: offices and mobile networks. */
const SHARED = 40;

interface Closing {
  readonly agent: string;
  readonly team: string;
  readonly replyMs: number;
  readonly resolutionMs: number;
  readonly reopened: boolean;
  readonly avoided: boolean;
  readonly addressChanged: boolean;
  readonly score: number | null;
  readonly origin: Origin | null;
}

/** Two periods of a desk, closing by closing, and what is counted from them. */
export function evidenceOf(
  seed: number,
  now: Partial<Desk> = {},
  more: { readonly answers?: readonly Origin[]; readonly staffCallers?: readonly string[] } = {},
): Evidence {
  const random = createRandom(seed);
  const earlier = closingsOf(random, DESK);
  const later = closingsOf(random, { ...DESK, ...now });
  const half = (pick: (one: Closing) => number) => median(earlier.map(pick)) ?? 0;
  const slow = { replyMs: half((one) => one.replyMs), resolutionMs: half((one) => one.resolutionMs) };
  const answers = [...later.flatMap(({ origin }) => origin ?? []), ...(more.answers ?? [])];
  const customers = Map.groupBy(answers, ({ caller }) => caller);
  const staffCallers = more.staffCallers ?? [];
  return {
    question: QUESTION,
    metric: METRIC,
    now: periodOf(later, slow),
    before: periodOf(earlier, slow),
    agents: countsOf(later),
    answers: answers.filter(
      ({ caller }) => staffCallers.includes(caller) || (customers.get(caller)?.length ?? 0) > 2,
    ),
    staffCallers,
  };
}

/** Answers of different customers from one address, so many minutes apart. */
export function answersFrom(
  caller: string,
  many: number,
  apartMinutes: number,
  agentOf: (nth: number) => string = () => AGENTS[4]?.agent ?? '',
): readonly Origin[] {
  return Array.from({ length: many }, (_, nth) => ({
    caller,
    customer: `${caller} ${nth}`,
    domain: `domain ${nth % 3}`,
    agent: agentOf(nth),
    label: agentOf(nth),
    at: new Date(START + 5 * DAY_MS + nth * apartMinutes * 60_000),
  }));
}

/** From 0 to below 1. */
type Random = () => number;

/** Numbers that look random and come again with the same seed (mulberry32). */
function createRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function closingsOf(random: Random, desk: Desk): readonly Closing[] {
  const many = Math.round(desk.closures * (0.95 + random() / 10));
  return Array.from({ length: many }, (_, nth) => closingOf(random, desk, nth));
}

function closingOf(random: Random, desk: Desk, nth: number): Closing {
  const chance = (share: number) => random() < share;
  const who = AGENTS[Math.floor(random() ** 1.5 * AGENTS.length)] ?? { agent: '', team: '' };
  const avoided = chance(desk.avoiding(who.agent));
  const answered = !avoided && chance(desk.answering);
  const spread = () => Math.exp(2 * (random() + random() - 1));
  const caller = chance(0.3) ? `shared ${Math.floor(random() * SHARED)}` : `own ${nth}`;
  const origin = {
    caller,
    customer: `customer ${nth}`,
    domain: caller.startsWith('shared') && chance(0.5) ? caller : `domain ${nth % 50}`,
    agent: who.agent,
    label: who.agent,
    at: new Date(START + random() * DAYS * DAY_MS),
  };
  return {
    ...who,
    replyMs: desk.replyMs * spread(),
    resolutionMs: desk.resolutionMs * spread(),
    reopened: chance(desk.reopened),
    avoided,
    addressChanged: chance(desk.addressChanging(who.agent)),
    score: answered ? scoreOf(random, desk) : null,
    origin: answered ? origin : null,
  };
}

function scoreOf(random: Random, { ones, fives }: Desk): number {
  if (random() < ones) return 1;
  if (random() < fives) return 5;
  return 2 + Math.floor(Math.sqrt(random()) * 3);
}

function periodOf(closings: readonly Closing[], slow: { replyMs: number; resolutionMs: number }): Period {
  const answered = closings.filter(({ score }) => score !== null);
  const asked = closings.filter(({ avoided }) => !avoided).length;
  const count = (test: (one: Closing) => boolean) => closings.filter(test).length;
  const times = (pick: (one: Closing) => number) => ({
    known: closings.length,
    medianMs: median(closings.map(pick)),
  });
  const tally: Tally = {
    closures: closings.length,
    asked,
    answered: answered.length,
    satisfied: count(({ score }) => score !== null && score >= METRIC.satisfiedFrom),
    low: count(({ score }) => score !== null && score < 3),
    scores: [1, 2, 3, 4, 5].map((point) => count(({ score }) => score === point)),
    reopened: count(({ reopened }) => reopened),
    firstReply: times(({ replyMs }) => replyMs),
    resolution: times(({ resolutionMs }) => resolutionMs),
    recovery: { low: 0, recovered: 0, overdue: 0, medianMs: null },
  };
  return {
    tally,
    days: DAYS,
    isWhole: true,
    prompt: { positive: answered.length, all: asked },
    slowReply: { positive: count(({ replyMs }) => replyMs > slow.replyMs), all: closings.length },
    slowResolution: {
      positive: count(({ resolutionMs }) => resolutionMs > slow.resolutionMs),
      all: closings.length,
    },
  };
}

function countsOf(closings: readonly Closing[]): readonly AgentCounts[] {
  return AGENTS.map(({ agent, team }) => {
    const own = closings.filter((one) => one.agent === agent);
    return {
      agent,
      label: agent,
      team,
      closures: own.length,
      answered: own.filter(({ score }) => score !== null).length,
      avoided: own.filter(({ avoided }) => avoided).length,
      addressChanged: own.filter(({ addressChanged }) => addressChanged).length,
    };
  });
}

function median(numbers: readonly number[]): number | null {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
