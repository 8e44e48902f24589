import { type Figure, figureOf, ratioOf } from './figures.ts';
import type { Engine, Pipeline } from './pipelines.ts';

/** One measure over all pipelines. */
export interface Row {
  readonly measure: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly bare: Figure;
  readonly engines: readonly {
    readonly engine: Engine;
    readonly value: Figure;
    /** To the bare pipeline, turn by turn. */
    readonly ratio: Figure | null;
  }[];
}

/** Collects what was measured, turn by turn. */
export interface Samples {
  add(measure: Measure, pipeline: Pipeline['name'], value: number): void;
  rows(): readonly Row[];
}

export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
}

export function createSamples(engines: readonly Engine[]): Samples {
  const measures = new Map<string, { measure: Measure; values: Map<Pipeline['name'], number[]> }>();
  return {
    add(measure, pipeline, value) {
      const entry = measures.get(measure.name) ?? { measure, values: new Map() };
      measures.set(measure.name, entry);
      entry.values.set(pipeline, [...(entry.values.get(pipeline) ?? []), value]);
    },
    rows: () =>
      [...measures.values()].map(({ measure, values }) => {
        const bare = values.get('bare') ?? [];
        return {
          measure: measure.name,
          unit: measure.unit,
          better: measure.better,
          bare: figureOf(bare),
          engines: engines.flatMap((engine) => {
            const own = values.get(engine) ?? [];
            return own.length === 0 ? [] : [{ engine, value: figureOf(own), ratio: ratioOf(own, bare) }];
          }),
        };
      }),
  };
}
