import { dayText, figureText, kindText } from '../domain/figure-words.ts';
import { goalOn } from '../domain/goal.ts';
import type { Report, Step } from '../domain/report.ts';
import { namesAxis, roomFor, STILL, TEXT_SIZE, valuesAxis } from './axes.ts';
import { draw, type Picture } from './draw.ts';
import { dotAndWhisker, emptyDot, line } from './marks.ts';
import type { Palette } from './palette.ts';
import { shortDays } from './step-names.ts';

export type TrendReport = Pick<Report, 'metric' | 'trend' | 'baseline' | 'breaks' | 'settings'>;

/**
 * The figure per step with the whiskers of its interval, on the band of the baseline's, with the goal's line. The line stops
 * where a step has too few answers, which is an empty dot at the bottom, and does not go on over a change of metric.
 */
export function trendChart(
  report: TrendReport,
  palette: Palette,
  picture: Omit<Picture, 'title' | 'description'>,
): Promise<string> {
  const { trend, baseline, settings, metric } = report;
  const isNps = metric?.kind === 'nps';
  const goal = settings.goal;
  const goals = goal === null || isNps ? [] : trend.map(({ to }) => goalOn(goal, to));
  const room = roomFor(
    [
      ...trend.flatMap(({ figure }) => [figure.percent, figure.interval?.low, figure.interval?.high]),
      ...(trend.length === 0 ? [] : [baseline.figure.percent, baseline.figure.interval?.low]),
      ...goals,
    ],
    { floor: isNps ? -100 : 0, ceiling: 100 },
  );
  return draw(
    {
      textStyle: { fontFamily: palette.font },
      grid: { left: 44, right: goals.length > 0 ? 44 : 12, top: 26, bottom: 26 },
      xAxis: namesAxis(palette, shortDays(trend)),
      yAxis: valuesAxis(palette, { ...room, unit: isNps ? '' : '%' }),
      series: [
        band(report, palette),
        ...runsOf(trend).map((run) => ({
          type: 'line' as const,
          ...STILL,
          data: trend.map((step, at) => (run.has(at) ? step.figure.percent : null)),
          symbol: 'none',
          lineStyle: { color: palette.main, width: 2 },
        })),
        ...(goals.length === 0 ? [] : [goalLine(goals, palette)]),
        breakLines(report, palette),
        points(trend, palette, room.min),
      ],
    },
    { ...picture, title: `Trend of ${kindText(metric)}`, description: describe(report) },
  );
}

/** Steps that one line may go through, by place: those next to each other of the same metric. */
function runsOf(trend: readonly Step[]): readonly ReadonlySet<number>[] {
  const runs: Set<number>[] = [];
  for (const [at, { metric }] of trend.entries()) {
    const run = runs.at(-1);
    if (run !== undefined && trend[at - 1]?.metric.key === metric.key) run.add(at);
    else runs.push(new Set([at]));
  }
  return runs;
}

function goalLine(goals: readonly number[], palette: Palette) {
  return {
    type: 'line' as const,
    ...STILL,
    data: [...goals],
    symbol: 'none',
    lineStyle: { color: palette.goal, width: 1.5, type: 'dashed' as const },
    endLabel: { show: true, formatter: 'Goal', color: palette.goal, fontSize: TEXT_SIZE },
  };
}

function band({ baseline: { figure }, trend }: TrendReport, palette: Palette) {
  const { interval } = figure;
  return {
    type: 'custom' as const,
    ...STILL,
    data: interval === null || trend.length === 0 ? [] : [[0, interval.low, interval.high]],
    renderItem: ((params, api) => {
      const { x = 0, width = 0 } = params.coordSys as { x?: number; width?: number };
      const [, top = 0] = api.coord([0, Number(api.value(2))]);
      const [, bottom = 0] = api.coord([0, Number(api.value(1))]);
      return {
        type: 'rect',
        shape: { x, y: top, width, height: Math.max(1, bottom - top) },
        style: { fill: palette.band },
      };
    }) satisfies RenderItem,
    clip: true,
    z: 0,
  };
}

type RenderItem = import('echarts').CustomSeriesRenderItem;

/** Between the last step of the one metric and the first of the next. */
function breakLines({ breaks, trend }: TrendReport, palette: Palette) {
  const marks = breaks.flatMap(({ day, to }) => {
    const at = trend.findIndex((step) => step.metric.key === to.key && step.to >= day);
    return at < 0 ? [] : [{ at, name: to.name }];
  });
  return {
    type: 'custom' as const,
    ...STILL,
    data: marks.map(({ at }) => [at, 0]),
    renderItem: ((params, api) => {
      const mark = marks[params.dataIndex];
      if (mark === undefined) return null;
      const { y: top = 0, height = 0 } = params.coordSys as { y?: number; height?: number };
      const [here = 0] = api.coord([mark.at, 0]);
      const [before = here] = mark.at === 0 ? [] : api.coord([mark.at - 1, 0]);
      const x = mark.at === 0 ? here - 8 : (here + before) / 2;
      return {
        type: 'group',
        children: [
          line([x, top - 6], [x, top + height], palette.soft, [2, 3]),
          {
            type: 'text',
            style: {
              text: `metric ${mark.name}`,
              x: x + 5,
              y: top - 14,
              fill: palette.soft,
              fontSize: TEXT_SIZE,
              fontFamily: palette.font,
            },
          },
        ],
      };
    }) satisfies RenderItem,
  };
}

function points(trend: readonly Step[], palette: Palette, bottom: number) {
  return {
    type: 'custom' as const,
    ...STILL,
    data: trend.map(({ figure }, at) => [at, figure.percent ?? bottom]),
    renderItem: ((params, api) => {
      const at = params.dataIndex;
      const step = trend[at];
      if (step === undefined || step.tally.answered === 0) return null;
      const { percent, interval } = step.figure;
      if (percent === null) {
        const [x = 0, y = 0] = api.coord([at, bottom]);
        return { type: 'group', children: [emptyDot(palette, [x, y])] };
      }
      const [low, high] = [interval?.low ?? null, interval?.high ?? null];
      return dotAndWhisker(palette, { at, value: percent, low, high }, api, false);
    }) satisfies RenderItem,
    z: 5,
  };
}

function describe({ trend, metric, breaks }: TrendReport): string {
  const told = trend.filter(({ figure }) => figure.percent !== null);
  const [first, last] = [told[0], told.at(-1)];
  if (first === undefined || last === undefined) return 'No step has enough answers for a figure.';
  const say = ({ from, figure }: Step) => `${figureText(metric, figure.percent ?? 0)} from ${dayText(from)}`;
  const changes = breaks.map(({ day, to }) => ` Metric ${to.name} begins on ${dayText(day)}.`).join('');
  return `${told.length} of ${trend.length} steps have enough answers: ${say(first)}, ${say(last)}.${changes} The table below has every figure.`;
}
