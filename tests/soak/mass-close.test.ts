import { expect, onTestFinished, test } from 'vitest';
import type { SalesforceSandboxExtras } from '../../connectors/salesforce/sandbox/sandbox.ts';
import { silentLog } from '../../src/log.ts';
import type { Sandbox } from '../../src/sandbox.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { engines } from '../support/engines.ts';
import { openSeveralCrms } from '../support/several-crms.ts';

const CASES = 2_000;
const MINUTE_MS = 60_000;

const engine = engines.find(({ name, available }) => name === 'PostgreSQL' && available) ?? engines[0];

test(
  `${CASES} Salesforce cases closed in one transaction, with gaps and an overflow between: each decided once`,
  async () => {
    if (engine === undefined) throw new Error('there is no engine');
    const open = await engine.open();
    onTestFinished(() => open.close());
    const site = await openSeveralCrms({
      engine: open,
      log: silentLog,
      types: ['salesforce'],
      config: { policy: { sample: '0%' } },
    });
    onTestFinished(() => site.close());
    const [[name, crm] = []] = site.crms;
    if (name === undefined || crm === undefined) throw new Error('there is no CRM');
    const salesforce = crm as Sandbox & SalesforceSandboxExtras;
    await expect.poll(() => salesforce.subscriptions, { timeout: MINUTE_MS }).toBe(1);
    const caseIds: string[] = [];
    const openOne = async (): Promise<string> => {
      const email = `customer-${caseIds.length}@elsewhere.example`;
      const caseId = await crm.openCase({ subject: 'Question', requester: { name: 'Customer', email } });
      caseIds.push(caseId);
      return caseId;
    };
    for (let nth = 0; nth < CASES; nth += 1) await openOne();
    const oneTransaction = caseIds.slice();
    // Before, in between and after: single closings that are told in full, as a gap, and not at all.
    for (const how of [null, 'gap', null] as const) {
      if (how !== null) salesforce.tellNextAs(how);
      await crm.closeCase(await openOne());
    }
    salesforce.tellNextAs('overflow');
    await salesforce.massClose(oneTransaction);
    for (const how of ['gap', 'nothing', null] as const) {
      if (how !== null) salesforce.tellNextAs(how);
      await crm.closeCase(await openOne());
    }
    // What nobody was told of, the watch finds.
    site.clock.advance(MINUTE_MS);
    await site.app.watch(name, () => undefined);

    const closures = () =>
      site.app.work.db.withSchema(SCHEMA).selectFrom('closures').select(['case_id', 'cycle']).execute();
    await expect
      .poll(async () => (await closures()).length, { timeout: 3 * MINUTE_MS, interval: 500 })
      .toBe(caseIds.length);
    const decided = await closures();
    expect(new Set(decided.map(({ case_id }) => case_id))).toEqual(new Set(caseIds));
    expect(decided.every(({ cycle }) => cycle === 1)).toBe(true);
  },
  6 * MINUTE_MS,
);
