import { chanceOfMore } from './chance.ts';
import { type Check, ERROR_RATE, type Finding } from './check.ts';
import type { Share } from './compare.ts';
import type { AgentCounts, Evidence } from './evidence.ts';
import { shareText } from './figure-words.ts';
import type { Subset } from './report.ts';

/** Fewer closings of one agent, or of the others, tell too little. */
const LEAST = 30;
/** Somebody may have a few for good reasons. */
const LEAST_POSITIVE = 5;
/** Less than twice what others have is no standing out. */
const TIMES = 2;

/**
 * Whose closings stand out from those of the others in the same team: other teams have other work. An agent of two teams is
 * looked at in each.
 */
export const AGENT_CHECKS: readonly Check[] = [
  {
    check: 'skips',
    title: "One agent's customers are asked unusually seldom",
    look: (evidence) =>
      outliers(evidence, 'not-asked', ({ avoided }) => avoided, {
        what: 'closings were not asked about because of what the case had become (merged, spam, outbound, a tag, the requester)',
      }),
  },
  {
    check: 'address-changed',
    title: "One agent's cases change their customer's address before they close",
    look: (evidence) =>
      outliers(evidence, 'all', ({ addressChanged }) => addressChanged, {
        what: 'closings came within a day of a new address for the requester',
      }),
  },
];

function outliers(
  { agents, question }: Evidence,
  only: Subset,
  countOf: (counts: AgentCounts) => number,
  { what }: { readonly what: string },
): readonly Finding[] {
  const people = agents.filter(({ agent }) => agent !== '');
  return people.flatMap((one): readonly Finding[] => {
    const colleagues = people.filter(({ agent, team }) => team === one.team && agent !== one.agent);
    const own: Share = { positive: countOf(one), all: one.closures };
    const others: Share = {
      positive: colleagues.reduce((sum, other) => sum + countOf(other), 0),
      all: colleagues.reduce((sum, other) => sum + other.closures, 0),
    };
    if (!standsOut(own, others, people.length)) return [];
    const shares = `${shareText(own.positive, own.all)} of ${one.label}'s ${what}`;
    const team = one.team === '' ? 'without a team' : `in the team ${one.team}`;
    return [
      {
        detail: `${shares}; of the others' ${team} it is ${shareText(others.positive, others.all)}.`,
        question: { ...question, filters: { ...question.filters, agent: [one.agent], team: [one.team] } },
        only,
      },
    ];
  });
}

/** The error rate is for all who are looked at together: with more people, each must stand out more. */
function standsOut(own: Share, others: Share, people: number): boolean {
  if (Math.min(own.all, others.all) < LEAST || own.positive < LEAST_POSITIVE) return false;
  if (own.positive * others.all < others.positive * own.all * TIMES) return false;
  return chanceOfMore(own, others) < ERROR_RATE / people;
}
