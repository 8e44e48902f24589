import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../../src/log.ts';
import type { Sandbox } from '../../src/sandbox.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { openSeveralCrms, type SeveralCrms } from '../support/several-crms.ts';

describeEngines('one policy over all CRMs', (engine) => {
  let open: OpenEngine;
  let site: SeveralCrms | null = null;

  beforeAll(async () => {
    open = await engine.open();
  });
  afterEach(async () => {
    await site?.close();
    site = null;
  });
  afterAll(() => open.close());

  const start = async (): Promise<SeveralCrms> => {
    site = await openSeveralCrms({ engine: open, log: silentLog });
    return site;
  };
  const closeFor = async (crm: Sandbox, email: string): Promise<string> => {
    const caseId = await crm.openCase({ subject: 'Question', requester: { name: 'Ada', email } });
    await crm.closeCase(caseId);
    return caseId;
  };
  const ruleOf = (from: SeveralCrms, name: string, caseId: string) =>
    eventually(
      `the decision about case ${caseId} of ${name}`,
      async () => (await from.app.explain(name, caseId)).closures[0]?.rule,
    );

  it('asks a person with cases in each of them once', async () => {
    const { crms, mailsTo, ...rest } = await start();
    const email = `ada-${engine.name}@elsewhere.example`;
    const cases: (readonly [string, string])[] = [];
    // Written as the person happens to write it; people are not told apart by that.
    const spellings = [email, email.toUpperCase(), `  ${email}`.trim()];
    for (const [nth, [name, crm]] of [...crms].entries()) {
      cases.push([name, await closeFor(crm, spellings[nth % spellings.length] ?? email)]);
    }
    const rules = await Promise.all(
      cases.map(([name, caseId]) => ruleOf({ crms, mailsTo, ...rest }, name, caseId)),
    );
    expect(rules.toSorted()).toEqual(['asked', ...cases.slice(1).map(() => 'quiet-period')]);
    await eventually('the one mail', () => rest.smtp.mails.length === 1);
  });

  it('asks nobody anywhere who has opted out of one of them, and nobody whom no person answered', async () => {
    const several = await start();
    const email = `bea-${engine.name}@elsewhere.example`;
    const [[firstName, firstCrm] = [], ...others] = several.crms;
    if (firstName === undefined || firstCrm === undefined) throw new Error('there is no CRM');
    await closeFor(firstCrm, email);
    const mail = await eventually('the mail', async () => (await several.mailsTo(email))[0]);
    const link = mail.links.find((one) => one.includes('/u/'));
    if (link === undefined) throw new Error('the mail has no link to opt out');
    expect((await fetch(link, { method: 'POST' })).status).toBe(200);
    for (const [name, crm] of others) {
      expect(await ruleOf(several, name, await closeFor(crm, email)), name).toBe('opted-out');
    }
    expect(await several.mailsTo(email)).toHaveLength(1);

    for (const [name, crm] of several.crms) {
      const requester = { name: 'Eva', email: `eva-${engine.name}@elsewhere.example` };
      const caseId = await crm.openCase({ subject: 'Newsletter', requester });
      await crm.closeCase(caseId, { comment: null });
      expect(await ruleOf(several, name, caseId), name).toBe('no-public-reply');
    }
  });
});
