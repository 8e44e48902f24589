import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestByHand } from '../../jobs/digest-by-hand.ts';
import { sendDigest, sweepDigests } from '../../jobs/send-digest.ts';
import type { Work } from '../../jobs/work.ts';
import { RetryableError } from '../../src/errors.ts';
import type { Mail } from '../../src/mail/compose.ts';
import { dueDigests } from '../../src/store/digests.ts';
import { migrate } from '../../src/store/migrate.ts';
import { readReport } from '../../src/store/report.ts';
import { foldAll } from '../../src/store/report-fold.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { buryWorkers } from '../../src/store/workers.ts';
import { type OpenEngine, openQuickStore } from '../support/engines.ts';
import { seedYear } from '../support/seeded-year.ts';
import { parseMail } from '../support/smtp.ts';
import { storeWork } from '../support/store-work.ts';

/** 08:00 in Berlin. */
const MONDAY = new Date('2026-11-23T07:00:00Z');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

describe('digests', () => {
  let open: OpenEngine;
  let now: Date;
  const clock = { now: () => now };
  let mails: Mail[];

  beforeAll(async () => {
    open = await openQuickStore();
    const { db } = open.database;
    await migrate(db);
    await seedYear(db, { closures: 4_000 });
    await foldAll(db, { zone: 'Europe/Berlin' });
  });
  afterAll(() => open.close());

  beforeEach(async () => {
    now = MONDAY;
    mails = [];
    await open.database.db.withSchema(SCHEMA).deleteFrom('digests').execute();
  });

  const TO = '{ default: [boss@acme.example], Billing: [lead@acme.example, boss@acme.example] }';

  function workOf(
    workerId: string,
    more: { to?: string; mail?: string; send?: Work['mailer']['send'] } = {},
  ) {
    return storeWork(open.database, {
      workerId,
      clock,
      more: `report: { zone: Europe/Berlin }\ndigest: { to: ${more.to ?? TO} }`,
      send: more.send ?? (async (mail) => void mails.push(mail)),
    });
  }

  const due = () => dueDigests(open.database.db, now, 100);

  async function sendAll(...works: Work[]): Promise<void> {
    const ids = await due();
    await Promise.all(ids.flatMap((digestId) => works.map((work) => sendDigest(work, { digestId }))));
  }

  it('go once per week, team and reader, whoever plans and sends them at the same time', async () => {
    const [one, other] = [await workOf('one'), await workOf('other')];
    now = new Date(MONDAY.getTime() - 8 * DAY_MS);
    await sweepDigests(one, now);
    now = new Date(MONDAY.getTime() - 1);
    await sweepDigests(one, now);
    expect((await due()).length).toBe(0);
    now = MONDAY;
    await Promise.all([one, other].map((work) => sweepDigests(work, now)));
    await sendAll(one, other, one);
    await sweepDigests(one, now);
    await sendAll(one, other);
    const parsed = await Promise.all(mails.map(({ raw }) => parseMail(raw)));
    expect(mails.map(({ envelope }, at) => `${envelope.to}: ${parsed[at]?.subject}`).toSorted()).toEqual([
      'boss@acme.example: CSAT of Billing, 16 to 22 Nov 2026',
      'boss@acme.example: CSAT of all teams, 16 to 22 Nov 2026',
      'lead@acme.example: CSAT of Billing, 16 to 22 Nov 2026',
    ]);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(3);
    now = new Date(MONDAY.getTime() + 7 * DAY_MS);
    await sweepDigests(one, now);
    expect((await due()).length).toBe(3);
  });

  it('say what the report says for the same question, with its low scores one by one', async () => {
    const work = await workOf('one');
    const { text } = await digestByHand(work, { team: 'Billing', to: null, actor: 'a test' });
    const deps = { db: work.db, settings: work.config.report, clock };
    const question = { from: '2026-11-16', to: '2026-11-22', metric: null, filters: { team: ['Billing'] } };
    const { total } = await readReport(deps, question, { splits: [] });
    expect(total.tally.answered).toBeGreaterThan(2);
    expect(text).toContain(`Answers: ${total.tally.answered} (${total.tally.satisfied} satisfied`);
    expect(text).toContain(`(${total.tally.answered} of ${total.tally.asked} asked)`);
    expect(text.match(/ on a scale of 1 to 5 /g) ?? []).toHaveLength(total.tally.low);
  });

  it('tell what speaks against the figures', async () => {
    const work = await workOf('one');
    const say = async () => (await digestByHand(work, { team: null, to: null, actor: 'a test' })).text;
    expect(await say()).not.toContain('Answers come from our own network');
    await sql`
      with house as (insert into caseloop.staff_callers (caller, seen_at) values ('house', ${MONDAY}))
      insert into caseloop.taps (survey_id, at, kind, method, agent, caller)
      select survey_id, answered_at, 'answer', 'POST', 'unnamed', 'house' from caseloop.answers
       where version = 1 and answered_at between '2026-11-16' and '2026-11-22'`.execute(work.db);
    expect(await say()).toContain('Answers come from our own network');
  });

  it('that a crash cut off are sent again, or held, as the config says', async () => {
    const crashing = await workOf('crashing', {
      send: async (mail) => {
        mails.push(mail);
        await buryWorkers(open.database.db, ['crashing']);
        await new Promise(() => undefined);
      },
    });
    await sweepDigests(crashing, now);
    const [digestId = ''] = await due();
    void sendDigest(crashing, { digestId });
    await expect.poll(() => mails.length).toBe(1);
    const other = await workOf('other');
    const holding = {
      ...other,
      config: { ...other.config, mail: { ...other.config.mail, afterCrash: 'hold' as const } },
    };
    await expect
      .poll(async () => {
        await sweepDigests(holding, now);
        return stateOf(digestId);
      })
      .toBe('held');
    await sweepDigests(other, now);
    await sendDigest(other, { digestId });
    expect(mails.map(({ messageId }) => messageId)).toEqual([mails[0]?.messageId, mails[0]?.messageId]);
    expect(await stateOf(digestId)).toBe('sent');
  });

  it('that the relay puts off are tried again, for three days', async () => {
    const work = await workOf('one', {
      to: '{ default: [boss@acme.example] }',
      send: async () => {
        throw new RetryableError('mail.url: not now', { scope: 'account' });
      },
    });
    await sweepDigests(work, now);
    const [digestId = ''] = await due();
    await expect(sendDigest(work, { digestId })).rejects.toThrow('not now');
    expect(await stateOf(digestId)).toBe('due');
    now = new Date(MONDAY.getTime() + 3 * DAY_MS);
    await expect(sendDigest(work, { digestId })).rejects.toThrow('not now');
    expect(await stateOf(digestId)).toBe('failed');
  });

  it('are not for who is no reader any more, nor for a week that is long over', async () => {
    const before = await workOf('one');
    await sweepDigests(before, now);
    const after = await workOf('one', { to: '{ Billing: [lead@acme.example] }' });
    await Promise.allSettled((await due()).map((digestId) => sendDigest(after, { digestId })));
    expect(mails.map(({ envelope }) => envelope.to)).toEqual(['lead@acme.example']);
    now = new Date(MONDAY.getTime() + 10 * DAY_MS + 1 * MINUTE_MS);
    await sweepDigests(after, now);
    expect(await due()).toEqual([]);
  });

  async function stateOf(id: string): Promise<string | undefined> {
    const row = await open.database.db
      .withSchema(SCHEMA)
      .selectFrom('digests')
      .select('state')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.state;
  }
});
