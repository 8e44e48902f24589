import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DIMENSIONS, type Filters, type Question, type Report } from '../../src/domain/report.ts';
import { migrate } from '../../src/store/migrate.ts';
import { readReport } from '../../src/store/report.ts';
import { foldAll } from '../../src/store/report-fold.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { countByHand, type HandCount } from '../support/hand-count.ts';
import { SEEDED_UNTIL, seedYear } from '../support/seeded-year.ts';

const ZONE = 'Europe/Berlin';

describeEngines(
  'figures of a year',
  (engine) => {
    let opened: OpenEngine;
    const deps = () => ({
      db: opened.database.db,
      settings: { zone: ZONE, minimum: 10, goal: null, baselineDays: 30 },
      clock: { now: () => SEEDED_UNTIL },
    });

    beforeAll(async () => {
      opened = await engine.open();
      const { db } = opened.database;
      await migrate(db);
      await seedYear(db, { closures: 4_000 });
      await foldAll(db, { zone: ZONE });
    });
    afterAll(() => opened.close());

    it('equal a hand count in SQL, whatever is filtered and split', async () => {
      await fc.assert(
        fc.asyncProperty(questions, fc.constantFrom(...DIMENSIONS), async (question, by) => {
          const report = await readReport(deps(), question, { splits: [by] });
          const name = report.metric?.name ?? '2026-05';
          const count = (one: typeof by | null) =>
            countByHand(opened.database.db, {
              from: startOf(question.from),
              before: startOf(next(question.to)),
              filters: question.filters,
              metric: name,
              by: one,
            });
          const all = (await count(null)).get('') ?? NOTHING;
          expect(handCountOf(report.total)).toEqual(roughly(all));
          const slices = report.splits[0]?.slices ?? [];
          expect(Object.fromEntries(slices.map((slice) => [slice.value, handCountOf(slice)]))).toEqual(
            Object.fromEntries([...(await count(by))].map(([value, one]) => [value, roughly(one)])),
          );
          if (report.total.figure.percent !== null)
            expect(report.total.figure.percent).toBe((100 * all.satisfied) / all.answered);
          if (question.metric === null) expect(sumOfTrend(report)).toBe(all.closures);
        }),
        { numRuns: 25 },
      );
    });
  },
  { stores: true },
);

const NOTHING: HandCount = {
  closures: 0,
  asked: 0,
  answered: 0,
  satisfied: 0,
  low: 0,
  ones: 0,
  reopened: 0,
  replied: 0,
  reply_median_s: null,
  resolution_median_s: null,
};

const days = fc.integer({ min: 0, max: 364 }).map((day) => dayOf(Date.UTC(2025, 10, 27 + day)));
const values: Filters = {
  team: ['Billing', 'Orders', 'Onboarding'],
  channel: ['email', 'chat', ''],
  topic: ['question', ''],
  brand: ['Acme', 'Globex'],
  tier: ['Free', '', 'Enterprise'],
  language: ['en', 'de'],
  connector: ['zendesk-eu', 'sf', 'elsewhere'],
  handledBy: ['human', 'bot'],
  agent: ['zendesk-eu/a3', 'desk/a4', 'sf/a5', ''],
};
const filters = fc
  .record(
    Object.fromEntries(
      Object.entries(values).map(([key, of]) => [key, fc.subarray([...of], { minLength: 1 })]),
    ),
    { requiredKeys: [] },
  )
  .map((chosen): Filters => Object.fromEntries(Object.entries(chosen).slice(0, 3)));
const questions = fc
  .record({
    days: fc.tuple(days, days),
    filters: fc.oneof(fc.constant<Filters>({}), filters),
    metric: fc.constantFrom(null, null, 'csat 1-5 4 2026-05'),
  })
  .map(({ days: [one, other], ...rest }): Question => {
    const [from = one, to = other] = [one, other].toSorted();
    return { from, to, ...rest };
  });

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function next(day: string): string {
  return dayOf(Date.parse(day) + 86_400_000);
}

/** Midnight in Berlin, worked out by other means than the product's. */
function startOf(day: string): Date {
  for (const hours of [1, 2]) {
    const instant = new Date(Date.parse(`${day}T00:00:00Z`) - hours * 3_600_000);
    if (instant.toLocaleString('sv-SE', { timeZone: ZONE }) === `${day} 00:00:00`) return instant;
  }
  throw new Error(`no midnight on ${day}`);
}

function handCountOf({ tally }: Report['total']) {
  return {
    closures: tally.closures,
    asked: tally.asked,
    answered: tally.answered,
    satisfied: tally.satisfied,
    low: tally.low,
    ones: tally.scores[0] ?? 0,
    reopened: tally.reopened,
    replied: tally.firstReply.known,
    reply_median_s: inSeconds(tally.firstReply.medianMs),
    resolution_median_s: inSeconds(tally.resolution.medianMs),
  };
}

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}

/** Medians are told within 1 %. */
function roughly(count: HandCount) {
  const near = (seconds: number | null) =>
    seconds === null ? null : expect.closeTo(seconds, -Math.log10(2 * Math.max(1, seconds * 0.01)));
  return {
    ...count,
    reply_median_s: near(count.reply_median_s),
    resolution_median_s: near(count.resolution_median_s),
  };
}

function sumOfTrend({ trend }: Report): number {
  return trend.reduce((sum, { tally }) => sum + tally.closures, 0);
}
