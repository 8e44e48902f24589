import { countText } from '../domain/figure-words.ts';
import type { Metric, Tally } from '../domain/report.ts';
import { SCALES } from '../domain/score.ts';
import { STILL, TEXT_SIZE } from './axes.ts';
import { draw, type Picture } from './draw.ts';
import type { Palette } from './palette.ts';

const NPS_NEUTRAL_FROM = 7;

/** Answers per point of the scale, the best on top; those that count as satisfied stand out. */
export function distributionChart(
  { metric, tally }: { metric: Metric; tally: Tally },
  palette: Palette,
  picture: Omit<Picture, 'title' | 'description'>,
): Promise<string> {
  const { min } = SCALES[metric.scale];
  const points = tally.scores.map((count, nth) => ({ score: min + nth, count })).reverse();
  return draw(
    {
      textStyle: { fontFamily: palette.font },
      grid: { left: 28, right: 64, top: 4, bottom: 4 },
      xAxis: { type: 'value', show: false, min: 0, max: Math.max(1, ...tally.scores) },
      yAxis: {
        type: 'category',
        data: points.map(({ score }) => String(score)),
        inverse: true,
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: palette.text, fontSize: TEXT_SIZE, interval: 0 },
      },
      series: [
        {
          type: 'bar',
          ...STILL,
          barWidth: '70%',
          data: points.map(({ score, count }) => ({
            value: count,
            itemStyle: { color: palette[toneOf(metric, score)], borderRadius: [0, 3, 3, 0] },
          })),
          label: {
            show: true,
            position: 'right',
            color: palette.text,
            fontSize: TEXT_SIZE,
            formatter: ({ value }) => labelOf(Number(value), tally.answered),
          },
        },
      ],
    },
    {
      ...picture,
      title: `Answers per score, ${countText(tally.answered)} in all`,
      description: points.map(({ score, count }) => `${score}: ${countText(count)}`).join(', '),
    },
  );
}

function labelOf(count: number, answered: number): string {
  return answered === 0 ? '0' : `${((100 * count) / answered).toFixed(0)}%`;
}

/** By place on the scale; only satisfied or not enters any figure. */
function toneOf({ kind, scale, satisfiedFrom }: Metric, score: number): 'high' | 'neutral' | 'low' {
  if (score >= satisfiedFrom) return 'high';
  const { min, max } = SCALES[scale];
  const neutralFrom = kind === 'nps' ? NPS_NEUTRAL_FROM : (min + max) / 2;
  return score >= neutralFrom ? 'neutral' : 'low';
}
