import { expect, test } from 'vitest';
import { fullReport, METRIC, measured, reportOf, tallyOf } from '../../tests/support/reports.ts';
import type { Measured, Slice } from '../domain/report.ts';
import { distributionChart } from './distribution-chart.ts';
import { plainSvg } from './draw.ts';
import { intervalChart } from './interval-chart.ts';
import { PAGE_PALETTE, PICTURE_PALETTE } from './palette.ts';
import { responseChart } from './response-chart.ts';
import { trendChart } from './trend-chart.ts';

const report = fullReport();
const slices = report.splits[0]?.slices ?? [];
const P = PICTURE_PALETTE;
const size = { width: 760, height: 240 };

const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);

test.each([
  ['trend', () => trendChart(report, PAGE_PALETTE, { id: 'x', ...size })],
  [
    'distribution',
    () =>
      distributionChart({ metric: METRIC, tally: report.total.tally }, PAGE_PALETTE, { id: 'x', ...size }),
  ],
  ['interval', () => intervalChart({ ...report, slices }, PAGE_PALETTE, { id: 'x', width: 640 })],
  ['response', () => responseChart(report, PAGE_PALETTE, { id: 'x', ...size })],
])(
  'the %s chart has nothing that a policy refuses, says what it shows and knows colours by name only',
  async (_, make) => {
    const svg = await make();
    expect(svg).not.toMatch(/ (style|class|on\w+)=|<(style|script|foreignObject|image)|href=/);
    expect(svg).toMatch(
      /^<svg [^>]*role="img" aria-labelledby="x-title" aria-describedby="x-desc"><title id="x-title">[^<]+<\/title><desc id="x-desc">[^<]+<\/desc>/,
    );
    expect(svg).not.toMatch(/(fill|stroke)="(?!none|var\(|#000")/);
    for (const [, used] of svg.matchAll(/url\(#([^)]+)\)/g)) expect(svg).toContain(`id="${used}"`);
  },
);

test('what a picture says of itself is text', () => {
  const svg = plainSvg('<svg width="1"></svg>', {
    id: 'x',
    title: '</title><script>',
    description: 'a & "b"',
  });
  expect(svg).toContain('<title id="x-title">&lt;/title&gt;&lt;script&gt;</title>');
  expect(svg).toContain('<desc id="x-desc">a &amp; &quot;b&quot;</desc>');
});

test('a trend has no line over a change of metric or a step with too few answers, which is an empty dot', async () => {
  const svg = await trendChart(report, P, { id: 'x', ...size });
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)"[^>]*fill="([^"]+)"/g)].map(([, x, fill]) => ({
    x: Number(x),
    fill,
  }));
  const full = dots.filter(({ fill }) => fill === P.main).map(({ x }) => x);
  expect(full).toHaveLength(7);
  expect(dots.filter(({ fill }) => fill === P.surface)).toHaveLength(1);
  const lines = [
    ...svg.matchAll(new RegExp(`<path d="([^"]+)"[^>]* stroke="${P.main}" stroke-width="2"`, 'g')),
  ];
  const joined = lines.flatMap(([, d = '']) =>
    d
      .split('M')
      .filter((part) => part.includes('L'))
      .map((part) =>
        part.split('L').map((at) => full.findIndex((x) => Math.abs(x - Number.parseFloat(at)) < 0.1)),
      ),
  );
  expect(joined).toEqual([
    [0, 1],
    [3, 4],
    [5, 6],
  ]);
  expect(textsOf(svg)).toEqual(expect.arrayContaining(['metric 2026-11', 'Goal', '1 Nov', '26 Nov']));
});

test('a trend without goal, baseline and breaks has none', async () => {
  const bare = {
    ...report,
    settings: { ...report.settings, goal: null },
    baseline: measured(tallyOf([1], { asked: 1, closures: 1 })),
    breaks: [],
  };
  const svg = await trendChart(bare, P, { id: 'x', ...size });
  expect(textsOf(svg)).not.toContain('Goal');
  expect(svg).not.toContain(P.band);
});

test('slices have their whiskers; one with too few answers has only their count', async () => {
  const svg = await intervalChart({ ...report, slices }, P, { id: 'x', width: 640 });
  expect(svg.match(/<circle [^>]*fill="#1d5fb8"/g)).toHaveLength(4);
  expect(textsOf(svg)).toEqual(
    expect.arrayContaining(['Ada Lindqvist', 'n = 7, too few to say', 'n = 8, too few to say']),
  );
  expect(svg).toContain('Ada Lindqvist: 96.7%, 91.7% to 98.7%');
});

test('a figure without an interval is a dot alone, and may be below nothing', async () => {
  const nps = { ...METRIC, kind: 'nps', scale: '0-10', satisfiedFrom: 9 } as const;
  const total: Measured = {
    ...measured(tallyOf([5, 0, 0, 9], { asked: 40, closures: 40 })),
    figure: { isEnough: true, percent: -30, interval: null, average: 4, responseRate: 35 },
  };
  const slice: Slice = { ...total, value: 'a', label: 'A', rank: null };
  const svg = await intervalChart({ metric: nps, slices: [slice], total }, P, { id: 'x', width: 640 });
  expect(svg.match(/<circle /g)).toHaveLength(1);
  expect(svg).toContain('A: −30.0</desc>');
});

test('an empty trend and a scale nobody has used are drawn', async () => {
  expect(await trendChart(reportOf(), P, { id: 'x', ...size })).toContain('No step has enough answers');
  expect(
    await distributionChart(
      { metric: METRIC, tally: tallyOf([0, 0, 0, 0, 0], { asked: 0, closures: 0 }) },
      P,
      { id: 'x', ...size },
    ),
  ).toContain('5: 0, 4: 0');
});
