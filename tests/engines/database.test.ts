import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { Secret } from '../../src/secret.ts';
import { jsonb, openDatabase } from '../../src/store/database.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';

interface Samples {
  samples: { id: number; at: Date; day: string; amount: string; list: readonly unknown[]; words: string[] };
}

describeEngines('database', (engine) => {
  let open: OpenEngine;
  let db: Kysely<Samples>;

  beforeAll(async () => {
    open = await engine.open();
    db = (open.database.db as unknown as Kysely<Samples>).withSchema('sampling');
    await sql`create schema sampling`.execute(db);
    await sql`create table sampling.samples (
      id bigint, at timestamptz, day date, amount numeric, list jsonb, words text[])`.execute(db);
  });
  afterAll(() => open?.close());

  test('gives every column type back as it went in', async () => {
    const row = {
      id: 1_763_683_200_123,
      at: new Date('2026-11-21T08:09:10.123Z'),
      day: '2026-11-21',
      amount: '12.50',
      words: ['a', 'b c'],
    };
    await db
      .insertInto('samples')
      .values({ ...row, list: jsonb([1, 'two', { three: null }, '"4"']) })
      .execute();
    const found = await db.selectFrom('samples').selectAll().executeTakeFirstOrThrow();
    expect(found).toEqual({ ...row, list: [1, 'two', { three: null }, '"4"'] });
  });

  test('counts in numbers', async () => {
    const counted = await db
      .selectFrom('samples')
      .select((e) => e.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow();
    expect(counted.n).toBe(1);
  });

  test('refuses to round a bigint', async () => {
    await expect(sql`select 9007199254740993::bigint as id`.execute(db)).rejects.toThrow(
      'does not fit a number',
    );
  });

  test('a transaction that throws leaves nothing, and shuts queue and store out meanwhile', async () => {
    const attempt = db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('samples').execute();
      throw new Error('undo');
    });
    const queueQuery = open.database.pool.query('select count(*)::int as n from sampling.samples');
    await expect(attempt).rejects.toThrow('undo');
    expect((await queueQuery).rows).toEqual([{ n: 1 }]);
    expect(await db.selectFrom('samples').select('id').execute()).toHaveLength(1);
  });

  test('finds the tables of the queue in its own schema', async () => {
    const { rows } = await open.database.pool.query(
      "select 'job'::regclass::oid = 'bullmq.job'::regclass::oid as same",
    );
    expect(rows).toEqual([{ same: true }]);
  });

  test('closes twice, and with a connection still in use', async () => {
    const other = await engine.open();
    await other.database.pool.connect();
    await other.close();
    await other.database.close();
  });
});

describe('database in a folder', () => {
  test('is private, and keeps its rows when reopened', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'caseloop-'));
    try {
      const first = await openDatabase({ url: null, dataDir, log: silentLog });
      await sql`create table public.kept (word text)`.execute(first.db);
      await sql`insert into public.kept values ('still here')`.execute(first.db);
      await first.close();
      expect((await stat(join(dataDir, 'db'))).mode & 0o777).toBe(0o700);

      const second = await openDatabase({ url: null, dataDir, log: silentLog });
      expect((await sql`select word from public.kept`.execute(second.db)).rows).toEqual([
        { word: 'still here' },
      ]);
      await second.close();
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });

  test('that cannot be made is a ConfigError that names it', async () => {
    const opening = openDatabase({ url: null, dataDir: '/dev/null/caseloop', log: silentLog });
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow('/dev/null/caseloop/db cannot be opened (ENOTDIR)');
  });
});

describe('a PostgreSQL that cannot be used', () => {
  test.for([
    ['postgres://ann:hunter2@127.0.0.1:1/x', 'database.url: nothing listens there (ECONNREFUSED)'],
    ['postgres://ann:hunter2@caseloop.invalid/x', 'database.url: the host name is unknown (RESOLVER)'],
    ['mysql://ann:hunter2@127.0.0.1/x', 'database.url: this is not a PostgreSQL address'],
    ['hunter2', 'database.url: this is not a PostgreSQL address'],
  ])('%s', async ([url, message]) => {
    const error = await openDatabase({ url: new Secret(url ?? ''), dataDir: '', log: silentLog }).catch(
      (e) => e,
    );
    expect(error).toBeInstanceOf(ConfigError);
    // What a resolver says of an unknown name depends on whether it can ask anyone.
    expect(error.message.replace(/ENOTFOUND|EAI_AGAIN/, 'RESOLVER')).toBe(message);
    expect(error.fix).toMatch(/^[A-Z].*\.$/);
    expect(JSON.stringify([error.message, error.fix, error.stack, error.cause ?? null])).not.toContain(
      'hunter2',
    );
  });
});
