import { describe, expect, it } from 'vitest';
import {
  type AskedOnDay,
  breaksOf,
  metricsLatestFirst,
  reigning,
  successionOf,
} from './metric-succession.ts';
import type { Metric } from './report.ts';
import { dayAfter, spansOf } from './report-period.ts';

const metric = (name: string, kind: Metric['kind'] = 'csat'): Metric => ({
  key: name,
  name,
  kind,
  scale: '1-5',
  satisfiedFrom: 4,
});
const OLD = metric('old');
const NEW = metric('new');

/** So many a day, from one day of a year to another. */
function asked(of: Metric, from: number, to: number, perDay = 10): AskedOnDay[] {
  return Array.from({ length: to - from + 1 }, (_, nth) => ({
    day: dayAfter('2026-01-01', from + nth),
    metric: of,
    asked: perDay,
  }));
}
const inOrder = (all: readonly AskedOnDay[]) => all.toSorted((a, b) => (a.day < b.day ? -1 : 1));

describe('the line of metrics', () => {
  it('breaks on the day from which the new one is asked with', () => {
    const reigns = successionOf(inOrder([...asked(OLD, 0, 49), ...asked(NEW, 50, 99)]), NEW);
    expect(breaksOf(reigns)).toEqual([{ day: '2026-02-20', from: OLD, to: NEW }]);
    expect(reigning(reigns, '2026-02-19')).toEqual(OLD);
    expect(reigning(reigns, '2026-02-20')).toEqual(NEW);
  });

  it('breaks there too when some were noticed late and some asked by the old survey', () => {
    const strays = [...asked(NEW, 45, 49, 1), ...asked(OLD, 50, 54, 1)];
    const reigns = successionOf(inOrder([...asked(OLD, 0, 49), ...strays, ...asked(NEW, 50, 99)]), NEW);
    expect(breaksOf(reigns)).toEqual([{ day: '2026-02-20', from: OLD, to: NEW }]);
  });

  it('goes on over several changes, oldest first', () => {
    const oldest = metric('oldest');
    const all = inOrder([...asked(oldest, 0, 9), ...asked(OLD, 10, 49), ...asked(NEW, 50, 60)]);
    expect(successionOf(all, NEW).map((reign) => reign.metric.name)).toEqual(['oldest', 'old', 'new']);
  });

  it('takes surveys side by side for no change, nor another kind', () => {
    const beside = asked(metric('beside'), 0, 99, 3);
    const nps = asked(metric('nps', 'nps'), 0, 49);
    expect(breaksOf(successionOf(inOrder([...beside, ...nps, ...asked(NEW, 50, 99)]), NEW))).toEqual([]);
  });

  it('names the metric of the latest day first, on one day the one that was asked with more', () => {
    const all = inOrder([...asked(OLD, 0, 5), ...asked(NEW, 3, 9), ...asked(metric('few'), 0, 9, 1)]);
    expect(metricsLatestFirst(all).map(({ name }) => name)).toEqual(['new', 'few', 'old']);
  });
});

describe('steps of a trend', () => {
  it('are weeks from Monday, cut off at the ends of the period and at a change', () => {
    expect(spansOf({ from: '2026-11-04', to: '2026-11-18' }, 'week', ['2026-11-12'])).toEqual([
      { from: '2026-11-04', to: '2026-11-08' },
      { from: '2026-11-09', to: '2026-11-11' },
      { from: '2026-11-12', to: '2026-11-15' },
      { from: '2026-11-16', to: '2026-11-18' },
    ]);
  });

  it('are whole months, the shortest one too', () => {
    expect(spansOf({ from: '2028-01-31', to: '2028-03-01' }, 'month')).toEqual([
      { from: '2028-01-31', to: '2028-01-31' },
      { from: '2028-02-01', to: '2028-02-29' },
      { from: '2028-03-01', to: '2028-03-01' },
    ]);
  });
});
