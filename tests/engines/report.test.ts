import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { foldReport } from '../../jobs/fold-report.ts';
import type { Config } from '../../src/config.ts';
import type { ClosureRecord } from '../../src/domain/closure-record.ts';
import {
  DIMENSIONS,
  type Filters,
  type Measured,
  type Question,
  type Report,
  SUBSETS,
  type Subset,
} from '../../src/domain/report.ts';
import { countClosureRows, readClosureRows } from '../../src/store/closure-rows.ts';
import { migrate } from '../../src/store/migrate.ts';
import { type ReportDeps, readReport } from '../../src/store/report.ts';
import { type Choices, readChoices } from '../../src/store/report-choices.ts';
import { foldAll, isReportBehind } from '../../src/store/report-fold.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { countByHand, type HandCount } from '../support/hand-count.ts';
import { SEEDED_UNTIL, seedYear } from '../support/seeded-year.ts';

/** Every value that can be chosen, with its label, in no order. */
const valuesOf = ({ splits }: Pick<Choices, 'splits'>) =>
  splits.map(({ by, slices }) => [by, slices.map(({ value, label }) => `${value} ${label}`).toSorted()]);

const ZONE = 'Europe/Berlin';

/** A whole year where it takes seconds. */
const CLOSURES = { PGlite: 1_500, PostgreSQL: 50_000, Redis: 0 };
/** A hand count of a year takes its time. */
const HAND_COUNTS = 12;

describeEngines(
  'figures of a year',
  (engine) => {
    let opened: OpenEngine;
    const deps = () => depsOf(opened);

    beforeAll(async () => {
      opened = await engine.open();
      const { db } = opened.database;
      await migrate(db);
      await seedYear(db, { closures: CLOSURES[engine.name] });
      await foldAll(db, { zone: ZONE, together: 20_000 });
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
          if (question.metric === null && report.metric !== null)
            expect(sumOfTrend(report)).toBe(all.closures);
        }),
        { numRuns: HAND_COUNTS },
      );
    });

    it('open exactly their lists', async () => {
      await fc.assert(
        fc.asyncProperty(questions, fc.integer({ min: 1, max: 5 }), async (question, score) => {
          const { total } = await readReport(deps(), question, { splits: [] });
          const list = (only: Subset, point: number | null = null) =>
            countClosureRows(deps(), { ...question, only, score: point });
          const found = Object.fromEntries(
            await Promise.all(SUBSETS.map(async (one) => [one, await list(one)])),
          );
          expect({ ...found, commented: null }).toEqual({ ...listLengths(total), commented: null });
          expect(await list('answered', score)).toBe(total.tally.scores[score - 1] ?? 0);
        }),
        { numRuns: 8 },
      );
    });

    it('offer to choose what occurs in them, and nothing else', async () => {
      await fc.assert(
        fc.asyncProperty(questions, fc.boolean(), async (asked, isNarrow) => {
          const question = isNarrow ? asked : { ...asked, filters: {} };
          const { splits, metrics } = await readReport(deps(), question, { splits: DIMENSIONS });
          const choices = await readChoices(deps(), question);
          expect(choices.metrics).toEqual(metrics);
          expect(valuesOf(choices)).toEqual(valuesOf({ splits }));
        }),
        { numRuns: 8 },
      );
    });

    it('list every closure once, newest first, over all pages', async () => {
      const question = { from: '2026-05-20', to: '2026-06-10', filters: { team: ['Billing'] }, metric: null };
      const { total } = await readReport(deps(), question, { splits: [] });
      const rows: ClosureRecord[] = [];
      for (let after: string | null = null; ; ) {
        const page = await readClosureRows(
          deps(),
          { ...question, only: 'all', score: null },
          { after, limit: 7 },
        );
        rows.push(...page.rows);
        if (page.next === null) break;
        after = page.next;
      }
      expect(new Set(rows.map(({ closureId }) => closureId)).size).toBe(total.tally.closures);
      expect(rows.map(({ closedAt }) => closedAt)).toEqual(
        rows.map(({ closedAt }) => closedAt).toSorted((a, b) => b.getTime() - a.getTime()),
      );
      const answered = rows.filter(
        ({ answer, survey }) => answer !== null && survey?.metric.key === 'csat 1-5 4 2026-05',
      );
      expect(answered.length).toBe(total.tally.answered);
      expect(answered.filter(({ answer }) => answer?.satisfied).length).toBe(total.tally.satisfied);
    });

    it('find a case by its number, and by how its subject begins', async () => {
      const question = {
        from: '2025-11-27',
        to: '2026-11-27',
        filters: {},
        metric: null,
        only: 'all',
        score: null,
      } as const;
      const find = async (search: string) =>
        (await readClosureRows(deps(), question, { after: null, limit: 50, search })).rows;
      const byNumber = await find(' 100500 ');
      expect(byNumber.map(({ number }) => number)).toContain('100500');
      expect(byNumber.every(({ number }) => number === '100500')).toBe(true);
      const subject = byNumber[0]?.subject ?? '';
      expect((await find(subject.toUpperCase())).map((row) => row.subject)).toEqual([subject]);
      expect(await find('%')).toEqual([]);
    });
  },
  { stores: true },
);

describeEngines(
  'figures',
  (engine) => {
    let opened: OpenEngine;
    beforeAll(async () => {
      opened = await engine.open();
      await migrate(opened.database.db);
      await seedYear(opened.database.db, { closures: 600 });
      await foldAll(opened.database.db, { zone: ZONE });
    });
    afterAll(() => opened.close());

    it('say how many closures they lack when that is more than a reader waits for, until the job has run', async () => {
      const { db } = opened.database;
      const work = { db, config: { report: depsOf(opened).settings } as Config };
      const signal = new AbortController().signal;
      await sql`insert into caseloop.report_changes (closure_id)
        select id from caseloop.closures, generate_series(1, 4)`.execute(db);
      const read = () =>
        readReport(
          depsOf(opened),
          { from: '2025-11-01', to: '2026-11-30', filters: {}, metric: null },
          { splits: [] },
        );
      expect(await isReportBehind(db, ZONE)).toBe(true);
      expect((await read()).behind).toBe(600);
      await foldReport(work, { signal });
      expect(await isReportBehind(db, ZONE)).toBe(false);
      expect(await isReportBehind(db, 'Pacific/Auckland')).toBe(true);
      expect(await read()).toMatchObject({ behind: 0, total: { tally: { closures: 600 } } });
    });

    it('are the same as made anew, after whatever happened', async () => {
      const { db } = opened.database;
      await sql`create table caseloop.changed as
        select id, connector, case_id, row_number() over (order by id) as nth from caseloop.closures order by id limit 120`.execute(
        db,
      );
      for (const change of CHANGES) {
        await sql.raw(change).execute(db);
        await readReport(
          depsOf(opened),
          { from: '2026-11-01', to: '2026-11-26', filters: {}, metric: null },
          { splits: [] },
        );
      }
      await sql`drop table caseloop.changed`.execute(db);
      const made = await readFigures(db);
      await foldAll(db, { zone: 'Pacific/Auckland' });
      expect((await readFigures(db)).columns).not.toEqual(made.columns);
      await foldAll(db, { zone: ZONE });
      expect(await readFigures(db)).toEqual(made);
    });
  },
  { stores: true },
);

function depsOf({ database }: OpenEngine): ReportDeps {
  return {
    db: database.db,
    settings: { zone: ZONE, minimum: 10, goal: null, baselineDays: 30 },
    clock: { now: () => SEEDED_UNTIL },
  };
}

/** Every kind of change, each to closures of its own. */
const CHANGES = [
  `update caseloop.closures set credited_id = 'somebody', credited_name = 'Somebody' where id in (select id from caseloop.changed where nth % 12 = 0)`,
  `update caseloop.surveys set state = 'asked', asked_at = now() where closure_id in (select id from caseloop.changed where nth % 12 < 3)`,
  `insert into caseloop.answers (survey_id, version, score, comment, reasons, source, answered_at)
     select s.id, 7, 1, 'Late', '[]', 'form', now() from caseloop.surveys s join caseloop.changed c on c.id = s.closure_id where nth % 12 = 1`,
  `delete from caseloop.answers where survey_id in
     (select s.id from caseloop.surveys s join caseloop.changed c on c.id = s.closure_id where nth % 12 = 2)`,
  `insert into caseloop.follow_ups (closure_id, connector, key, state, due_at, created_at, next_attempt_at, is_clock, low_since, next_look_at)
     select id, connector, 'made-up-' || id, 'due', now(), now(), now(), true, now(), now() from caseloop.changed where nth % 12 < 4
     on conflict do nothing`,
  `update caseloop.follow_ups set due_at = '2026-01-01' where closure_id in (select id from caseloop.changed where nth % 24 = 1)`,
  `update caseloop.follow_ups set recovered_at = now(), recovered_by = 'reply' where closure_id in (select id from caseloop.changed where nth % 24 = 1)`,
  `update caseloop.follow_ups set stopped_at = now() where closure_id in (select id from caseloop.changed where nth % 24 = 13)`,
  `update caseloop.cases k set state = 'open' from caseloop.changed c
     where c.connector = k.connector and c.case_id = k.case_id and nth % 12 = 5`,
  `insert into caseloop.closures (connector, case_id, closed_at, cycle, noticed_at, noticed_by, snapshot, outcome, rule, reason, decided_at)
     select connector, case_id, '2026-11-26 12:00', 9, now(), 'push', '{}', 'skip', 'ours', 'Ours.', now() from caseloop.changed where nth % 12 = 6`,
  'delete from caseloop.closures where id in (select id from caseloop.changed where nth % 12 = 7)',
  'delete from caseloop.surveys where closure_id in (select id from caseloop.changed where nth % 12 = 8)',
  'delete from caseloop.follow_ups where closure_id in (select id from caseloop.changed where nth % 12 = 3)',
];

/** Facts and columns as they stand, without what is counted on. */
async function readFigures(db: OpenEngine['database']['db']) {
  const facts = await sql<{
    fact: object;
  }>`select to_jsonb(f) as fact from caseloop.report_facts f order by closure_id`.execute(db);
  const columns = await sql<{ day: string; name: string; data: string }>`
    select day, name, md5(data) as data from caseloop.report_columns order by day, name`.execute(db);
  return { facts: facts.rows, columns: columns.rows };
}

/** How long each list must be. */
function listLengths({ tally }: Measured): Readonly<Record<Subset, number>> {
  const { low, recovered, overdue } = tally.recovery;
  return {
    all: tally.closures,
    asked: tally.asked,
    'not-asked': tally.closures - tally.asked,
    answered: tally.answered,
    'not-answered': tally.asked - tally.answered,
    satisfied: tally.satisfied,
    neutral: tally.answered - tally.satisfied - tally.low,
    low: tally.low,
    reopened: tally.reopened,
    recovered,
    'not-recovered': low - recovered,
    overdue,
    commented: 0,
  };
}

const NOTHING: HandCount = {
  closures: 0,
  asked: 0,
  answered: 0,
  satisfied: 0,
  low: 0,
  ones: 0,
  recovered: 0,
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
    recovered: tally.recovery.recovered,
    reopened: tally.reopened,
    replied: tally.firstReply.known,
    reply_median_s: inSeconds(tally.firstReply.medianMs),
    resolution_median_s: inSeconds(tally.resolution.medianMs),
  };
}

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}

/** Medians are told within 1 % and a second. */
function roughly(count: HandCount) {
  const near = (seconds: number | null) =>
    seconds === null ? null : expect.closeTo(seconds, -Math.log10(2 * (1 + seconds * 0.01)));
  return {
    ...count,
    reply_median_s: near(count.reply_median_s),
    resolution_median_s: near(count.resolution_median_s),
  };
}

function sumOfTrend({ trend }: Report): number {
  return trend.reduce((sum, { tally }) => sum + tally.closures, 0);
}
