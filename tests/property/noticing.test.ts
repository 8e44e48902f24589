import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectorTypes } from '../../connectors/index.ts';
import { askInCase } from '../../jobs/ask-in-case.ts';
import { createInHand } from '../../jobs/in-hand.ts';
import { noticeCases } from '../../jobs/notice-cases.ts';
import { sendSurvey } from '../../jobs/send-survey.ts';
import type { Work } from '../../jobs/work.ts';
import { parseConfig } from '../../src/config.ts';
import type { CaseAsk, Connector, Receipt } from '../../src/connector.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { RetryableError } from '../../src/errors.ts';
import { createLinks } from '../../src/links.ts';
import { silentLog } from '../../src/log.ts';
import type { Queues } from '../../src/queue.ts';
import { registerConnector } from '../../src/store/connectors.ts';
import type { Database } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { readInstallation } from '../../src/store/settings.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { beat } from '../../src/store/workers.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { snapshotWith } from './domain-facts.ts';

/**
 * Whatever a CRM's pushes and pages do - repeat, overlap, overtake each other, arrive from several workers at once - the
 * store ends with one closure and one first decision per closing, and at most one mail or reply on the case per survey.
 */

const START = new Date('2026-11-10T08:00:00Z');
const CONNECTOR = 'zendesk-eu';
const at = (minutes: number): Date => new Date(START.getTime() + minutes * 60_000);

/** From these minutes on, relay and CRM take all they are handed, and say so. */
const LAST = 48 * 60;

let runs = 0;

/** A case's life as alternating closings and reopenings, some minutes apart; the CRM shows it after each. */
function lifeOf(caseId: string, email: string | null, gaps: readonly number[]): CaseSnapshot[] {
  let minutes = 0;
  let closedAt: Date | null = null;
  return gaps.map((gap, index) => {
    minutes += gap;
    const isClosing = index % 2 === 0;
    if (isClosing) closedAt = at(minutes);
    return snapshotWith({
      caseId,
      number: caseId,
      state: isClosing ? 'closed' : 'open',
      changedAt: at(minutes),
      closedAt,
      requester: { id: caseId, name: null, email, locale: null, timeZone: null, isStaff: false },
    });
  });
}

async function workAt(
  database: Database,
  minutes: number,
  { again, via }: { again: 'never' | 'each-closure'; via: 'mail' | 'case' | 'auto' },
  sent: string[],
  beforeFailing = async (): Promise<void> => undefined,
): Promise<Work> {
  const config = parseConfig(
    `server: { publicUrl: https://survey.acme.example, secret: "${'s'.repeat(40)}" }
mail: { from: support@acme.example }
connectors: { ${CONNECTOR}: { type: zendesk, baseUrl: "https://acme.zendesk.com", auth: { clientId: a, clientSecret: b } } }
surveys: { support: { metric: "2026-11", via: ${via} } }
policy: { again: ${again}, quietPeriod: 0m, delay: 5m }`,
    { file: 'caseloop.yaml', env: {}, types: connectorTypes },
  );
  const now = at(minutes);
  const isUnreliable = minutes < LAST;
  let attempts = 0;
  const failNowAndThen = async (): Promise<void> => {
    attempts += 1;
    if (!isUnreliable || attempts % 2 === 0) return;
    await beforeFailing();
    throw new RetryableError('not now, or the reply was lost');
  };
  const work: Work = {
    db: database.db,
    queues: { addMany: async () => undefined, add: async () => undefined } as unknown as Queues,
    connectors: new Map([[CONNECTOR, connectorThat(sent, failNowAndThen)]]),
    config,
    installation: await readInstallation(database.db),
    links: createLinks({ publicUrl: config.server.publicUrl, secrets: config.server.secrets }),
    mailer: {
      send: async (mail) => {
        await failNowAndThen();
        sent.push(mail.messageId);
      },
      check: async () => undefined,
      close: async () => undefined,
    },
    workerId: 'property',
    inHand: createInHand(),
    clock: { now: () => now },
    log: silentLog,
  };
  await beat(work.db, { id: work.workerId, role: 'worker', startedAt: now }, now);
  return work;
}

/** A CRM whose replies get lost now and then, and that is asked whether it has an ask already. */
function connectorThat(sent: string[], failNowAndThen: () => Promise<void>): Connector {
  const askInCase = async (asks: readonly CaseAsk[]): Promise<Receipt> => {
    for (const { mark, outcomeUnknown } of asks) if (!outcomeUnknown || !sent.includes(mark)) sent.push(mark);
    await failNowAndThen();
    return { outcomes: asks.map(({ key }) => ({ key, result: 'done', ref: null })) };
  };
  return { batchSize: 2, askInCase } as unknown as Connector;
}

const Life = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });

describeEngines('noticing', (engine) => {
  let open: OpenEngine;
  let database: Database;

  beforeAll(async () => {
    open = await engine.open();
    database = open.database;
    await migrate(database.db);
    await registerConnector(database.db, { name: CONNECTOR, type: 'zendesk', startedAt: START });
  });
  afterAll(() => open.close());

  test('any order, repetition and concurrency of snapshots leaves one closure and one first decision per closing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(Life, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('never' as const, 'each-closure' as const),
        fc.constantFrom('mail' as const, 'case' as const, 'auto' as const),
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 0, max: 60 }),
        async (lives, again, via, dice, lookAfterMinutes) => {
          runs += 1;
          const cases = lives.map((gaps, index) =>
            lifeOf(
              `${runs}-${index}`,
              via === 'auto' && index % 2 === 0 ? null : `person-${runs}-${index}@customer.example`,
              gaps,
            ),
          );
          const roll = (n: number): number => (dice.next().value ?? 0) % n;
          const deliveries = cases.flat().flatMap((one) => Array.from({ length: 1 + roll(3) }, () => one));
          deliveries.sort(() => roll(3) - 1);

          const sent: string[] = [];
          const connector = { name: CONNECTOR, startedAt: START };
          const half = Math.ceil(deliveries.length / 2);
          const meanwhile = deliveries.slice(half);
          const early: Work = await workAt(database, lookAfterMinutes, { again, via }, sent, async () => {
            await noticeCases(early, connector, meanwhile.splice(0), 'push');
          });
          const late = await workAt(database, 24 * 60, { again, via }, sent);
          const sendAllDue = async (work: Work): Promise<void> => {
            const surveys = await work.db.withSchema(SCHEMA).selectFrom('surveys').select('id').execute();
            const nudge = () => [
              ...surveys.map(({ id }) => sendSurvey(work, { surveyId: id })),
              askInCase(work, { connector: CONNECTOR }),
            ];
            // Every nudge comes twice, at once.
            const nudged = [...nudge(), ...nudge()];
            for (const { status, reason } of (await Promise.allSettled(nudged)) as PromiseRejectedResult[])
              if (status === 'rejected' && !(reason instanceof RetryableError)) throw reason;
          };
          await Promise.all([
            noticeCases(early, connector, deliveries.slice(0, half), 'push'),
            sendAllDue(early),
          ]);
          await sendAllDue(early);
          await Promise.all([
            noticeCases(early, connector, deliveries.slice(half), 'watch'),
            sendAllDue(early),
          ]);
          await sendAllDue(early);
          await noticeCases(late, connector, deliveries, 'watch');
          await sendAllDue(late);
          // What was lost is looked up later.
          const last = await workAt(database, LAST, { again, via }, sent);
          await sendAllDue(last);

          const s = database.db.withSchema(SCHEMA);
          for (const life of cases) {
            const caseId = life[0]?.caseId ?? '';
            const closings = new Set(
              life.filter((one) => one.state === 'closed').map((one) => one.closedAt?.getTime()),
            );
            const closures = await s
              .selectFrom('closures')
              .selectAll()
              .where('case_id', '=', caseId)
              .execute();
            expect(new Set(closures.map((row) => row.closed_at.getTime()))).toEqual(closings);
            expect(closures).toHaveLength(closings.size);
            expect(closures.map((row) => row.cycle).sort()).toEqual(closures.map((_, index) => index + 1));
            for (const closure of closures) {
              const first = await s
                .selectFrom('decisions')
                .select('id')
                .where('closure_id', '=', closure.id)
                .where('stage', '=', 'closing')
                .execute();
              expect(first).toHaveLength(1);
            }
            const surveys = await s.selectFrom('surveys').selectAll().where('case_id', '=', caseId).execute();
            expect(surveys.filter((row) => row.state === 'pending')).toEqual([]);
            const asked = surveys.filter((row) => row.state === 'asked');
            expect(asked.length).toBeLessThanOrEqual(again === 'never' ? 1 : closings.size);
            const stillClosed = life.at(-1)?.state === 'closed';
            if (stillClosed) expect(asked.length).toBeGreaterThanOrEqual(1);
            const { snapshot } = await s
              .selectFrom('cases')
              .select('snapshot')
              .where('case_id', '=', caseId)
              .executeTakeFirstOrThrow();
            expect((snapshot as { changedAt: string }).changedAt).toBe(life.at(-1)?.changedAt.toISOString());
          }
          expect(new Set(sent).size).toBe(sent.length);
          const twoWays = s
            .selectFrom('mails')
            .innerJoin('case_asks', 'case_asks.survey_id', 'mails.survey_id')
            .select('mails.id');
          expect(await twoWays.execute()).toEqual([]);
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);
});
