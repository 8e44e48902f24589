import { afterAll, beforeAll, expect, it } from 'vitest';
import { noticeCases } from '../../jobs/notice-cases.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import type { CreditRule } from '../../src/domain/credit.ts';
import { registerConnector } from '../../src/store/connectors.ts';
import { migrate } from '../../src/store/migrate.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { NOON, snapshotWith } from '../property/domain-facts.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { CONNECTOR, storeWork } from '../support/store-work.ts';

const maya = { id: '7', name: 'Maya' };
const tom = { id: '8', name: 'Tom' };
const support = { id: '1', name: 'Support' };
const after = (minutes: number): Date => new Date(NOON.getTime() + minutes * MINUTE_MS);

describeEngines('who is credited with a closure', (engine) => {
  let open: OpenEngine;

  beforeAll(async () => {
    open = await engine.open();
    await migrate(open.database.db);
    await registerConnector(open.database.db, { name: CONNECTOR, type: 'zendesk', startedAt: NOON });
  });
  afterAll(() => open.close());

  async function notice(rule: CreditRule, ...snapshots: readonly CaseSnapshot[]): Promise<void> {
    const work = await storeWork(open.database, {
      workerId: rule,
      clock: { now: () => after(60) },
      more: `surveys: { support: { metric: "2026-11" } }\nreport: { credit: ${rule} }`,
      send: async () => undefined,
    });
    for (const snapshot of snapshots)
      await noticeCases(work, { name: CONNECTOR, startedAt: NOON }, [snapshot], 'watch');
  }

  const creditsOf = (caseId: string) =>
    open.database.db
      .withSchema(SCHEMA)
      .selectFrom('closures')
      .select(['credited_id', 'credited_name', 'credited_by'])
      .where('case_id', '=', caseId)
      .orderBy('cycle')
      .execute();

  const closing = (caseId: string, minutes: number, changes: Partial<CaseSnapshot> = {}): CaseSnapshot => {
    const [changedAt, closedAt] = [after(minutes), after(minutes)];
    return snapshotWith({
      caseId,
      number: caseId,
      assignee: maya,
      team: support,
      changedAt,
      closedAt,
      ...changes,
    });
  };

  it.each([
    ['assignee', { credited_id: '7', credited_name: 'Maya', credited_by: 'assignee' }],
    ['last-replier', { credited_id: '8', credited_name: 'Tom', credited_by: 'last-replier' }],
    ['team', { credited_id: null, credited_name: null, credited_by: 'team' }],
  ] as const)('is settled by the rule %s', async (rule, credit) => {
    await notice(rule, closing(rule, 1, { lastReplier: tom }));
    expect(await creditsOf(rule)).toEqual([credit]);
  });

  it('does not move when the case is given to somebody else, answered again, or the rule is another', async () => {
    const moved = { changedAt: after(5), assignee: tom, lastReplier: tom, team: null };
    await notice('assignee', closing('moved', 1), closing('moved', 1, moved));
    await notice('last-replier', closing('moved', 1, { ...moved, changedAt: after(6) }));
    await notice('team', { ...closing('moved', 7), state: 'open', closedAt: null, assignee: tom });
    const settled = { credited_id: '7', credited_name: 'Maya', credited_by: 'assignee' };
    expect(await creditsOf('moved')).toEqual([settled]);
    await notice('assignee', closing('moved', 9, { assignee: tom }));
    expect(await creditsOf('moved')).toEqual([
      settled,
      { credited_id: '8', credited_name: 'Tom', credited_by: 'assignee' },
    ]);
  });
});
