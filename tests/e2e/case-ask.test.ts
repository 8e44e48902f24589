import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../../src/log.ts';
import type { Sandbox, SandboxCaseInput } from '../../src/sandbox.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { openSeveralCrms, type SeveralCrms } from '../support/several-crms.ts';
import { answerSurvey } from '../support/survey-mail.ts';

describeEngines('asking on the case', (engine) => {
  let open: OpenEngine;
  let site: SeveralCrms;

  beforeAll(async () => {
    open = await engine.open();
    site = await openSeveralCrms({
      engine: open,
      log: silentLog,
      config: {
        surveys: { support: { metric: '2026-11', via: 'auto' } },
        policy: { quietPeriod: '14d', again: 'each-closure' },
      },
    });
  }, 60_000);
  afterAll(async () => {
    await site.close();
    await open.close();
  });

  /** The replies on the case that lead to a survey. */
  async function asksOn(crm: Sandbox, caseId: string): Promise<readonly string[]> {
    const { publicReplies } = await crm.readCase(caseId);
    return publicReplies.filter((reply) => reply.includes('/s/'));
  }

  /** A closed case of somebody without an address, with the reply that asks them. */
  async function asked(crm: Sandbox, input: SandboxCaseInput): Promise<{ caseId: string; links: string[] }> {
    const caseId = await crm.openCase(input);
    await crm.closeCase(caseId);
    const [reply] = await eventually(`the reply on ${caseId}`, async () => {
      const replies = await asksOn(crm, caseId);
      return replies.length > 0 && replies;
    });
    return { caseId, links: [...(reply ?? '').matchAll(/https?:\/\/\S+/g)].map(([link]) => link) };
  }

  it('a chat of somebody without an address is asked there, answered by link and written back, in every CRM', async () => {
    await Promise.all(
      [...site.crms].map(async ([name, crm]) => {
        const requester = { name: 'Zoé Ähren', email: null, locale: 'de' };
        const { caseId, links } = await asked(crm, { subject: 'Größe', requester, channel: 'chat' });
        const [reply] = await asksOn(crm, caseId);
        expect(reply, name).toContain('5 – ');
        expect(links, name).toHaveLength(7);
        expect(await site.app.explain(name, caseId), name).toMatchObject({ state: 'closed' });

        await answerSurvey({ links }, 4);
        await eventually(`the score in ${name}`, async () => (await crm.readCase(caseId)).score === 4);
        const record = await crm.readCase(caseId);
        expect(record, name).toMatchObject({ state: 'closed', mailsToCustomer: 0, level: 'high' });
        expect(await asksOn(crm, caseId), name).toHaveLength(1);
        const { closures, summary } = await site.app.explain(name, caseId);
        expect(closures, name).toHaveLength(1);
        expect(summary, name).toContain('answered');
        // A vendor's job may be asked after only now.
        await eventually(`the ask noted for ${name}`, async () => {
          const [closure] = (await site.app.explain(name, caseId)).closures;
          return closure?.events.some(({ what }) => what.startsWith('The survey was put on the case'));
        });
      }),
    );
  }, 60_000);

  it('what has an address and was no conversation is mailed, and nothing is said on the case', async () => {
    const [crm] = site.crms.values();
    if (crm === undefined) return expect.fail('there is no CRM');
    const email = 'mailed@elsewhere.example';
    const caseId = await crm.openCase({ subject: 'Refund', requester: { name: 'Ada', email } });
    await crm.closeCase(caseId);
    await eventually('the mail', async () => (await site.mailsTo(email)).length === 1);
    expect(await asksOn(crm, caseId)).toEqual([]);
  });

  it('the quiet period and an opt-out hold over mail and reply alike', async () => {
    const [[name, crm] = []] = [...site.crms];
    if (name === undefined || crm === undefined) return expect.fail('there is no CRM');
    const requester = { name: 'Ida', email: 'ida@elsewhere.example' };
    const { links } = await asked(crm, { subject: 'A chat', requester, channel: 'chat' });
    const second = await crm.openCase({ subject: 'A mail', requester });
    await crm.closeCase(second);
    const skipped = async (caseId: string, rule: string): Promise<void> => {
      await eventually(`${rule} on ${caseId}`, async () => {
        const { closures } = await site.app.explain(name, caseId);
        return closures[0]?.rule === rule;
      });
    };
    await skipped(second, 'quiet-period');
    const optOut = links.at(-1) ?? '';
    expect((await fetch(optOut, { method: 'POST' })).status).toBeLessThan(400);
    const third = await crm.openCase({ subject: 'Another chat', requester, channel: 'chat' });
    await crm.closeCase(third);
    await skipped(third, 'opted-out');
    expect(await asksOn(crm, third)).toEqual([]);
    expect(await site.mailsTo(requester.email)).toEqual([]);
  });
});
