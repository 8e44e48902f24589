import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { deliverWebhooks } from '../../jobs/deliver-webhooks.ts';
import { noticeCases } from '../../jobs/notice-cases.ts';
import { sweep } from '../../jobs/sweep.ts';
import type { Work } from '../../jobs/work.ts';
import { RetryableError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import type { Queues } from '../../src/queue.ts';
import { type AnswerInput, recordAnswer } from '../../src/store/answers.ts';
import { registerConnector } from '../../src/store/connectors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { claimDueEvents } from '../../src/store/webhook-events.ts';
import { enableWebhooks, readWebhookHealth } from '../../src/store/webhooks.ts';
import { findingsOnWebhook } from '../../src/webhook-findings.ts';
import { snapshotWith } from '../property/domain-facts.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { createMovableClock } from '../support/movable-clock.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { CONNECTOR, storeWork } from '../support/store-work.ts';

const KEYS = [Buffer.alloc(32, 'new'), Buffer.alloc(32, 'old')] as const;
const SECRETS = KEYS.map((key) => `whsec_${key.toString('base64')}`);
const HOUR_MS = 3_600_000;

describeEngines(
  'webhooks',
  (engine) => {
    let open: OpenEngine;
    let receiver: Receiver;
    let work: Work;
    let number = 0;
    const rings: { name: string; delayMs: number }[] = [];
    const logged: string[] = [];
    const clock = createMovableClock();
    const store = () => open.database.db.withSchema(SCHEMA);
    const deliver = (webhook = 'all') => deliverWebhooks(work, { webhook });

    beforeAll(async () => {
      open = await engine.open();
      receiver = await startReceiver();
      await migrate(open.database.db);
      await registerConnector(open.database.db, { name: CONNECTOR, type: 'zendesk', startedAt: new Date(0) });
      const made = await storeWork(open.database, {
        workerId: 'here',
        clock,
        send: async () => undefined,
        more: `webhooks:
  all: { url: "${receiver.url}", secret: ["${SECRETS.join('", "')}"] }
  news: { url: "${receiver.url}", secret: "${SECRETS[0]}", events: [answer.created], comments: false }`,
      });
      const queues = {
        add: async (name: string, _payload: unknown, { delayMs = 0 } = {}) =>
          void rings.push({ name, delayMs }),
        addMany: async () => undefined,
      } as unknown as Queues;
      const log = createLog({
        level: 'info',
        clock,
        destination: { write: (line) => void logged.push(line) },
      });
      work = { ...made, queues, log };
    });
    beforeEach(async () => {
      await store().deleteFrom('closures').execute();
      await enableWebhooks(open.database.db);
      receiver.received.length = 0;
      receiver.answer = (_request, response) => response.writeHead(204).end();
      rings.length = 0;
      logged.length = 0;
    });
    afterAll(async () => {
      await receiver.close();
      await open.close();
    });

    /** A case that is closed and asked about; gives its survey. */
    async function askSomeone(): Promise<string> {
      number += 1;
      const caseId = `${number}`;
      const email = `customer-${number}@elsewhere.example`;
      const snapshot = snapshotWith({
        caseId,
        number: `4711-${number}`,
        changedAt: clock.now(),
        closedAt: clock.now(),
        requester: { id: caseId, name: 'Ada Example', email, locale: null, timeZone: null, isStaff: false },
      });
      await noticeCases(work, { name: CONNECTOR, startedAt: new Date(0) }, [snapshot], 'push');
      const survey = store().selectFrom('surveys').select('id').where('case_id', '=', caseId);
      return (await survey.executeTakeFirstOrThrow()).id;
    }

    const answer = (surveyId: string, score: number, more: Partial<AnswerInput> = {}) =>
      recordAnswer(
        open.database.db,
        { surveyId, score, comment: null, reasons: [], source: 'form', at: clock.now(), ...more },
        {
          installationId: 'here',
          calendar: work.config.calendar,
          followUpDueIn: work.config.followUp.dueIn,
          gatherMs: 0,
          webhooks: [...work.config.webhooks.values()],
        },
      );

    const ids = () => receiver.received.map(({ headers }) => headers['webhook-id']);
    const states = async (webhook = 'all') =>
      (
        await store().selectFrom('webhook_events').select('state').where('webhook', '=', webhook).execute()
      ).map(({ state }) => state);

    test('tell each version of an answer to those who listen, signed by every secret, without an address', async () => {
      const surveyId = await askSomeone();
      await answer(surveyId, 2, { comment: 'Too slow\n“really”', reasons: ['wait'] });
      await answer(surveyId, 2, { comment: 'Too slow\n“really”', reasons: ['wait'] });
      await deliver();
      await deliver('news');
      await answer(surveyId, 5);
      await deliver();
      await deliver('news');

      const [created, short, changed, ...more] = receiver.received;
      expect(more).toEqual([]);
      for (const secret of SECRETS) {
        const headers = (created?.headers ?? {}) as Record<string, string>;
        expect(new Webhook(secret).verify(created?.body ?? '', headers)).toMatchObject({
          type: 'answer.created',
          timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
          data: {
            format: 1,
            connector: CONNECTOR,
            case: { id: `${number}`, number: `4711-${number}`, url: expect.stringContaining('http') },
            closure: { cycle: 1 },
            survey: 'support',
            metric: '2026-11',
            ...{ kind: 'csat', scale: '1-5', version: 1, score: 2, level: 'low', satisfied: false },
            ...{ followUp: true, reasons: ['wait'], comment: 'Too slow\n“really”' },
          },
        });
      }
      // Not by the library's own means.
      const {
        'webhook-id': id,
        'webhook-timestamp': at,
        'webhook-signature': signatures,
      } = created?.headers ?? {};
      expect(signatures).toBe(
        KEYS.map((key) => createHmac('sha256', key).update(`${id}.${at}.${created?.body}`).digest('base64'))
          .map((signature) => `v1,${signature}`)
          .join(' '),
      );
      expect(JSON.parse(short?.body ?? '').data).not.toHaveProperty('comment');
      expect(JSON.parse(changed?.body ?? '')).toMatchObject({
        type: 'answer.changed',
        data: { version: 2, score: 5, level: 'high', followUp: false, comment: null },
      });
      expect(new Set(ids()).size).toBe(3);
      expect(JSON.stringify([receiver.received, logged])).not.toMatch(/elsewhere|Ada/);
    });

    test('try a refused event again under the same id, later each time, and give up after three days', async () => {
      await answer(await askSomeone(), 4);
      receiver.answer = (_request, response) =>
        response.writeHead(302, { location: `${receiver.url}/else` }).end('secret words of the receiver');
      await deliver();
      expect(rings).toEqual([{ name: 'deliver-webhooks', delayMs: 5_000 }]);
      const waits = [5_000, 30_000, 120_000, 600_000, 1_800_000, HOUR_MS, HOUR_MS];
      for (const [nth, wait] of waits.entries()) {
        clock.advance(wait - 1_000);
        await deliver();
        expect(receiver.received).toHaveLength(nth + 1);
        clock.advance(1_000);
        await deliver();
        expect(receiver.received).toHaveLength(nth + 2);
      }
      expect(new Set(ids()).size).toBe(1);
      expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
      expect(await findingsOnWebhook(webhook(), await health())).toContainEqual(
        expect.objectContaining({
          level: 'warning',
          detail: 'events waiting: 1; last time the endpoint answered 302, a redirect',
        }),
      );
      expect(logged.join('')).not.toContain('secret words');

      clock.advance(72 * HOUR_MS);
      await sweep(work);
      await deliver();
      expect(receiver.received).toHaveLength(waits.length + 2);
      expect(await states()).toEqual(['failed']);
      expect(logged.join('')).toContain('webhook events given up');
      expect((await health()).givenUp).toBe(1);
    });

    test('leave a receiver alone that is gone, until the next start', async () => {
      for (let nth = 0; nth < 9; nth += 1) await answer(await askSomeone(), 4);
      receiver.answer = (_request, response) => response.writeHead(410).end();
      await deliver();
      const tried = receiver.received.length;
      expect(tried).toBeLessThan(9);
      clock.advance(2 * HOUR_MS);
      rings.length = 0;
      await sweep(work);
      await deliver();
      expect(rings.filter(({ name }) => name === 'deliver-webhooks')).toHaveLength(1); // for `news`
      expect(receiver.received).toHaveLength(tried);
      expect(logged.filter((line) => line.includes('webhook disabled'))).toHaveLength(1);
      expect(await findingsOnWebhook(webhook(), await health())).toContainEqual(
        expect.objectContaining({
          level: 'error',
          detail: expect.stringMatching(/^disabled since .*410; events waiting: 9$/),
        }),
      );

      receiver.answer = (_request, response) => response.writeHead(200).end();
      receiver.received.length = 0;
      await enableWebhooks(open.database.db);
      await deliver();
      expect(await states()).toEqual(Array(9).fill('delivered'));
      expect(receiver.received).toHaveLength(9);
    });

    test('wait as long as a busy receiver asks, at most an hour, and hold their own queue', async () => {
      await answer(await askSomeone(), 4);
      for (const [asked, waitMs] of [
        ['90', 90_000],
        [new Date(clock.now().getTime() + 400 * HOUR_MS).toUTCString(), HOUR_MS],
      ] as const) {
        receiver.answer = (_request, response) => response.writeHead(429, { 'retry-after': asked }).end();
        const error = await deliver().catch((one: unknown) => one);
        expect(error).toBeInstanceOf(RetryableError);
        expect(error).toMatchObject({ scope: 'account', retryAfterMs: waitMs });
        const before = receiver.received.length;
        clock.advance(waitMs - 2_000);
        await deliver();
        expect(receiver.received).toHaveLength(before);
        clock.advance(2_000);
      }
    });

    test('reach the receiver at least once and under one id, whatever fails and whoever dies', async () => {
      const mishap = fc.constantFrom('taken', 'refused', 'cut off', 'died before', 'died after');
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(mishap, { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
          async (fates) => {
            await store().deleteFrom('closures').execute();
            receiver.received.length = 0;
            const taken: string[] = [];
            const left = fates.flatMap((fate) => [...fate]);
            receiver.answer = ({ headers }, response) => {
              const fate = left.shift() ?? 'taken';
              if (fate === 'refused') return response.writeHead(500).end();
              if (fate === 'cut off' || fate === 'died before') return response.destroy();
              taken.push(String(headers['webhook-id']));
              return fate === 'taken' ? response.writeHead(204).end() : response.destroy();
            };
            for (const _ of fates) await answer(await askSomeone(), 3);
            for (let round = 0; round < 14; round += 1) {
              clock.advance(HOUR_MS);
              // Another worker takes some and dies with them.
              if (round < 2) {
                const claim = { webhook: 'all', workerId: 'dead', now: clock.now(), limit: 1 };
                await claimDueEvents(open.database.db, claim);
              }
              await deliver();
              await sweep(work);
            }
            expect(await states()).toEqual(fates.map(() => 'delivered'));
            expect(new Set(taken).size).toBe(fates.length);
          },
        ),
        { numRuns: 5 },
      );
    });

    const webhook = () => {
      const found = work.config.webhooks.get('all');
      if (found === undefined) throw new Error('no webhook in the config');
      return found;
    };
    const health = () => readWebhookHealth(open.database.db, 'all');
  },
  { stores: true },
);
