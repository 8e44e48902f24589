import { describe, expect, test } from 'vitest';
import { CHECKS, raiseFlags } from '../../src/domain/checks.ts';
import type { Evidence } from '../../src/domain/evidence.ts';
import { answersFrom, evidenceOf } from '../support/checked-desk.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const HOUR_MS = 3_600_000;

describe('checks', () => {
  test.each(SEEDS)('say nothing about a year in which nothing happened, seed %i', (seed) => {
    const flags = Array.from({ length: 12 }, (_, month) => raiseFlags(evidenceOf(seed * 1_000 + month)));
    expect(flags.flat()).toEqual([]);
  });

  test.each(SEEDS)('say nothing about small numbers, whatever happened, seed %i', (seed) => {
    const small = evidenceOf(seed, { closures: 20, ones: 0.5, reopened: 0.5, replyMs: 90 * HOUR_MS });
    expect(raiseFlags({ ...small, now: { ...small.now, isWhole: false } })).toEqual([]);
  });

  const desk = (turned: Parameters<typeof evidenceOf>[1]) => evidenceOf(7, turned);
  const one = (share: number) => (agent: string) => (agent === 'desk/5' ? share : 0.01);
  const FIXTURES: Readonly<Record<string, Evidence>> = {
    'more-ones': desk({ ones: 0.1, fives: 0.8 }),
    'reopens-up': desk({ reopened: 0.14 }),
    'slower-reply': desk({ replyMs: 5 * HOUR_MS }),
    'slower-resolution': desk({ resolutionMs: 30 * HOUR_MS }),
    'fewer-answers': desk({ answering: 0.16 }),
    volume: desk({ closures: 6_000 }),
    skips: desk({ avoiding: one(0.4) }),
    'address-changed': desk({ addressChanging: one(0.15) }),
    self: evidenceOf(7, {}, { answers: answersFrom('a line', 8, 1) }),
    'own-network': evidenceOf(
      7,
      {},
      {
        answers: answersFrom('the office', 8, 5, (nth) => `desk/${(nth % 3) + 1}`),
        staffCallers: ['the office'],
      },
    ),
    'one-caller': evidenceOf(
      7,
      {},
      { answers: answersFrom('a line', 8, 5, (nth) => `desk/${(nth % 3) + 1}`) },
    ),
  };

  test('have a fixture each', () => {
    expect(Object.keys(FIXTURES)).toEqual(CHECKS.map(({ check }) => check));
  });

  test.each(Object.entries(FIXTURES))('%s is raised by its fixture, and alone', (check, evidence) => {
    const flags = raiseFlags(evidence);
    expect(flags.map((flag) => flag.check)).toEqual([check]);
    expect(flags[0]?.detail).toMatch(/\d/);
  });

  const few = (counts: { closures: number; avoided: number }): Evidence => {
    const [one, other] = evidenceOf(7).agents;
    if (one === undefined || other === undefined) throw new Error('the desk has agents');
    const others = { ...other, team: one.team, closures: 5_000, avoided: 0 };
    return { ...evidenceOf(7), agents: [{ ...one, ...counts }, others] };
  };
  const NO_FIXTURES: Readonly<Record<string, Evidence>> = {
    'more of the lowest score, and an average that says so': desk({ ones: 0.12 }),
    'more reopenings, and a score that says so': desk({ reopened: 0.14, ones: 0.1, fives: 0.4 }),
    'far more closings in a period that is not over': {
      ...FIXTURES.volume,
      now: { ...desk({ closures: 6_000 }).now, isWhole: false },
    } as Evidence,
    'an agent of few closings': few({ closures: 20, avoided: 20 }),
    'an agent with a few good reasons': few({ closures: 100, avoided: 4 }),
    'an agent with a few more than others': desk({ avoiding: (agent) => (agent === 'desk/5' ? 0.14 : 0.08) }),
    'one company in one house': evidenceOf(
      7,
      {},
      {
        answers: answersFrom('an office', 40, 1).map((one) => ({ ...one, domain: 'one' })),
      },
    ),
    'three customers on one network who had the same agent': evidenceOf(
      7,
      {},
      {
        answers: answersFrom('a network', 3, 1, () => 'desk/1'),
      },
    ),
    'a mobile network': evidenceOf(
      7,
      {},
      {
        answers: answersFrom('a network', 200, 15, (nth) => `desk/${(nth % 20) + 1}`),
      },
    ),
  };

  test.each(Object.entries(NO_FIXTURES))('let pass: %s', (_, evidence) => {
    expect(raiseFlags(evidence)).toEqual([]);
  });

  test('tell what one caller did once', () => {
    const answers = answersFrom('the office', 8, 1);
    const evidence = evidenceOf(7, {}, { answers, staffCallers: ['the office'] });
    expect(raiseFlags(evidence).map(({ check }) => check)).toEqual(['self']);
  });

  test('think of a proxy where one caller is most of the customers', () => {
    const answers = answersFrom('a proxy', 900, 1, (nth) => `desk/${(nth % 20) + 1}`);
    const [flag] = raiseFlags(evidenceOf(7, {}, { answers }));
    expect(flag?.check).toBe('one-caller');
    expect(flag?.detail).toContain('set server.trustProxy');
  });

  test('put their figures into a sentence', () => {
    expect(
      Object.values(FIXTURES).flatMap((evidence) => raiseFlags(evidence).map(({ detail }) => detail)),
    ).toMatchInlineSnapshot(`
      [
        "Answers of 1 rose from 12 of 681 (1.8%) to 70 of 670 (10.4%), +8.7 points (95% interval +6.2 to +11.3), while the average was 4.33 and is 4.34.",
        "Cases opened again rose from 217 of 2,854 (7.6%) to 419 of 2,860 (14.7%), +7.0 points (95% interval +5.4 to +8.7), while CSAT was 82.1% and is 81.6%.",
        "First replies went from a median of 2 h 52 min to 5 h 6 min: 2,136 of 2,860 (74.7%) took longer than half of them did before.",
        "Resolutions went from a median of 19 h 59 min to 1 d 6 h: 2,000 of 2,860 (69.9%) took longer than half of them did before.",
        "Surveys answered within 3 days fell from 681 of 2,641 (25.8%) to 418 of 2,635 (15.9%), −9.9 points (95% interval −12.1 to −7.7).",
        "Closings rose from 2,854 in 30 days to 5,720 in 30 days, from 95.1 a day to 190.7.",
        "65 of 156 (41.7%) of desk/5's closings were not asked about because of what the case had become (merged, spam, outbound, a tag, the requester); of the others' in the team T1 it is 10 of 798 (1.3%).",
        "21 of 148 (14.2%) of desk/5's closings came within a day of a new address for the requester; of the others' in the team T1 it is 13 of 785 (1.7%).",
        "8 customers, all of desk/5's cases, answered from one network address within 10 minutes.",
        "8 customers answered from network addresses where somebody signed in to these pages.",
        "8 customers answered from one network address within an hour.",
      ]
    `);
  });
});
