import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Connector } from '../../src/connector.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { PermanentError } from '../../src/errors.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { openWorld, type World, type WorldOptions } from '../support/world.ts';

describeEngines('one case that cannot be taken in', (engine) => {
  let open: OpenEngine;
  let world: World;
  let n = 0;
  /** The subject that marks the case to stumble over. */
  const POISON = 'poison';

  beforeAll(async () => {
    open = await engine.open();
  });
  afterEach(() => world.close());
  afterAll(() => open.close());

  const start = async (options: Partial<WorldOptions>): Promise<void> => {
    world = await openWorld({ engine: open, ...options });
  };

  async function close(subject: string): Promise<{ caseId: string; email: string }> {
    n += 1;
    const email = `poison-${n}@elsewhere.example`;
    const caseId = await world.crm.openCase({ subject, requester: { name: `Customer ${n}`, email } });
    await world.crm.closeCase(caseId);
    return { caseId, email };
  }

  /** Seven good cases around a bad one. */
  async function closeEight() {
    const good = [await close('a'), await close('b'), await close('c')];
    const bad = await close(POISON);
    for (const subject of ['d', 'e', 'f', 'g']) good.push(await close(subject));
    return { good, bad };
  }

  const doorbells = async (): Promise<number> =>
    (
      await world.app.work.db
        .withSchema('caseloop')
        .selectFrom('doorbells')
        .select('case_id')
        .where('connector', '=', world.connector)
        .execute()
    ).length;

  async function expectOthersAsked({ good, bad }: Awaited<ReturnType<typeof closeEight>>, why: string) {
    for (const { email } of good) {
      await eventually(`a mail to ${email}`, async () => (await world.mailsTo(email))[0]);
    }
    await eventually('every doorbell answered', async () => (await doorbells()) === 0);
    await eventually('the reason', async () => (await world.explain(bad.caseId)).summary.includes(why));
    for (const { email } of good) expect(await world.mailsTo(email)).toHaveLength(1);
    expect(await world.mailsTo(bad.email)).toEqual([]);
  }

  /** A snapshot that no PostgreSQL stores: NUL is not allowed in its texts. */
  const poisoned = (snapshot: CaseSnapshot): CaseSnapshot =>
    snapshot.subject === POISON ? { ...snapshot, subject: 'cut \u0000 here' } : snapshot;

  it('because the CRM refuses it does not keep the others from being read', async () => {
    await start({
      wrap: (connector) => ({
        ...connector,
        async fetch(ids) {
          const cases = await connector.fetch(ids);
          if (cases.some(({ subject }) => subject === POISON))
            throw new PermanentError('A case nobody can read.');
          return cases;
        },
      }),
    });
    await expectOthersAsked(await closeEight(), 'A case nobody can read.');
  });

  it('because the store refuses it does not lose the others of its batch', async () => {
    await start({
      wrap: (connector) => ({
        ...connector,
        fetch: async (ids) => (await connector.fetch(ids)).map(poisoned),
      }),
    });
    await expectOthersAsked(await closeEight(), 'It cannot be stored');
  });

  it('because the store refuses it does not stop the watch', async () => {
    const wrap = (connector: Connector): Connector => ({
      ...connector,
      async watch(from) {
        const page = await connector.watch(from);
        return { ...page, cases: page.cases.map(poisoned) };
      },
    });
    await start({ wrap, provision: false });
    const cases = await closeEight();
    world.clock.advance(120_000);
    expect(await world.app.watch(world.connector, () => undefined)).toMatchObject({ done: true });
    await expectOthersAsked(cases, 'It cannot be stored');
    world.clock.advance(120_000);
    expect(await world.app.watch(world.connector, () => undefined)).toMatchObject({
      closures: 0,
      done: true,
    });
  });

  it('is forgotten as soon as it can be taken in', async () => {
    let isBad = true;
    await start({
      wrap: (connector) => ({
        ...connector,
        fetch: async (ids) => (await connector.fetch(ids)).map((one) => (isBad ? poisoned(one) : one)),
      }),
    });
    const { caseId, email } = await close(POISON);
    await eventually('the reason', async () =>
      (await world.explain(caseId)).summary.includes('cannot be stored'),
    );
    isBad = false;
    world.clock.advance(5_000);
    await world.crm.reopenCase(caseId);
    world.clock.advance(5_000);
    await world.crm.closeCase(caseId);
    await eventually('a mail', async () => (await world.mailsTo(email))[0]);
    expect((await world.explain(caseId)).summary).not.toContain('cannot be stored');
  });
});
