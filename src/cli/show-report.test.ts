import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { fullReport, measured, NOBODY, reportOf, sliceOf, tallyOf } from '../../tests/support/reports.ts';
import { figureOf } from '../domain/figures.ts';
import type { Metric, Report } from '../domain/report.ts';
import { reportCsv } from './report-csv.ts';
import { showReport } from './show-report.ts';

const shown = (report: Report) => stripVTControlCharacters(showReport(report));

describe('a report in the terminal', () => {
  test('fits 80 columns and never shows a percentage without interval, n and response rate', () => {
    const lines = shown(fullReport()).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    const labels = ['this period', '30 days before', '1 to 3 Nov', 'Ada Lindqvist', 'Billing', 'chat'];
    for (const label of labels) {
      const row = lines.find((line) => line.trimStart().startsWith(label));
      expect(row).toMatch(/ [\d.]+% +[\d.]+% to [\d.]+% +[\d,]+ +[\d.]+%( +\d+)?$/);
    }
  });

  test('says what it is about, what became of it, and how it is counted', () => {
    const text = shown(fullReport());
    for (const part of [
      'Closings of 1 to 30 Nov 2026\nall of them',
      '  this period               86.4%     82.8% to 89.4%      412     31.2%\n',
      '  Change: +5.3 points (+0.3 to +10.4): higher.\n',
      '  Goal: 90.0% by 31 Dec 2026, so 86.6% by 30 Nov 2026: too close to tell.\n',
      'Answers: 412 of 1,320 asked, average 4.35\n   5  ████████████████████████████████████████      245   59.5%\n',
      '  Opened again    85 of 1,702 (5.0%)\n',
      '  Low recovered   21 of 31 (67.7%), median 5 h 30 min, 2 overdue\n',
      '  -- 2026-11 in place of 2026-01: not to be compared ---',
      '  Eli Brandt                   too few answers to say (n = 7)     14.0%\n',
      '  A case counts on the day it was closed, in Europe/Berlin.\n',
      'CSAT = answers from 4 to 5 ÷ all answers',
    ])
      expect(text).toContain(part);
  });

  test('shows counts alone where answers are too few, and nothing where nobody was asked', () => {
    const few = shown(reportOf({ total: measured(tallyOf([0, 0, 0, 1, 3], { asked: 100, closures: 120 })) }));
    expect(few).toContain('  this period                  too few answers to say (n = 4)      4.0%\n');
    expect(few).not.toMatch(/Change|Often called|average|75\.0%/);
    const nobody = shown(reportOf({ metric: null, metrics: [], total: { ...measured(NOBODY) } }));
    expect(nobody).toContain('Nobody was asked. 0 closings.');
  });

  test('names its filters, and lets no name steer the terminal', () => {
    const filters = { team: ['Billing', ''], channel: ['\u001b[2Jchat'] };
    const question = { ...reportOf().question, filters };
    const slices = [
      sliceOf('a', tallyOf([0, 0, 0, 5, 9], { asked: 20, closures: 20 }), { label: '\u001b]0;x\u0007Ann' }),
    ];
    const text = showReport(reportOf({ question, splits: [{ by: 'agent', slices, more: 3 }], behind: 2 }));
    expect(text).toContain('Team: Billing, not known\n');
    expect(text).toContain('Channel:  [2Jchat\n');
    expect(text).toContain('2 are not in these figures yet');
    expect(text).toContain('  and 3 more\n');
    for (const code of ['\u001b]', '\u0007', '\u001b[2J']) expect(text).not.toContain(code);
  });
});

test('people with one name are told apart', () => {
  const tally = tallyOf([0, 0, 0, 5, 9], { asked: 20, closures: 20 });
  const slices = [sliceOf('sf/1', tally, { label: 'Ann' }), sliceOf('desk/7', tally, { label: 'Ann' })];
  const text = shown(reportOf({ splits: [{ by: 'agent', slices, more: 0 }] }));
  expect(text).toContain('  Ann sf/1 ');
  expect(text).toContain('  Ann desk/7 ');
});

describe('a report as CSV', () => {
  test('has a row for the period, the baseline, each step and each slice, unrounded', () => {
    const rows = reportCsv(fullReport()).trimEnd().split('\r\n');
    expect(rows[1]).toBe(
      'total,,,,2026-11-01,2026-11-30,csat 1-5 4 2026-11,1702,1320,412,31.21212121212121,356,31,86.40776699029126,82.76044672166186,89.38243216559128,4.349514563106796,14 17 25 111 245,,85,8640,104400,21,2',
    );
    const parts = Map.groupBy(rows.slice(1), (row) => row.split(',')[0]);
    const counts = [...parts].map(([part, of]) => [part, of.length]);
    expect(counts).toEqual([
      ['total', 1],
      ['baseline', 1],
      ['trend', 9],
      ['slice', 14],
    ]);
  });

  test('starts no formula, and keeps a negative NPS a number', () => {
    const metric: Metric = { key: 'nps 0-10 9 n', name: 'n', kind: 'nps', scale: '0-10', satisfiedFrom: 9 };
    const tally = { ...tallyOf([30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10], { asked: 40, closures: 40 }) };
    const total = { tally, figure: figureOf(metric, tally, 10) };
    const slices = [sliceOf('=1+1', tally, { label: '@cmd' })];
    const csv = reportCsv(reportOf({ metric, total, splits: [{ by: 'topic', slices, more: 0 }] }));
    expect(csv).toContain(',-50,,,2.5,');
    expect(csv).toContain("slice,topic,'=1+1,'@cmd,");
  });
});
