import { afterAll, beforeAll, expect, it } from 'vitest';
import { askInCase } from '../../jobs/ask-in-case.ts';
import { noticeCases } from '../../jobs/notice-cases.ts';
import { sendSurvey } from '../../jobs/send-survey.ts';
import type { Work } from '../../jobs/work.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import type { CaseAsk, Connector, Receipt } from '../../src/connector.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { RetryableError } from '../../src/errors.ts';
import { registerConnector } from '../../src/store/connectors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { NOON, snapshotWith } from '../property/domain-facts.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { CONNECTOR, storeWork } from '../support/store-work.ts';

/**
 * A case closes once more while its survey is being handed over, so that the second closing is left out; then the hand-over
 * fails. Somebody must still ask the customer, and only once.
 */

const after = (minutes: number): Date => new Date(NOON.getTime() + minutes * MINUTE_MS);

function closing(caseId: string, minutes: number): CaseSnapshot {
  const email = `${caseId}@customer.example`;
  return snapshotWith({
    caseId,
    number: caseId,
    changedAt: after(minutes),
    closedAt: after(minutes),
    requester: { id: caseId, name: null, email, locale: null, timeZone: null, isStaff: false },
  });
}

const reopening = (caseId: string, minutes: number): CaseSnapshot => ({
  ...closing(caseId, 0),
  state: 'open',
  changedAt: after(minutes),
});

describeEngines(
  'a case closed once more while its survey is handed over',
  (engine) => {
    let open: OpenEngine;
    /** Each is a minute after the one before. */
    let rounds = 0;

    beforeAll(async () => {
      open = await engine.open();
      await migrate(open.database.db);
      await registerConnector(open.database.db, { name: CONNECTOR, type: 'zendesk', startedAt: NOON });
    });
    afterAll(() => open.close());

    /** A worker whose next hand-over fails after `meanwhile`; `attempts` holds what each was about. */
    async function workVia(via: 'mail' | 'case', policy: string, meanwhile: () => Promise<void>) {
      const attempts: string[] = [];
      const handOver = async (what: string): Promise<void> => {
        attempts.push(what);
        if (attempts.length > 1) return;
        await meanwhile();
        throw new RetryableError('not now');
      };
      const work = await storeWork(open.database, {
        workerId: 'closed-once-more',
        clock: { now: () => after(60 + rounds) },
        more: `surveys: { support: { metric: "2026-11", via: ${via} } }`,
        policy,
        send: ({ messageId }) => handOver(messageId),
      });
      const asking = async (asks: readonly CaseAsk[]): Promise<Receipt> => {
        for (const { mark } of asks) await handOver(mark);
        return { outcomes: asks.map(({ key }) => ({ key, result: 'done', ref: null })) };
      };
      const connector = { batchSize: 2, askInCase: asking } as unknown as Connector;
      return { work: { ...work, connectors: new Map([[CONNECTOR, connector]]) }, attempts };
    }

    const notice = (work: Work, snapshots: readonly CaseSnapshot[]) =>
      noticeCases(work, { name: CONNECTOR, startedAt: NOON }, snapshots, 'push');

    const surveysOf = (caseId: string) =>
      open.database.db
        .withSchema(SCHEMA)
        .selectFrom('surveys')
        .select(['id', 'state'])
        .where('case_id', '=', caseId)
        .orderBy('created_at')
        .execute();

    async function handOverDue(work: Work, caseId: string): Promise<void> {
      rounds += 1;
      const surveys = await surveysOf(caseId);
      const jobs = [
        ...surveys.map(({ id }) => sendSurvey(work, { surveyId: id })),
        askInCase(work, { connector: CONNECTOR }),
      ];
      for (const { status, reason } of (await Promise.allSettled(jobs)) as PromiseRejectedResult[])
        if (status === 'rejected' && !(reason instanceof RetryableError)) throw reason;
    }

    const ways = [
      ['mail', 'again: never'],
      ['mail', 'again: each-closure, quietPeriod: 14d'],
      ['case', 'again: never'],
      ['case', 'again: each-closure, quietPeriod: 14d'],
    ] as const;

    it.each(ways)('by %s with %s: the first survey asks for both', async (via, policy) => {
      for (const [nth, late] of [[], [10], [20], [10, 20]].entries()) {
        const caseId = `${via}-${policy.length}-${nth}`;
        const { work, attempts } = await workVia(via, policy, async () => {
          await notice(work, [closing(caseId, 30)]);
        });
        await notice(work, [closing(caseId, 0)]);
        await handOverDue(work, caseId);
        // What the case was between the two closings is heard of last.
        await notice(
          work,
          late.map((minutes) => (minutes === 10 ? reopening(caseId, 10) : closing(caseId, 20))),
        );
        await handOverDue(work, caseId);
        expect(await surveysOf(caseId)).toMatchObject([{ state: 'asked' }]);
        expect(attempts).toEqual([attempts[0], attempts[0]]);
      }
    });

    it.each(ways)('by %s with %s: opened again, its next closing is asked about', async (via, policy) => {
      const caseId = `${via}-${policy.length}-open`;
      const { work, attempts } = await workVia(via, policy, async () => {
        await notice(work, [closing(caseId, 30)]);
      });
      await notice(work, [closing(caseId, 0)]);
      await handOverDue(work, caseId);
      await notice(work, [reopening(caseId, 40), closing(caseId, 50)]);
      await handOverDue(work, caseId);
      expect((await surveysOf(caseId)).map(({ state }) => state).sort()).toEqual(['asked', 'cancelled']);
      expect(new Set(attempts).size).toBe(2);
    });
  },
  { stores: true },
);
