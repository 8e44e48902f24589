import { parseArgs } from 'node:util';
import { ENGINES, type Engine } from './pipelines.ts';

/** How much is measured. */
export interface Plan {
  readonly engines: readonly Engine[];
  readonly json: boolean;
  readonly isQuick: boolean;
  readonly warmUp: number;
  /** Closings in a burst, and how often each pipeline gets one. */
  readonly bursts: readonly { readonly closures: number; readonly turns: number }[];
  readonly idle: { readonly rounds: number; readonly pauseMs: number };
  readonly kill: { readonly closures: number; readonly turns: number };
  readonly calls: { readonly closures: number; readonly spreadMs: number; readonly lowEvery: number };
}

const FULL = {
  warmUp: 300,
  bursts: [
    { closures: 500, turns: 5 },
    { closures: 2_000, turns: 3 },
  ],
  idle: { rounds: 20, pauseMs: 900 },
  kill: { closures: 400, turns: 2 },
  calls: { closures: 1_000, spreadMs: 60_000, lowEvery: 10 },
};

const QUICK = {
  warmUp: 150,
  bursts: [{ closures: 500, turns: 3 }],
  idle: { rounds: 5, pauseMs: 200 },
  kill: { closures: 300, turns: 1 },
  calls: { closures: 100, spreadMs: 6_000, lowEvery: 10 },
};

const USAGE = `npm run bench -- [--quick] [--json] [--engine ${ENGINES.join('|')}]...`;

/** Reads the command line. Throws Error with the usage for anything it does not know. */
export function readPlan(args: readonly string[]): Plan {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      engine: { type: 'string', multiple: true, default: [] },
    },
  });
  const engines = values.engine.map((name) => {
    const engine = ENGINES.find((one) => one === name);
    if (engine === undefined) throw new Error(`--engine ${name}: there is no such engine.\n${USAGE}`);
    return engine;
  });
  return {
    ...(values.quick ? QUICK : FULL),
    engines: engines.length === 0 ? ENGINES : engines,
    json: values.json,
    isQuick: values.quick,
  };
}
