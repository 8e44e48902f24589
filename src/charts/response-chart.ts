import { countText, shareText } from '../domain/figure-words.ts';
import type { Report } from '../domain/report.ts';
import { namesAxis, STILL, valuesAxis } from './axes.ts';
import { draw, type Picture } from './draw.ts';
import type { Palette } from './palette.ts';
import { shortDays } from './step-names.ts';

/** How many were asked per step, and how many of those answered: what the figures of the trend stand on. */
export function responseChart(
  { trend }: Pick<Report, 'trend'>,
  palette: Palette,
  picture: Omit<Picture, 'title' | 'description'>,
): Promise<string> {
  const asked = trend.map(({ tally }) => tally.asked);
  const answered = trend.map(({ tally }) => tally.answered);
  const top = topOf(asked);
  const bars = { type: 'bar' as const, ...STILL, barMaxWidth: 34, barGap: '-100%' };
  return draw(
    {
      textStyle: { fontFamily: palette.font },
      grid: { left: 44, right: 44, top: 8, bottom: 26 },
      xAxis: namesAxis(palette, shortDays(trend)),
      yAxis: { ...valuesAxis(palette, { min: 0, max: top, unit: '' }), interval: top / 2 },
      series: [
        { ...bars, data: asked, itemStyle: { color: palette.back, borderRadius: [3, 3, 0, 0] } },
        { ...bars, data: answered, itemStyle: { color: palette.main, borderRadius: [2, 2, 0, 0] } },
      ],
    },
    {
      ...picture,
      title: 'Asked and answered',
      description: `${shareText(sum(answered), sum(asked))} who were asked have answered, over ${countText(trend.length)} steps.`,
    },
  );
}

const ROUND = [1, 2, 4, 5, 10];

/** A round number that no bar is above, and whose half is one too. */
function topOf(counts: readonly number[]): number {
  const most = Math.max(2, ...counts);
  const step = 10 ** Math.floor(Math.log10(most));
  return step * (ROUND.find((times) => times * step >= most) ?? 10);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
