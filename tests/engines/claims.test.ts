import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Drain, drainLanes } from '../../jobs/drain.ts';
import { createHeartbeat } from '../../jobs/heartbeat.ts';
import { noticeCases } from '../../jobs/notice-cases.ts';
import { sendSurvey } from '../../jobs/send-survey.ts';
import { sweep } from '../../jobs/sweep.ts';
import type { Work } from '../../jobs/work.ts';
import type { Connector, Receipt } from '../../src/connector.ts';
import { RetryableError } from '../../src/errors.ts';
import type { Mail } from '../../src/mail/compose.ts';
import type { Queues } from '../../src/queue.ts';
import { recordAnswer } from '../../src/store/answers.ts';
import { registerConnector } from '../../src/store/connectors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { recordTaps } from '../../src/store/taps.ts';
import { beat, buryWorkers, takeLease } from '../../src/store/workers.ts';
import { snapshotWith } from '../property/domain-facts.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { createMovableClock } from '../support/movable-clock.ts';
import { CONNECTOR, storeWork } from '../support/store-work.ts';

const HOUR_MS = 3_600_000;

describeEngines('claims', (engine) => {
  let open: OpenEngine;
  const clock = createMovableClock();
  let number = 0;
  const store = () => open.database.db.withSchema(SCHEMA);

  beforeAll(async () => {
    open = await engine.open();
    await migrate(open.database.db);
    await registerConnector(open.database.db, { name: CONNECTOR, type: 'zendesk', startedAt: new Date(0) });
  });
  beforeEach(async () => {
    await store().deleteFrom('closures').execute();
    await store().deleteFrom('workers').execute();
  });
  afterAll(() => open.close());

  /** A worker; `rings` are the jobs it added. */
  async function worker(
    workerId: string,
    send: (mail: Mail) => Promise<void> = async () => undefined,
  ): Promise<{ work: Work; rings: string[] }> {
    const rings: string[] = [];
    const queues = {
      add: async (name: string) => void rings.push(name),
      addMany: async () => undefined,
    } as unknown as Queues;
    return { work: { ...(await storeWork(open.database, { workerId, clock, send })), queues }, rings };
  }

  /** A case that closes; gives its survey. */
  async function closeCase(work: Work): Promise<string> {
    number += 1;
    const name = `customer-${number}-${engine.name}`;
    const snapshot = snapshotWith({
      caseId: name,
      changedAt: clock.now(),
      closedAt: clock.now(),
      requester: {
        id: name,
        name,
        email: `${name}@customer.example`,
        locale: null,
        timeZone: null,
        isStaff: false,
      },
    });
    await noticeCases(work, { name: CONNECTOR, startedAt: new Date(0) }, [snapshot], 'push');
    const survey = await store()
      .selectFrom('surveys')
      .select('id')
      .where('case_id', '=', name)
      .executeTakeFirstOrThrow();
    return survey.id;
  }

  const answerLow = (work: Work, surveyId: string) =>
    recordAnswer(
      open.database.db,
      { surveyId, score: 1, comment: null, reasons: [], source: 'form', at: clock.now() },
      {
        installationId: 'here',
        calendar: work.config.calendar,
        followUpDueIn: work.config.followUp.dueIn,
        followUpAction: 'task',
        gatherMs: 0,
      },
    );

  const mailOf = (surveyId: string) =>
    store().selectFrom('mails').selectAll().where('survey_id', '=', surveyId).executeTakeFirstOrThrow();

  test('are taken over from a worker whose beat stands still, whatever the clocks say', async () => {
    const { work, rings } = await worker('watcher');
    const beatOnce = createHeartbeat(work, { role: 'worker', startedAt: clock.now() });
    const other = (at: Date) =>
      beat(open.database.db, { id: 'other', role: 'worker', startedAt: clock.now() }, at);
    const living = async () =>
      (await store().selectFrom('workers').select('id').orderBy('id').execute()).map(({ id }) => id);
    // Hours behind and ahead, and alive.
    for (const offsetMs of [-3 * HOUR_MS, 3 * HOUR_MS, -3 * HOUR_MS, 3 * HOUR_MS, 0]) {
      await other(new Date(clock.now().getTime() + offsetMs));
      await beatOnce();
    }
    expect(await living()).toEqual(['other', 'watcher']);
    await takeLease(open.database.db, {
      name: `of ${engine.name}`,
      holder: 'other',
      now: clock.now(),
      forMs: HOUR_MS,
    });
    await beatOnce();
    await beatOnce();
    expect(await living()).toEqual(['other', 'watcher']);
    await beatOnce();
    expect(await living()).toEqual(['watcher']);
    expect(await store().selectFrom('leases').selectAll().execute()).toEqual([]);
    expect(rings).toEqual(['sweep']);
  });

  test('that no job works on any more are given up at the second look', async () => {
    const { work } = await worker('forgetful');
    const beatOnce = createHeartbeat(work, { role: 'worker', startedAt: clock.now() });
    const surveyId = await closeCase(work);
    await store()
      .updateTable('mails')
      .set({ state: 'sending', claimed_by: 'forgetful', claimed_at: clock.now() })
      .execute();
    const { id } = await mailOf(surveyId);
    await work.inHand.during([id], async () => {
      await beatOnce();
      await beatOnce();
      await beatOnce();
      await sweep(work);
      expect(await mailOf(surveyId)).toMatchObject({ state: 'sending', claimed_by: 'forgetful' });
    });
    await beatOnce();
    await sweep(work);
    expect((await mailOf(surveyId)).state).toBe('sending');
    await beatOnce();
    await sweep(work);
    expect(await mailOf(surveyId)).toMatchObject({ state: 'due', claimed_by: null });
  });

  test('of a mail that the relay took while the store was away end as sent', async () => {
    const sent: string[] = [];
    const { work } = await worker('patient', async ({ messageId }) => {
      sent.push(messageId);
      await open.database.db.schema.withSchema(SCHEMA).alterTable('mails').renameTo('mails_away').execute();
    });
    const surveyId = await closeCase(work);
    await expect(sendSurvey(work, { surveyId })).rejects.toThrow();
    await open.database.db.schema.withSchema(SCHEMA).alterTable('mails_away').renameTo('mails').execute();
    expect((await mailOf(surveyId)).state).toBe('sending');
    await createHeartbeat(work, { role: 'worker', startedAt: clock.now() })();
    expect(await mailOf(surveyId)).toMatchObject({ state: 'sent', claimed_by: null });
    expect(sent).toHaveLength(1);
  });

  test('of a mail whose links were followed are settled as sent, not sent again', async () => {
    const { work } = await worker('dead');
    const [read, unread] = [await closeCase(work), await closeCase(work)];
    await store()
      .updateTable('mails')
      .set({ state: 'sending', claimed_by: 'dead', claimed_at: clock.now() })
      .execute();
    await recordTaps(open.database.db, [
      {
        surveyId: read,
        at: clock.now(),
        kind: 'page',
        method: 'HEAD',
        score: null,
        agent: 'a scanner: it, too, has the mail',
        caller: 'somewhere',
        facts: { prefetched: false, scanner: true, bare: false },
      },
    ]);
    await buryWorkers(open.database.db, ['dead']);
    await sweep((await worker('heir')).work);
    expect((await mailOf(read)).state).toBe('sent');
    expect((await mailOf(unread)).state).toBe('due');
    const surveys = await store().selectFrom('surveys').select(['id', 'state']).execute();
    expect(surveys.find(({ id }) => id === read)?.state).toBe('asked');
  });

  test('that others took over while the worker hung are left to them', async () => {
    const { work } = await worker('sleeper');
    const surveyId = await closeCase(work);
    await answerLow(work, surveyId);
    const followUp = () => store().selectFrom('follow_ups').selectAll().executeTakeFirstOrThrow();
    const drainWith = (send: () => Promise<Receipt>): Promise<void> => {
      const drain: Drain = {
        lane: 'follow-up',
        send: async () => {
          await store().updateTable('follow_ups').set({ claimed_by: 'other' }).execute();
          return send();
        },
        done: async () => expect.fail('recorded a row of another worker'),
        locked: async () => expect.fail('recorded a row of another worker'),
      };
      const connectors = new Map([[CONNECTOR, { batchSize: 10 } as Connector]]);
      return drainLanes({ ...work, connectors }, CONNECTOR, [drain]);
    };
    await drainWith(async () => {
      throw new RetryableError('nothing came back');
    });
    expect(await followUp()).toMatchObject({ state: 'due', claimed_by: 'other', last_error: null });
    await store().updateTable('follow_ups').set({ claimed_by: null }).execute();
    const { id } = await followUp();
    await drainWith(async () => ({ outcomes: [{ key: id, result: 'done', ref: null }] }));
    expect(await followUp()).toMatchObject({ state: 'due', claimed_by: 'other' });
  });

  test('on rows that the CRM had no time for are given back as if they had never been tried', async () => {
    const { work } = await worker('busy');
    for (const surveyId of [await closeCase(work), await closeCase(work), await closeCase(work)]) {
      await answerLow(work, surveyId);
    }
    const limit = new RetryableError('that is enough for now', { scope: 'account' });
    let done = '';
    const drain: Drain = {
      lane: 'follow-up',
      send: async (_work, _connector, ids) => {
        await store()
          .updateTable('follow_ups')
          .set({ outcome_unknown: true })
          .where('id', 'in', ids)
          .execute();
        done = ids[0] ?? '';
        return { outcomes: [{ key: done, result: 'done', ref: null }], stopped: limit };
      },
      done: async (_work, id) => {
        await store()
          .updateTable('follow_ups')
          .set({ state: 'made', claimed_by: null })
          .where('id', '=', id)
          .execute();
      },
      locked: async () => expect.fail('nothing is locked'),
    };
    clock.advance(HOUR_MS);
    const connectors = new Map([[CONNECTOR, { batchSize: 10 } as Connector]]);
    await expect(drainLanes({ ...work, connectors }, CONNECTOR, [drain])).rejects.toBe(limit);
    const rows = await store().selectFrom('follow_ups').selectAll().execute();
    expect(rows).toHaveLength(3);
    for (const row of rows.filter(({ id }) => id !== done)) {
      expect(row).toMatchObject({ state: 'due', claimed_by: null, attempts: 0, outcome_unknown: false });
      expect(row.next_attempt_at.getTime()).toBeLessThanOrEqual(clock.now().getTime());
    }
  });

  test('on what a CRM may still be making are free at once, and looked up later', async () => {
    const { work } = await worker('heir');
    await answerLow(work, await closeCase(work));
    await store()
      .updateTable('follow_ups')
      .set({ claimed_by: 'dead', claimed_at: clock.now(), outcome_unknown: true })
      .execute();
    const before = clock.now();
    await sweep(work);
    const row = await store().selectFrom('follow_ups').selectAll().executeTakeFirstOrThrow();
    expect(row.claimed_by).toBeNull();
    expect(row.next_attempt_at.getTime()).toBeGreaterThanOrEqual(before.getTime() + 15_000);
  });

  test('and waits of a clock that has been set back since are over', async () => {
    const { work } = await worker('early');
    clock.advance(3 * HOUR_MS);
    const surveyId = await closeCase(work);
    await answerLow(work, surveyId);
    await takeLease(open.database.db, {
      name: `left by ${engine.name}`,
      holder: 'dead',
      now: clock.now(),
      forMs: 60_000,
    });
    clock.advance(-3 * HOUR_MS);
    await sweep(work);
    const now = clock.now();
    for (const table of ['mails', 'write_backs', 'follow_ups'] as const) {
      const row = await store().selectFrom(table).select('next_attempt_at').executeTakeFirstOrThrow();
      expect(row.next_attempt_at.getTime(), table).toBeLessThanOrEqual(now.getTime());
    }
    const lease = { name: `left by ${engine.name}`, holder: 'early', now, forMs: 60_000 };
    expect(await takeLease(open.database.db, lease)).toBe(true);
  });
});
