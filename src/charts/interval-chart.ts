import type { CustomSeriesRenderItem } from 'echarts';
import { countText, figureText, kindText } from '../domain/figure-words.ts';
import type { Measured, Metric, Slice } from '../domain/report.ts';
import { roomFor, STILL, TEXT_SIZE, valuesAxis } from './axes.ts';
import { draw, type Picture } from './draw.ts';
import { dotAndWhisker, emptyDot, line } from './marks.ts';
import type { Palette } from './palette.ts';

const ROW = 30;
const AXIS = 34;

/** How high a chart of so many slices has to be. */
function intervalChartHeight(slices: number): number {
  return Math.max(1, slices) * ROW + AXIS;
}

/**
 * A dot with the whiskers of its interval per slice, in the order given, and a line at the figure of all. A slice with too
 * few answers has an empty dot at the edge and says how many there are.
 */
export function intervalChart(
  { metric, slices, total }: { metric: Metric | null; slices: readonly Slice[]; total: Measured },
  palette: Palette,
  picture: Omit<Picture, 'title' | 'description' | 'height'>,
): Promise<string> {
  const isNps = metric?.kind === 'nps';
  const room = roomFor(
    [
      total.figure.percent,
      ...slices.flatMap(({ figure }) => [figure.percent, figure.interval?.low, figure.interval?.high]),
    ],
    { floor: isNps ? -100 : 0, ceiling: 100 },
  );
  const names = Math.round(Math.min(180, picture.width * 0.34));
  return draw(
    {
      textStyle: { fontFamily: palette.font },
      grid: { left: names + 12, right: 18, top: 6, bottom: AXIS - 8 },
      xAxis: valuesAxis(palette, { ...room, unit: isNps ? '' : '%' }),
      yAxis: {
        type: 'category',
        data: slices.map(({ label }) => label),
        inverse: true,
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: {
          color: palette.text,
          fontSize: TEXT_SIZE,
          interval: 0,
          width: names,
          overflow: 'truncate',
        },
      },
      series: [totalLine(total, palette), rows(slices, palette, room.min)],
    },
    {
      ...picture,
      height: intervalChartHeight(slices.length),
      title: `${kindText(metric)} and its interval, side by side`,
      description: slices.map((slice) => describe(metric, slice)).join('; '),
    },
  );
}

function totalLine({ figure }: Measured, palette: Palette) {
  return {
    type: 'custom' as const,
    ...STILL,
    data: figure.percent === null ? [] : [[figure.percent, 0]],
    renderItem: ((params, api) => {
      const { y = 0, height = 0 } = params.coordSys as { y?: number; height?: number };
      const [x = 0] = api.coord([api.value(0), 0]);
      return { type: 'group', children: [line([x, y], [x, y + height], palette.soft, [4, 3])] };
    }) satisfies CustomSeriesRenderItem,
    z: 1,
  };
}

function rows(slices: readonly Slice[], palette: Palette, edge: number) {
  return {
    type: 'custom' as const,
    ...STILL,
    data: slices.map(({ figure }, at) => [figure.percent ?? edge, at]),
    renderItem: ((params, api) => {
      const at = params.dataIndex;
      const slice = slices[at];
      if (slice === undefined) return null;
      const { percent, interval } = slice.figure;
      if (percent !== null) {
        const [low, high] = [interval?.low ?? null, interval?.high ?? null];
        return dotAndWhisker(palette, { at, value: percent, low, high }, api, true);
      }
      const [x = 0, y = 0] = api.coord([edge, at]);
      const text = `n = ${countText(slice.tally.answered)}, too few to say`;
      return {
        type: 'group',
        children: [
          ...(slice.tally.answered === 0 ? [] : [emptyDot(palette, [x + 6, y])]),
          {
            type: 'text',
            style: {
              text,
              x: x + 16,
              y: y - TEXT_SIZE / 2,
              fill: palette.soft,
              fontSize: TEXT_SIZE,
              fontFamily: palette.font,
            },
          },
        ],
      };
    }) satisfies CustomSeriesRenderItem,
    z: 2,
  };
}

function describe(metric: Metric | null, { label, figure, tally }: Slice): string {
  if (figure.percent === null) return `${label}: ${countText(tally.answered)} answers, too few to say`;
  const { interval } = figure;
  const around =
    interval === null ? '' : `, ${figureText(metric, interval.low)} to ${figureText(metric, interval.high)}`;
  return `${label}: ${figureText(metric, figure.percent)}${around}`;
}
