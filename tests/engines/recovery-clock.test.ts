import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { alertLeads } from '../../jobs/alert-leads.ts';
import { lookAfter } from '../../jobs/look-after.ts';
import { noticeCases } from '../../jobs/notice-cases.ts';
import { sweep } from '../../jobs/sweep.ts';
import type { Work } from '../../jobs/work.ts';
import type { Connector, RecoveryLook, RecoveryState } from '../../src/connector.ts';
import { RetryableError } from '../../src/errors.ts';
import type { Mail } from '../../src/mail/compose.ts';
import { UnknownOutcomeError } from '../../src/mail/delivery-error.ts';
import type { Queues } from '../../src/queue.ts';
import { markRecoveredByHand } from '../../src/store/clocks.ts';
import { registerConnector } from '../../src/store/connectors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { buryWorkers } from '../../src/store/workers.ts';
import { snapshotWith } from '../property/domain-facts.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { closeAndAsk, score } from '../support/low-scores.ts';
import { startReceiver } from '../support/receiver.ts';
import { CONNECTOR, storeWork } from '../support/store-work.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The Friday evening before a weekend on which clocks change, and a Monday that is a holiday. */
const FRIDAY = new Date('2026-10-23T17:55:00+02:00');

const MORE = `
calendar: { zone: Europe/Berlin, hours: { mon-fri: "09:00-18:00" }, holidays: [2026-10-26] }
webhooks:
  all:
    url: https://hooks.acme.example
    secret: "whsec_${Buffer.alloc(32, 'key').toString('base64')}"
    events: [follow-up.opened, follow-up.overdue, follow-up.recovered]
followUp:
  dueIn: 8 business hours
  lead: { default: lead@acme.example, Billing: { mail: sam@acme.example, name: Sam } }
  notify: [watcher@acme.example]
  escalate: [head@acme.example, lead@acme.example]
`;

describeEngines(
  'the recovery clock',
  (engine) => {
    let open: OpenEngine;
    const clock = { at: FRIDAY, now: () => clock.at };
    const pass = (ms: number): void => {
      clock.at = new Date(clock.at.getTime() + ms);
    };
    const store = () => open.database.db.withSchema(SCHEMA);
    let mails: Mail[] = [];
    let rings: string[] = [];
    let answers: (looks: readonly RecoveryLook[]) => readonly RecoveryState[] = () => [];
    let asked: (readonly RecoveryLook[])[] = [];

    beforeAll(async () => {
      open = await engine.open();
      await migrate(open.database.db);
      await registerConnector(open.database.db, { name: CONNECTOR, type: 'zendesk', startedAt: new Date(0) });
    });
    beforeEach(async () => {
      for (const table of ['alert_messages', 'closures', 'workers', 'audit'] as const)
        await store().deleteFrom(table).execute();
      clock.at = FRIDAY;
      [mails, rings, asked] = [[], [], []];
      answers = (looks) => looks.map(({ key }) => ({ key, repliedAt: null, taskDoneAt: null }));
    });
    afterAll(() => open.close());

    async function worker(
      workerId = 'here',
      send: (mail: Mail) => Promise<void> = async (mail) => void mails.push(mail),
      batchSize = 100,
      more = MORE,
    ): Promise<Work> {
      const connector = {
        batchSize,
        async lookAfter(looks: readonly RecoveryLook[]) {
          asked.push(looks);
          return answers(looks);
        },
      } as unknown as Connector;
      const queues = {
        add: async (name: string) => void rings.push(name),
        addMany: async (list: readonly { name: string }[]) =>
          void rings.push(...list.map(({ name }) => name)),
      } as unknown as Queues;
      const work = await storeWork(open.database, { workerId, clock, send, more });
      return { ...work, queues, connectors: new Map([[CONNECTOR, connector]]) };
    }

    const clockOf = (closureId: string) =>
      store()
        .selectFrom('follow_ups')
        .selectAll()
        .where('closure_id', '=', closureId)
        .where('is_clock', '=', true)
        .executeTakeFirstOrThrow();
    const events = async () =>
      (await store().selectFrom('webhook_events').select('event').orderBy('created_at').execute()).map(
        ({ event }) => event,
      );
    const to = (address: string): Mail[] => mails.filter(({ envelope }) => envelope.to === address);
    const textOf = async (mail: Mail | undefined): Promise<string> => {
      const { subject, text } = await simpleParser(mail?.raw ?? '');
      return `${subject}\n${text}`;
    };

    test('a low score on a Friday before a holiday is due when the calendar says, and escalates once', async () => {
      const work = await worker();
      const { surveyId, closureId } = await closeAndAsk(work, {
        team: { id: '7', name: 'billing' },
        assignee: { id: '9', name: 'Maya' },
      });
      await score(work, surveyId, 1, 'Nobody called back');
      await alertLeads(work);
      expect(mails).toEqual([]);
      pass(11_000);
      await alertLeads(work);
      expect(mails).toHaveLength(2);
      expect(to('watcher@acme.example')).toHaveLength(1);
      const text = await textOf(to('sam@acme.example')[0]);
      expect(text).toContain('The customer should hear back by Tue, 27 Oct 2026, 16:55 (Europe/Berlin).');
      expect(text).toContain('> Nobody called back');
      expect(text).toContain('Owner: Maya. Team: billing.');
      const due = new Date('2026-10-27T16:55:00+01:00');
      expect(await clockOf(closureId)).toMatchObject({ due_at: due, low_since: FRIDAY, escalated_at: null });

      clock.at = new Date(due.getTime() - 1);
      await sweep(work);
      await alertLeads(work);
      expect(mails).toHaveLength(2);
      clock.at = due;
      rings = [];
      await sweep(work);
      await alertLeads(work);
      // The CRM is asked first: the answer may be there.
      expect(rings).toContain('look-after');
      expect(mails).toHaveLength(2);
      rings = [];
      await lookAfter(work, { connector: CONNECTOR });
      expect(rings).toEqual(['alert-leads']);
      rings = [];
      await sweep(work);
      expect(rings).toContain('alert-leads');
      await Promise.all([alertLeads(work), alertLeads(await worker('other'))]);
      await alertLeads(work);
      expect(mails.slice(2).map(({ envelope }) => envelope.to)).toEqual(
        expect.arrayContaining([
          ...['sam@acme.example', 'watcher@acme.example', 'head@acme.example', 'lead@acme.example'],
        ]),
      );
      expect(mails).toHaveLength(6);
      expect(await textOf(to('head@acme.example')[0])).toContain(
        'Overdue: nobody has answered the low score',
      );
      expect(await clockOf(closureId)).toMatchObject({ escalated_at: due });
      expect(await events()).toEqual(['follow-up.opened', 'follow-up.overdue']);
    });

    test('where the CRM cannot be asked, it escalates a quarter of an hour later', async () => {
      const work = await worker();
      const { surveyId, closureId } = await closeAndAsk(work);
      await score(work, surveyId, 1);
      pass(11_000);
      await alertLeads(work);
      answers = () => {
        throw new RetryableError('the CRM is away');
      };
      const { due_at } = await clockOf(closureId);
      for (const [minutes, count] of [
        [14, 2],
        [15, 4],
      ] as const) {
        clock.at = new Date(due_at.getTime() + minutes * MINUTE_MS);
        await lookAfter(work, { connector: CONNECTOR }).catch(() => undefined);
        await alertLeads(work);
        expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(count === 2 ? 2 : 5);
      }
    });

    describe('what the CRM shows', () => {
      test('an answer ends the clock; what was said before the score, or by a cancelled task, does not', async () => {
        const work = await worker();
        const late = await closeAndAsk(work);
        const done = await closeAndAsk(work);
        const open = await closeAndAsk(work);
        for (const { surveyId } of [late, done, open]) await score(work, surveyId, 2);
        await store().updateTable('follow_ups').set({ state: 'made', ref_id: 'T1' }).execute();
        pass(HOUR_MS);
        const replied = new Date(FRIDAY.getTime() + 30 * MINUTE_MS);
        answers = (looks) =>
          looks.map(({ key, caseId, taskId }) => {
            expect(taskId).toBe('T1');
            return {
              key,
              repliedAt: caseId === late.caseId ? replied : new Date(FRIDAY.getTime() - MINUTE_MS),
              taskDoneAt: caseId === done.caseId ? clock.now() : null,
            };
          });
        await lookAfter(work, { connector: CONNECTOR });
        await lookAfter(work, { connector: CONNECTOR });
        expect(await clockOf(late.closureId)).toMatchObject({ recovered_at: replied, recovered_by: 'reply' });
        expect(await clockOf(done.closureId)).toMatchObject({
          recovered_at: clock.at,
          recovered_by: 'task',
        });
        expect(await clockOf(open.closureId)).toMatchObject({ recovered_at: null, looked_at: clock.at });
        expect(await events()).toEqual(['follow-up.recovered', 'follow-up.recovered']);
        clock.at = new Date('2026-11-30T12:00:00Z');
        await lookAfter(work, { connector: CONNECTOR });
        await alertLeads(work);
        expect((await clockOf(late.closureId)).escalated_at).toBeNull();
        expect((await clockOf(open.closureId)).escalated_at).toEqual(clock.at);
      });

      test('is asked for in bounded batches, the longest wait first, and at once where a case changed', async () => {
        const work = await worker('here', undefined, 2);
        const cases = [];
        for (let n = 0; n < 13; n += 1) cases.push(await closeAndAsk(work));
        for (const { surveyId } of cases) {
          pass(1_000);
          await score(work, surveyId, 1);
        }
        pass(MINUTE_MS);
        await lookAfter(work, { connector: CONNECTOR });
        const order = cases.map(({ caseId }) => caseId);
        const seen = () => asked.flat().map(({ caseId }) => caseId);
        expect(seen()).toEqual(order.slice(0, 4));
        for (let runs = 0; runs < 3; runs += 1) {
          pass(MINUTE_MS);
          await lookAfter(work, { connector: CONNECTOR });
        }
        expect(seen().slice(4, 13)).toEqual(order.slice(4));
        // Weeks after they were due, clocks are looked at once a day, but for those whose case or task changed.
        clock.at = new Date('2026-12-24T12:00:00Z');
        for (let runs = 0; runs < 4; runs += 1) await lookAfter(work, { connector: CONNECTOR });
        asked = [];
        pass(MINUTE_MS);
        await store()
          .updateTable('follow_ups')
          .set({ ref_id: 'task-5' })
          .where('closure_id', '=', cases[5]?.closureId ?? '')
          .execute();
        rings = [];
        const changed = [
          snapshotWith({ caseId: order[3] ?? '', state: 'open', changedAt: clock.now() }),
          snapshotWith({ caseId: 'task-5', state: 'closed', changedAt: clock.now() }),
        ];
        await noticeCases(work, { name: CONNECTOR, startedAt: new Date(0) }, changed, 'push');
        expect(rings).toContain('look-after');
        await lookAfter(work, { connector: CONNECTOR });
        expect(seen().toSorted()).toEqual([order[3], order[5]]);
      });
    });

    test('a changed score stops it, starts it anew, or lets it run', async () => {
      const work = await worker();
      const { surveyId, closureId } = await closeAndAsk(work);
      await score(work, surveyId, 1);
      const { due_at } = await clockOf(closureId);
      pass(5_000);
      await score(work, surveyId, 2);
      expect(await clockOf(closureId)).toMatchObject({
        low_since: FRIDAY,
        due_at,
        starts: 1,
        stopped_at: null,
      });
      pass(1_000);
      await score(work, surveyId, 5);
      expect(await clockOf(closureId)).toMatchObject({
        stopped_at: clock.at,
        tell_at: null,
        state: 'cancelled',
      });
      pass(MINUTE_MS);
      await alertLeads(work);
      await lookAfter(work, { connector: CONNECTOR });
      expect([mails, asked]).toEqual([[], []]);

      clock.at = new Date('2026-10-27T12:00:00+01:00');
      await score(work, surveyId, 1);
      expect(await clockOf(closureId)).toMatchObject({
        ...{ low_since: clock.at, starts: 2, stopped_at: null, state: 'due' },
        due_at: new Date('2026-10-28T11:00:00+01:00'),
      });
      pass(HOUR_MS);
      answers = (looks) => looks.map(({ key }) => ({ key, repliedAt: clock.now(), taskDoneAt: null }));
      await lookAfter(work, { connector: CONNECTOR });
      expect(await clockOf(closureId)).toMatchObject({ recovered_by: 'reply' });
      await score(work, surveyId, 4);
      expect(await clockOf(closureId)).toMatchObject({ recovered_by: 'reply', stopped_at: null });
      // A customer who was answered and then gives a low score waits for another answer.
      pass(HOUR_MS);
      await score(work, surveyId, 2, 'Still broken');
      expect(await clockOf(closureId)).toMatchObject({ recovered_at: null, recovered_by: null, starts: 3 });
      pass(11_000);
      await alertLeads(work);
      expect(to('lead@acme.example')).toHaveLength(1);
    });

    test('a person can say that the customer was answered, once, and it stands in the audit', async () => {
      const work = await worker();
      const { surveyId, closureId } = await closeAndAsk(work);
      await score(work, surveyId, 1);
      const webhooks = [...work.config.webhooks.values()];
      const mark = { closureId, actor: 'sam', at: clock.at };
      expect(await markRecoveredByHand(work.db, mark, webhooks)).toBe(true);
      expect(await markRecoveredByHand(work.db, mark, webhooks)).toBe(false);
      expect(await clockOf(closureId)).toMatchObject({ recovered_at: clock.at, recovered_by: 'by-hand' });
      expect(await store().selectFrom('audit').select(['actor', 'what']).execute()).toEqual([
        { actor: 'sam', what: 'recovered by hand' },
      ]);
    });

    test('a storm of low scores makes one message a minute and receiver, and says how many more there are', async () => {
      const work = await worker();
      const surveys = [];
      for (let n = 0; n < 16; n += 1) surveys.push((await closeAndAsk(work)).surveyId);
      for (const surveyId of surveys.slice(0, 13)) await score(work, surveyId, 1);
      pass(11_000);
      for (let runs = 0; runs < 3; runs += 1) await alertLeads(work);
      for (const surveyId of surveys.slice(13)) await score(work, surveyId, 1);
      pass(30_000);
      for (let runs = 0; runs < 3; runs += 1) await alertLeads(work);
      expect(mails).toHaveLength(2);
      expect(await textOf(mails[0])).toContain('13 low scores');
      expect(await textOf(mails[0])).toContain('And 3 more');
      pass(30_000);
      for (let runs = 0; runs < 3; runs += 1) await alertLeads(work);
      expect(to('lead@acme.example')).toHaveLength(2);
      expect(await textOf(to('lead@acme.example')[1])).toContain('3 low scores');
    });

    test('what was answered while it waited to be told is not told', async () => {
      const work = await worker();
      const [first, second] = [await closeAndAsk(work), await closeAndAsk(work)];
      await score(work, first.surveyId, 1);
      pass(11_000);
      await alertLeads(work);
      await score(work, second.surveyId, 1);
      pass(11_000);
      await alertLeads(work);
      await markRecoveredByHand(work.db, { closureId: second.closureId, actor: 'sam', at: clock.at }, []);
      pass(MINUTE_MS);
      await alertLeads(work);
      expect(mails).toHaveLength(2);
      const states = await store().selectFrom('alert_messages').select('state').orderBy('state').execute();
      expect(states.map(({ state }) => state)).toEqual(['dropped', 'dropped', 'sent', 'sent']);
    });

    test('chats are told in their own form, wait when they ask for it, and give up when they are gone', async () => {
      const [slack, teams] = await Promise.all([startReceiver(), startReceiver()]);
      try {
        const chats = `  alerts:
    all: { kind: slack, url: "${slack.url}" }
    billing: { kind: teams, url: "${teams.url}", team: [Billing], comments: true }
`;
        const work = await worker('here', undefined, 100, MORE + chats);
        slack.answer = (_request, response) =>
          response.writeHead(429, { 'retry-after': '120' }).end('slow down');
        teams.answer = (_request, response) => response.writeHead(410).end();
        const { surveyId } = await closeAndAsk(work, { team: { id: '7', name: 'Billing' } });
        await score(work, surveyId, 1, '<!channel> [Nobody](https://evil.example) called');
        await score(work, (await closeAndAsk(work)).surveyId, 2);
        pass(11_000);
        await alertLeads(work);
        pass(MINUTE_MS);
        slack.answer = (_request, response) => response.writeHead(200).end('ok');
        await alertLeads(work);
        expect([slack.received.length, teams.received.length]).toEqual([1, 1]);
        pass(MINUTE_MS);
        await alertLeads(work);
        expect([slack.received.length, teams.received.length]).toEqual([2, 1]);
        const posted = slack.received[1]?.body ?? '';
        expect(JSON.parse(posted)).toMatchObject({ text: '2 low scores', blocks: expect.any(Array) });
        expect(posted).not.toContain('Nobody');
        expect(teams.received[0]?.body).toContain('[Nobody](https://evil.example) called');
        expect(teams.received[0]?.body).not.toContain('2 low scores');
        const ended = await store()
          .selectFrom('alert_messages')
          .select(['receiver', 'state', 'last_error'])
          .where('way', '=', 'chat')
          .orderBy('receiver')
          .execute();
        expect(ended).toEqual([
          { receiver: 'all', state: 'sent', last_error: null },
          { receiver: 'billing', state: 'failed', last_error: 'the endpoint answered 410' },
        ]);
      } finally {
        await Promise.all([slack.close(), teams.close()]);
      }
    });

    test('whatever crashes and however often it runs, each receiver is told once of each, under one Message-ID', async () => {
      const step = fc.constantFrom('run', 'other', 'both', 'die', 'minute', 'look', 'sweep');
      const fate = fc.constantFrom('taken', 'refused', 'lost');
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 12 }),
          fc.array(fate, { maxLength: 8 }),
          async (steps, fates) => {
            await store().deleteFrom('alert_messages').execute();
            await store().deleteFrom('closures').execute();
            clock.at = FRIDAY;
            mails = [];
            const left = [...fates];
            const send = async (mail: Mail): Promise<void> => {
              const next = left.shift() ?? 'taken';
              if (next !== 'refused') mails.push(mail);
              if (next === 'refused') throw new RetryableError('not now');
              if (next === 'lost') throw new UnknownOutcomeError('the connection was lost');
            };
            let works = [await worker('one', send), await worker('two', send)] as const;
            const { surveyId, closureId } = await closeAndAsk(works[0]);
            await score(works[0], surveyId, 1);
            const { due_at } = await clockOf(closureId);
            const finish = async (): Promise<void> => {
              for (let n = 0; n < 5; n += 1) {
                pass(HOUR_MS);
                await sweep(works[0]);
                await lookAfter(works[0], { connector: CONNECTOR });
                await alertLeads(works[0]);
              }
            };
            pass(11_000);
            for (const phase of ['opened', 'overdue'] as const) {
              if (phase === 'overdue') clock.at = new Date(Math.max(due_at.getTime(), clock.at.getTime()));
              for (const one of steps) {
                if (one === 'run') await alertLeads(works[0]);
                if (one === 'other') await alertLeads(works[1]);
                if (one === 'both') await Promise.all(works.map((work) => alertLeads(work)));
                if (one === 'minute') pass(MINUTE_MS);
                if (one === 'look') await lookAfter(works[1], { connector: CONNECTOR });
                if (one === 'sweep') await sweep(works[0]);
                if (one === 'die') {
                  // A worker that died while it sent: its claim goes to another, which sends the same once more.
                  await store()
                    .updateTable('alert_messages')
                    .set({ state: 'due', claimed_by: 'one', done_at: null })
                    .where('state', '=', 'sent')
                    .execute();
                  await buryWorkers(works[0].db, ['one']);
                  works = [await worker('three', send), works[1]] as const;
                }
              }
            }
            await finish();
            const told = await store().selectFrom('alerts').select(['kind', 'receiver']).execute();
            expect(told.map(({ kind, receiver }) => `${kind} ${receiver}`).toSorted()).toEqual([
              ...['opened lead@acme.example', 'opened watcher@acme.example', 'overdue head@acme.example'],
              ...['overdue lead@acme.example', 'overdue watcher@acme.example'],
            ]);
            const messages = await store().selectFrom('alert_messages').selectAll().execute();
            expect(messages.map(({ state }) => state)).toEqual(messages.map(() => 'sent'));
            expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(messages.length);
            expect((await clockOf(closureId)).starts).toBe(1);
          },
        ),
        { numRuns: 3 },
      );
    });
  },
  { stores: true },
);
