import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeEngines, type OpenEngine } from '../support/engines.ts';

describeEngines('statements that are made again and again', (engine) => {
  let open: OpenEngine;
  const ask = (name: string) =>
    sql<{ name: string }>`select * from things where name = ${name}`.execute(open.database.db);

  beforeAll(async () => {
    open = await engine.open();
    const { db } = open.database;
    await sql`create table things (name text)`.execute(db);
    await sql`insert into things values ('cup')`.execute(db);
    for (let use = 0; use < 6; use += 1) expect((await ask('cup')).rows).toEqual([{ name: 'cup' }]);
  });
  afterAll(() => open.close());

  const isServer = engine.name !== 'PGlite';
  test(`are ${isServer ? '' : 'not '}prepared`, async () => {
    const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(
      open.database.db,
    );
    const statements = rows.map(({ statement }) => statement);
    expect(statements.includes('select * from things where name = $1')).toBe(isServer);
  });

  test('see a table that was altered meanwhile, at the second attempt at the latest', async () => {
    await sql`alter table things add column colour text default 'red'`.execute(open.database.db);
    const { rows } = await ask('cup').catch(() => ask('cup'));
    expect(rows).toEqual([{ name: 'cup', colour: 'red' }]);
  });
});
