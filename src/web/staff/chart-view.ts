import { distributionChart } from '../../charts/distribution-chart.ts';
import { intervalChart } from '../../charts/interval-chart.ts';
import { PAGE_PALETTE } from '../../charts/palette.ts';
import { responseChart } from '../../charts/response-chart.ts';
import { type TrendReport, trendChart } from '../../charts/trend-chart.ts';
import type { Measured, Metric, Slice, Tally } from '../../domain/report.ts';

/** A chart twice, since letters do not grow when a picture shrinks: for wide pages and for phones. */
export interface ShownChart {
  readonly wide: string;
  readonly narrow: string;
}

const WIDE = 760;
const SIDE = 400;
const NARROW = 320;

async function both(
  draw: (id: string, width: number) => Promise<string>,
  name: string,
  wide: number,
): Promise<ShownChart> {
  const [first, second] = await Promise.all([draw(`${name}-wide`, wide), draw(`${name}-narrow`, NARROW)]);
  return { wide: first, narrow: second };
}

export function trendPicture(report: TrendReport): Promise<ShownChart> {
  return both((id, width) => trendChart(report, PAGE_PALETTE, { id, width, height: 240 }), 'trend', WIDE);
}

export function responsePicture(report: TrendReport): Promise<ShownChart> {
  return both(
    (id, width) => responseChart(report, PAGE_PALETTE, { id, width, height: 104 }),
    'response',
    WIDE,
  );
}

export function distributionPicture(metric: Metric, tally: Tally): Promise<ShownChart> {
  const height = 12 + tally.scores.length * 26;
  const draw = (id: string, width: number) =>
    distributionChart({ metric, tally }, PAGE_PALETTE, { id, width, height });
  return both(draw, 'distribution', SIDE);
}

export function intervalPicture(
  figures: { metric: Metric | null; slices: readonly Slice[]; total: Measured },
  name: string,
): Promise<ShownChart> {
  return both((id, width) => intervalChart(figures, PAGE_PALETTE, { id, width }), name, WIDE);
}
