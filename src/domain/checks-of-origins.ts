import { type Check, ERROR_RATE, type Finding } from './check.ts';
import type { Evidence, Origin } from './evidence.ts';
import { countText } from './figure-words.ts';

const MINUTE_MS = 60_000;
/** So close together, several customers' answers are one person's work. */
const AT_ONCE_MS = 10 * MINUTE_MS;
/** Two customers may share an address and answer in the same minutes. */
const LEAST_AT_ONCE = 3;
/** Within so long, a mobile network or an office seldom answers for so many. */
const HOUR_MS = 60 * MINUTE_MS;
const MOST_IN_AN_HOUR = 5;
/** Now and then a customer writes from our own house. */
const MOST_OF_STAFF = 4;

/** Answers that may not be the customers' own. People of one company answer from one address: that alone is no finding. */
export const ORIGIN_CHECKS: readonly Check[] = [
  {
    check: 'self',
    title: "One caller answers for many of one agent's customers",
    look: (evidence) =>
      burstsOfOneAgent(evidence).map(({ origins, agent, label }) => ({
        detail: `${customersText(origins)}, all of ${label}'s cases, answered from one network address within ${AT_ONCE_MS / MINUTE_MS} minutes.`,
        question: narrow(evidence, agent),
        only: 'answered',
      })),
  },
  {
    check: 'own-network',
    title: 'Answers come from our own network',
    look: (evidence) => {
      const told = new Set(burstsOfOneAgent(evidence).map(({ caller }) => caller));
      const staff = new Set(evidence.staffCallers);
      const own = evidence.answers.filter(({ caller }) => staff.has(caller) && !told.has(caller));
      if (customersOf(own).size <= MOST_OF_STAFF) return [];
      const detail = `${customersText(own)} answered from network addresses where somebody signed in to these pages${whose(own)}.${hint(evidence, own)}`;
      return [{ detail, question: narrow(evidence, onlyAgentOf(own)), only: 'answered' }];
    },
  },
  {
    check: 'one-caller',
    title: 'One caller answers for many customers',
    look: (evidence) => {
      const told = new Set(burstsOfOneAgent(evidence).map(({ caller }) => caller));
      const known = new Set([...evidence.staffCallers, ...told]);
      return byCaller(evidence.answers).flatMap((origins): readonly Finding[] => {
        if (origins[0] === undefined || known.has(origins[0].caller)) return [];
        const burst = largestBurst(origins, HOUR_MS);
        if (customersOf(burst).size <= MOST_IN_AN_HOUR || !areOfSeveralDomains(burst)) return [];
        const detail = `${customersText(burst)} answered from one network address within an hour${whose(burst)}.${hint(evidence, origins)}`;
        return [{ detail, question: narrow(evidence, onlyAgentOf(burst)), only: 'answered' }];
      });
    },
  },
];

interface Burst {
  readonly caller: string;
  readonly agent: string;
  readonly label: string;
  readonly origins: readonly Origin[];
}

/**
 * Callers of whom one burst of answers is all about one agent. By chance that happens with the agent's share of all answers
 * to the power of the customers, for every caller there is; an agent with all answers cannot be told from chance.
 */
function burstsOfOneAgent({ answers, agents }: Evidence): readonly Burst[] {
  const answeredBy = (agent: string | null): number =>
    agents.reduce((sum, one) => sum + (agent === null || one.agent === agent ? one.answered : 0), 0);
  const all = answeredBy(null);
  const callers = byCaller(answers);
  return callers.flatMap((origins): readonly Burst[] => {
    const burst = largestBurst(origins, AT_ONCE_MS);
    const customers = customersOf(burst).size;
    const [first] = burst;
    const agent = onlyAgentOf(burst);
    if (first === undefined || agent === null || all === 0) return [];
    if (customers < LEAST_AT_ONCE || !areOfSeveralDomains(burst)) return [];
    const byChance = (answeredBy(agent) / all) ** (customers - 1) * callers.length;
    if (byChance >= ERROR_RATE) return [];
    return [{ caller: first.caller, agent, label: first.label, origins: burst }];
  });
}

function byCaller(answers: readonly Origin[]): readonly (readonly Origin[])[] {
  return [...Map.groupBy(answers, ({ caller }) => caller).values()];
}

/** The answers of one caller within so long that are of the most customers. */
function largestBurst(origins: readonly Origin[], withinMs: number): readonly Origin[] {
  const sorted = origins.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  let best: readonly Origin[] = [];
  let from = 0;
  for (const [nth, { at }] of sorted.entries()) {
    while (at.getTime() - (sorted[from]?.at.getTime() ?? 0) > withinMs) from++;
    const burst = sorted.slice(from, nth + 1);
    // There are never more customers than answers.
    if (burst.length <= customersOf(best).size) continue;
    if (customersOf(burst).size > customersOf(best).size) best = burst;
  }
  return best;
}

function customersOf(origins: readonly Origin[]): ReadonlySet<string> {
  return new Set(origins.map(({ customer }) => customer));
}

function areOfSeveralDomains(origins: readonly Origin[]): boolean {
  return new Set(origins.map(({ domain }) => domain)).size > 1;
}

/** Null when they are not all about one agent's cases. */
function onlyAgentOf(origins: readonly Origin[]): string | null {
  const agents = new Set(origins.map(({ agent }) => agent));
  const [agent = ''] = agents;
  return agents.size === 1 && agent !== '' ? agent : null;
}

function whose(origins: readonly Origin[]): string {
  return onlyAgentOf(origins) === null ? '' : `, all about ${origins[0]?.label ?? ''}'s cases`;
}

/** A proxy before us makes one address of all customers when we do not trust what it says. */
function hint({ now }: Evidence, origins: readonly Origin[]): string {
  if (customersOf(origins).size * 2 <= now.tally.answered) return '';
  return ' Most answers come from there: if a proxy stands in front of Caseloop, set server.trustProxy.';
}

function customersText(origins: readonly Origin[]): string {
  return `${countText(customersOf(origins).size)} customers`;
}

function narrow({ question }: Evidence, agent: string | null): Evidence['question'] {
  return agent === null ? question : { ...question, filters: { ...question.filters, agent: [agent] } };
}
