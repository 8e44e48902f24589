import { parseArgs } from 'node:util';
import type { AnswerPlan } from './measure-answers.ts';
import type { Pattern } from './measure-calls.ts';
import type { ReportPlan } from './measure-report.ts';
import { ENGINES, type Engine } from './pipelines.ts';

/** How much is measured. */
export interface Plan {
  readonly engines: readonly Engine[];
  readonly json: boolean;
  /** Null for everything. */
  readonly only: Part | null;
  /** Closings sent before anything is measured. */
  readonly warmUp: number;
  readonly bursts: readonly BurstPlan[];
  /** Single pushes to each pipeline, and the pause after each. */
  readonly idle: { readonly rounds: number; readonly pauseMs: number };
  readonly kill: { readonly closures: number; readonly turns: number };
  /** Mails alone, without the pipeline around them. */
  readonly mail: { readonly mails: number; readonly turns: number };
  /** Answers alone, on a web server that does nothing else. */
  readonly answers: AnswerPlan;
  /** Figures, which are measured by themselves only: filling them takes longer than all else. */
  readonly report: ReportPlan;
  readonly calls: Pattern;
  /** The same against a simulated CRM of every type; null leaves it out. */
  readonly crmCalls: Pattern | null;
}

export interface BurstPlan {
  readonly closures: number;
  /** How often each pipeline gets one. */
  readonly turns: number;
  /** Engines that would need minutes for it. */
  readonly without: readonly Engine[];
}

/** What can be measured by itself. */
const PARTS = ['answers', 'report'] as const;
export type Part = (typeof PARTS)[number];

const FULL: Omit<Plan, 'engines' | 'json' | 'only'> = {
  warmUp: 1_000,
  bursts: [
    { closures: 500, turns: 5, without: [] },
    { closures: 2_000, turns: 3, without: ['embedded'] },
  ],
  idle: { rounds: 20, pauseMs: 500 },
  kill: { closures: 400, turns: 2 },
  mail: { mails: 2_000, turns: 5 },
  answers: { answers: 3_000, turns: 9 },
  report: { closures: [100_000, 1_000_000], rounds: 20 },
  calls: { closures: 1_000, spreadMs: 60_000, lowEvery: 10, quietMs: 8_000 },
  crmCalls: { closures: 1_000, spreadMs: 60_000, lowEvery: 10, quietMs: 8_000 },
};

const QUICK: Omit<Plan, 'engines' | 'json' | 'only'> = {
  warmUp: 1_000,
  bursts: [{ closures: 500, turns: 3, without: [] }],
  idle: { rounds: 8, pauseMs: 200 },
  kill: { closures: 300, turns: 1 },
  mail: { mails: 1_000, turns: 3 },
  answers: { answers: 1_000, turns: 3 },
  report: { closures: [20_000], rounds: 10 },
  calls: { closures: 100, spreadMs: 6_000, lowEvery: 10, quietMs: 6_000 },
  crmCalls: null,
};

/** The engine of large teams, which the bare pipeline uses, too. */
const QUICK_ENGINES: readonly Engine[] = ['redis'];

const USAGE = `npm run bench -- [--quick] [--json] [--engine ${ENGINES.join('|')}]... [--only ${PARTS.join('|')}]`;

/** Reads the command line. Throws Error with the usage for anything it does not know. */
export function readPlan(args: readonly string[]): Plan {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      engine: { type: 'string', multiple: true, default: [] },
      only: { type: 'string' },
    },
  });
  const only = PARTS.find((one) => one === values.only) ?? null;
  if (values.only !== undefined && only === null)
    throw new Error(`--only ${values.only}: this cannot be measured by itself.\n${USAGE}`);
  const asked = values.engine.map((name) => {
    const engine = ENGINES.find((one) => one === name);
    if (engine === undefined) throw new Error(`--engine ${name}: there is no such engine.\n${USAGE}`);
    return engine;
  });
  const engines = values.quick ? QUICK_ENGINES : ENGINES;
  return {
    ...(values.quick ? QUICK : FULL),
    engines: asked.length > 0 ? asked : engines,
    json: values.json,
    only,
  };
}
