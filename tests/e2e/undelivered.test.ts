import { afterAll, beforeAll, expect, it } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { type SmtpSink, startSmtpSink } from '../support/smtp.ts';
import { openWorld, type World } from '../support/world.ts';

describeEngines(
  'a relay that refuses',
  (engine) => {
    let open: OpenEngine;
    let relay: SmtpSink;
    let world: World;
    /** How often each recipient was refused. */
    const refused = new Map<string, number>();

    beforeAll(async () => {
      open = await engine.open();
      relay = await startSmtpSink({
        judge: (address) => {
          const times = refused.get(address) ?? 0;
          const isPutOff = address.startsWith('never') || (address.startsWith('later') && times === 0);
          if (!isPutOff && !address.startsWith('gone') && !address.startsWith('blocked')) return null;
          refused.set(address, times + 1);
          if (isPutOff) return { code: 451, message: '4.7.1 greylisted' };
          return address.startsWith('gone')
            ? { code: 550, message: `5.1.1 <${address}> is unknown here` }
            : { code: 550, message: '5.7.1 your network is blocked' };
        },
      });
      world = await openWorld({
        engine: open,
        config: {
          mail: { from: 'support@acme.example', replyTo: 'no-reply@acme.example', url: relay.url },
          policy: { quietPeriod: '0d', again: 'each-closure' },
        },
      });
    });
    afterAll(async () => {
      await world.close();
      await relay.close();
      await open.close();
    });

    async function close(email: string): Promise<string> {
      const caseId = await world.crm.openCase({
        subject: 'Refund',
        requester: { name: 'A customer', email },
      });
      await world.crm.closeCase(caseId);
      return caseId;
    }

    const summaryOf = async (caseId: string) => (await world.explain(caseId)).summary;

    it('ends every mail as delivered or undeliverable, none twice, with the reason', async () => {
      const at = (kind: string, n: number) => `${kind}-${n}@customer.example`;
      const numbers = [1, 2, 3, 4, 5];
      const cases = new Map<string, string>();
      for (const kind of ['taken', 'later', 'gone', 'blocked'])
        for (const n of numbers) cases.set(at(kind, n), await close(at(kind, n)));
      const taken = ['taken', 'later'].flatMap((kind) => numbers.map((n) => at(kind, n)));
      for (const [email, caseId] of cases) {
        const expected = taken.includes(email)
          ? 'The customer was asked and has not answered yet.'
          : `The customer could not be asked. Undeliverable: the relay refused it for good (RCPT TO 550 ${email.startsWith('gone') ? '5.1.1' : '5.7.1'}).`;
        await eventually(`the end of ${email}`, async () => (await summaryOf(caseId)) === expected);
      }
      expect(relay.mails.flatMap(({ to }) => to).sort()).toEqual(taken.sort());

      // An address that is not there is left alone; one whose server will not have us today is not.
      const again = await close(at('gone', 1));
      await eventually('the rule', async () =>
        (await summaryOf(again)).includes('an earlier mail to this person came back'),
      );
      await close(at('blocked', 1));
      await eventually('another try', () => refused.get(at('blocked', 1)) === 2);
      expect(refused.get(at('gone', 1))).toBe(1);
    });

    it('gives a mail up that is put off for three days', async () => {
      const caseId = await close('never@customer.example');
      await eventually('a first try', () => (refused.get('never@customer.example') ?? 0) > 1);
      expect(await summaryOf(caseId)).toContain('about to be asked');
      world.clock.advance(3 * DAY_MS);
      await eventually('the end', async () =>
        (await summaryOf(caseId)).includes(
          'Undeliverable: the relay does not take the mail now (RCPT TO 451 4.7.1), for three days.',
        ),
      );
    });
  },
  { stores: true },
);
