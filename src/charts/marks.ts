import type { CustomSeriesRenderItem } from 'echarts';
import type { Palette } from './palette.ts';

type Api = Parameters<CustomSeriesRenderItem>[1];
type Shape = ReturnType<CustomSeriesRenderItem>;

/** A dot with the whiskers of its interval; `across` where the values are on the horizontal axis. */
export function dotAndWhisker(
  palette: Palette,
  { at, value, low, high }: { at: number; value: number; low: number | null; high: number | null },
  api: Api,
  across: boolean,
): Shape {
  const point = (one: number): readonly [number, number] => {
    const [x = 0, y = 0] = api.coord(across ? [one, at] : [at, one]);
    return [x, y];
  };
  const [x, y] = point(value);
  const whiskers =
    low === null || high === null ? [] : whiskersOf(point(low), point(high), palette.main, across);
  return {
    type: 'group',
    children: [
      ...whiskers,
      {
        type: 'circle',
        shape: { cx: x, cy: y, r: 4 },
        style: { fill: palette.main, stroke: palette.surface, lineWidth: 1.5 },
      },
    ],
  };
}

const CAP = 4;

function whiskersOf(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  stroke: string,
  across: boolean,
) {
  const [dx, dy] = across ? [0, CAP] : [CAP, 0];
  return [
    line([x1, y1], [x2, y2], stroke),
    line([x1 - dx, y1 - dy], [x1 + dx, y1 + dy], stroke),
    line([x2 - dx, y2 - dy], [x2 + dx, y2 + dy], stroke),
  ];
}

export function line(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  stroke: string,
  lineDash?: number[],
) {
  return {
    type: 'line' as const,
    shape: { x1, y1, x2, y2 },
    style: { stroke, lineWidth: 1.5, ...(lineDash === undefined ? {} : { lineDash }) },
  };
}

/** An empty dot: there were answers, and too few to say more. */
export function emptyDot(palette: Palette, [cx, cy]: readonly [number, number]) {
  return {
    type: 'circle' as const,
    shape: { cx, cy, r: 4 },
    style: { fill: palette.surface, stroke: palette.soft, lineWidth: 1.5 },
  };
}
