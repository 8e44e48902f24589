import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { raiseFlags } from '../../src/domain/checks.ts';
import { creditFor } from '../../src/domain/credit.ts';
import type { Filters, Question } from '../../src/domain/report.ts';
import { saveCases } from '../../src/store/cases.ts';
import { insertClosures } from '../../src/store/closures.ts';
import { readEvidence } from '../../src/store/evidence.ts';
import { migrate } from '../../src/store/migrate.ts';
import { readReport } from '../../src/store/report.ts';
import { numberFilters, readMetrics } from '../../src/store/report-filters.ts';
import { foldAll } from '../../src/store/report-fold.ts';
import { type NewTap, recordTaps } from '../../src/store/taps.ts';
import { snapshotWith } from '../property/domain-facts.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { seedYear } from '../support/seeded-year.ts';

const ZONE = 'Europe/Berlin';
const NOW = new Date('2026-11-27T09:00:00Z');
const SETTINGS = { zone: ZONE, minimum: 10, goal: null, baselineDays: 30 };
const MONTH: Question = { from: '2026-10-26', to: '2026-11-24', filters: {}, metric: null };

describeEngines(
  'what the checks go by',
  (engine) => {
    let open: OpenEngine;
    beforeAll(async () => {
      open = await engine.open();
      await migrate(open.database.db);
      await seedYear(open.database.db, { closures: 2_500 });
      await foldAll(open.database.db, { zone: ZONE });
    }, 60_000);
    afterAll(async () => open?.close());

    const reportDeps = () => ({ db: open.database.db, settings: SETTINGS, clock: { now: () => NOW } });

    async function evidenceFor(question: Question) {
      const { db } = open.database;
      const report = await readReport(reportDeps(), question, {
        splits: [],
      });
      const metrics = [...(await readMetrics(db)).values()];
      const evidence = await readEvidence(db, {
        question,
        metric: metrics.find(({ key }) => key === report.metric?.key) ?? null,
        filters: await numberFilters(db, question.filters),
        zone: ZONE,
        baselineDays: SETTINGS.baselineDays,
        now: NOW,
      });
      return { report, evidence };
    }

    it.for<[string, Filters]>([
      ['all', {}],
      ['one team in two channels', { team: ['Billing'], channel: ['email', 'chat'] }],
    ])('counts what the report counts: %s', async ([, filters]) => {
      const { report, evidence } = await evidenceFor({ ...MONTH, filters });
      for (const [period, measured] of [
        [evidence.now, report.total],
        [evidence.before, report.baseline],
      ] as const) {
        const { recovery: _, ...tally } = measured.tally;
        expect(period.tally).toMatchObject(tally);
        expect(period).toMatchObject({ days: 30, isWhole: true });
        expect(period.slowReply.all).toBe(tally.firstReply.known);
      }
      const { slowReply, slowResolution } = evidence.before;
      for (const { positive, all } of [slowReply, slowResolution]) {
        expect(positive / all).toBeGreaterThan(0.45);
        expect(positive / all).toBeLessThanOrEqual(0.5);
      }
      const sum = (pick: (one: (typeof evidence.agents)[number]) => number) =>
        evidence.agents.reduce((total, one) => total + pick(one), 0);
      expect(sum((one) => one.closures)).toBe(evidence.now.tally.closures);
      expect(sum((one) => one.answered)).toBe(evidence.now.tally.answered);
    });

    it('counts skips and prompt answers as SQL does by hand', async () => {
      const { evidence } = await evidenceFor(MONTH);
      const { rows } = await sql<{ avoided: number; ripe: number; prompt: number }>`
        select count(*) filter (where c.rule = 'no-public-reply') as avoided,
          count(*) filter (where s.asked_at < '2026-11-22T23:00Z' and (s.state = 'asked' or a.at is not null)) as ripe,
          count(*) filter (where s.asked_at < '2026-11-22T23:00Z' and a.at <= s.asked_at + interval '3 days') as prompt
        from caseloop.closures c left join caseloop.surveys s on s.closure_id = c.id
          left join (select survey_id, min(answered_at) as at from caseloop.answers group by 1) a on a.survey_id = s.id
        where c.closed_at >= '2026-10-25T23:00Z' and c.closed_at < '2026-11-24T23:00Z'`.execute(
        open.database.db,
      );
      const avoided = evidence.agents.reduce((total, one) => total + one.avoided, 0);
      const { positive: prompt, all: ripe } = evidence.now.prompt;
      expect(avoided).toBeGreaterThan(5);
      expect({ avoided, ripe, prompt }).toEqual(rows[0]);
    });

    it('looks at the last 31 days of a long period, and knows when it is not over', async () => {
      const { evidence } = await evidenceFor({ ...MONTH, from: '2026-01-01', to: '2026-11-27' });
      expect(evidence.question).toMatchObject({ from: '2026-10-28', to: '2026-11-27' });
      expect(evidence.now).toMatchObject({ days: 31, isWhole: false });
      const first = await evidenceFor({ ...MONTH, from: '2025-11-01', to: '2025-12-01' });
      expect(first.evidence).toMatchObject({ now: { isWhole: false }, before: { isWhole: false } });
    });

    describe('of addresses', () => {
      it('counts closings soon after a case had another requester, and no others', async () => {
        const { db } = open.database;
        const close = async (caseId: string, looks: readonly (readonly [hours: number, email: string])[]) => {
          for (const [hours, email] of looks) {
            const at = new Date(Date.parse('2026-11-20T12:00:00Z') + hours * 3_600_000);
            await db
              .transaction()
              .execute((tx) => saveCases(tx, 'zendesk-eu', [snapshotOf(caseId, at, email)], at));
          }
          const at = new Date('2026-11-20T12:00:00Z');
          const snapshot = snapshotOf(caseId, at, looks.at(-1)?.[1] ?? '');
          await db.transaction().execute((tx) => insertClosures(tx, [closureOf(snapshot, at)]));
        };
        const before = await evidenceFor(MONTH);
        await close('changed-too', [
          [-60, 'ann@one.example'],
          [0, 'bo@two.example'],
        ]);
        await close('changed', [
          [-60, 'ann@one.example'],
          [-2, 'Bo@two.example'],
        ]);
        await close('same', [
          [-60, 'ann@one.example'],
          [-2, 'Ann@one.example'],
        ]);
        await close('long-ago', [
          [-60, 'ann@one.example'],
          [-40, 'bo@two.example'],
        ]);
        await close('afterwards', [
          [-60, 'ann@one.example'],
          [9, 'bo@two.example'],
        ]);
        const after = await evidenceFor(MONTH);
        const count = ({ evidence }: typeof after) =>
          evidence.agents.reduce((total, one) => total + one.addressChanged, 0);
        expect(count(after) - count(before)).toBe(2);
      });

      it('finds where answers came from, if several customers or staff used it', async () => {
        const { db } = open.database;
        const answered = await sql<{ id: string; person: string; answered_at: Date; agent: string }>`
          select s.id, s.person, a.answered_at, c.connector || '/' || c.credited_id as agent
          from caseloop.surveys s join caseloop.closures c on c.id = s.closure_id
            join caseloop.answers a on a.survey_id = s.id and a.version = 1
          where a.answered_at between '2026-11-01' and '2026-11-20' and c.closed_at > '2026-11-01' and c.credited_id is not null
          order by a.answered_at limit 14`.execute(db);
        const callers = [
          ...Array(3).fill('shared'),
          'pair',
          'pair',
          ...Array(5).fill('house'),
          'own',
          ...Array(3).fill('page'),
        ];
        await recordTaps(
          db,
          answered.rows.flatMap(({ id, answered_at }, nth) => {
            const caller = callers[nth] ?? '';
            const tap = {
              ...tapOf(id, answered_at, caller),
              kind: caller === 'page' ? ('page' as const) : ('answer' as const),
            };
            return [tap, { ...tap, at: new Date(answered_at.getTime() - 60_000) }];
          }),
        );
        await signIn(['house', 'elsewhere']);
        const { evidence, report } = await evidenceFor(MONTH);
        const found = evidence.answers.map(({ caller, customer, agent }) => `${caller} ${customer} ${agent}`);
        const expected = [0, 1, 2, 5, 6, 7, 8, 9].map((nth) => {
          const row = answered.rows[nth];
          return `${callers[nth]} ${row?.person} ${row?.agent}`;
        });
        expect(found.toSorted()).toEqual(expected.toSorted());
        expect(new Set(evidence.answers.map(({ domain }) => domain)).size).toBe(1);
        expect(JSON.stringify(evidence)).not.toContain('customer.example');
        expect(evidence.staffCallers.toSorted()).toEqual(['elsewhere', 'house']);
        const agent = answered.rows[0]?.agent ?? '';
        const ofOne = await evidenceFor({ ...MONTH, filters: { agent: [agent] } });
        expect(ofOne.evidence.answers.map((one) => one.agent)).toEqual(
          evidence.answers.filter((one) => one.agent === agent).map((one) => one.agent),
        );

        const flagged = await readReport(reportDeps(), MONTH, { splits: [], flags: true });
        expect(flagged.flags).toEqual(raiseFlags(evidence));
        expect(flagged.flags.map(({ check }) => check)).toContain('own-network');
        expect(report.flags).toEqual([]);

        // More busy addresses than are looked at do not hide those of staff.
        const crowd = answered.rows.slice(0, 6).flatMap(({ id, answered_at }) => {
          const earlier = new Date(answered_at.getTime() - 120_000);
          return Array.from({ length: 201 }, (_, nth) => tapOf(id, earlier, `crowd ${nth}`));
        });
        await recordTaps(db, crowd);
        const { answers } = (await evidenceFor(MONTH)).evidence;
        expect(answers.filter(({ caller }) => caller === 'house')).toHaveLength(5);
      });

      async function signIn(callers: readonly string[]): Promise<void> {
        const { db } = open.database;
        await sql`insert into caseloop.users (name, email, role, created_at) values ('Lea', 'lea@acme.example', 'lead', ${NOW})`.execute(
          db,
        );
        for (const caller of callers) {
          await sql`
            insert into caseloop.sessions (hash, user_id, csrf, caller, created_at, seen_at, expires_at)
            select md5(random()::text), id, '', ${caller}, ${NOW}, ${NOW}, ${NOW} from caseloop.users`.execute(
            db,
          );
        }
        await sql`delete from caseloop.sessions`.execute(db);
      }
    });
  },
  { stores: true },
);

function tapOf(surveyId: string, at: Date, caller: string): NewTap {
  const facts = { prefetched: false, scanner: false, bare: false };
  return { surveyId, at, kind: 'answer', method: 'POST', score: 5, agent: 'unnamed', caller, facts };
}

function snapshotOf(caseId: string, changedAt: Date, email: string): CaseSnapshot {
  const requester = { ...snapshotWith().requester, email };
  return snapshotWith({
    caseId,
    changedAt,
    closedAt: changedAt,
    assignee: { id: 'a1', name: null },
    requester,
  });
}

function closureOf(snapshot: CaseSnapshot, closedAt: Date): Parameters<typeof insertClosures>[1][number] {
  return {
    connector: 'zendesk-eu',
    snapshot,
    closedAt,
    cycle: 1,
    noticedAt: new Date(closedAt.getTime() + 60_000),
    noticedBy: 'push',
    person: null,
    credit: creditFor('assignee', snapshot),
    decision: {
      outcome: 'skip',
      rule: 'no-survey',
      reason: 'Skipped: no survey matches the case.',
      until: null,
    },
    survey: null,
  };
}
