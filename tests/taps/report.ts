import { type Outcome, replay } from './replay.ts';
import { TRACES } from './traces/all.ts';
import { LIMITS } from './traces/limits.ts';

/** What became of all traces, counted. */
export interface Tally {
  readonly traces: number;
  /** Traces in which a machine took part, and how many of them put an answer down that nobody meant. */
  readonly machines: number;
  readonly falseAnswers: number;
  /** Traces in which a person answered; how many of them were asked for one more press, and how many lost their answer. */
  readonly people: number;
  readonly askedAgain: number;
  readonly lost: number;
}

export const OUTCOMES: readonly Outcome[] = TRACES.map((trace) => replay(trace));

/** What it is known not to tell, replayed. */
export const LIMIT_OUTCOMES: readonly Outcome[] = LIMITS.map((trace) => replay(trace));

export function tallyOf(outcomes: readonly Outcome[]): Tally {
  const count = (isOne: (outcome: Outcome) => boolean) => outcomes.filter(isOne).length;
  return {
    traces: outcomes.length,
    machines: count(({ trace }) => trace.made !== 'human'),
    falseAnswers: count(({ falseAnswers }) => falseAnswers > 0),
    people: count(({ trace }) => trace.made !== 'machine'),
    askedAgain: count(({ askedAgain }) => askedAgain),
    lost: count(({ lost }) => lost),
  };
}

const HEAD = [
  '| family | traces | with a machine | false answers | with a person | asked for a press | lost |',
  '| --- | --: | --: | --: | --: | --: | --: |',
];

/** One row per family and one for all, as the docs show it. */
export function familyTable(outcomes: readonly Outcome[]): readonly string[] {
  const families = Object.groupBy(outcomes, ({ trace }) => trace.family);
  const rows = Object.entries(families)
    .sort(([one], [other]) => one.localeCompare(other, 'en'))
    .map(([family, some = []]) => row(family, tallyOf(some)));
  return [...HEAD, ...rows, row('**all**', tallyOf(outcomes))];
}

function row(name: string, tally: Tally): string {
  const { traces, machines, falseAnswers, people, askedAgain, lost } = tally;
  return `| ${[name, traces, machines, falseAnswers, people, askedAgain, lost].join(' | ')} |`;
}

/** Both rates in a sentence each. */
export function ratesOf({ machines, falseAnswers, people, askedAgain, lost }: Tally): readonly string[] {
  const percent = (part: number, of: number) => `${((100 * part) / of).toFixed(1)} %`;
  return [
    `False rate: ${falseAnswers} of ${machines} traces with a machine put down an answer that nobody meant (${percent(falseAnswers, machines)}).`,
    `Lost rate: ${askedAgain + lost} of ${people} traces with a person did not count by one tap (${percent(askedAgain + lost, people)}); ${askedAgain} of them was asked for a press, ${lost} lost.`,
  ];
}

/** One row per trace that the method gets wrong. */
export function limitTable(): readonly string[] {
  return [
    '| trace | what happens |',
    '| --- | --- |',
    ...LIMIT_OUTCOMES.map(({ trace, falseAnswers, askedAgain }) => {
      const verdict = falseAnswers > 0 ? 'counted' : askedAgain ? 'asked for a press' : 'right';
      return `| ${trace.name} | ${verdict} |`;
    }),
  ];
}
