import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSmtpMailer } from '../../src/mail/smtp.ts';
import { Secret } from '../../src/secret.ts';
import { engines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { describeMailServers, type MailServers, startMailServers } from '../support/mail-servers.ts';
import { parseMail } from '../support/smtp.ts';
import { answerSurvey, mailsTo } from '../support/survey-mail.ts';
import { openWorld, type World } from '../support/world.ts';

describeMailServers('Postfix and Dovecot', () => {
  let open: OpenEngine;
  let servers: MailServers;
  let world: World;

  beforeAll(async () => {
    servers = await startMailServers();
    const engine = engines.find(({ name }) => name === 'PGlite');
    if (engine === undefined) throw new Error('there is no PGlite');
    open = await engine.open();
    world = await openWorld({
      engine: open,
      config: {
        mail: {
          from: 'Acme Support <support@acme.example>',
          replyTo: 'desk@customer.example',
          url: servers.smtpUrl,
          mailbox: { url: servers.imapUrl, address: 'survey@acme.example' },
        },
      },
    });
  }, 60_000);
  afterAll(async () => {
    await world?.close();
    await open?.close();
    await servers?.close();
  });

  async function close(email: string): Promise<string> {
    const caseId = await world.crm.openCase({ subject: 'Refund', requester: { name: 'A customer', email } });
    await world.crm.closeCase(caseId);
    return caseId;
  }

  const arrivedFor = async (address: string) =>
    (await servers.delivered()).filter((mail) => mail.includes(`Delivered-To: ${address}`));

  /** Reads the mailbox until something has come of it. */
  const read = (what: string, look: () => Promise<boolean>) =>
    eventually(what, async () => {
      await world.app.work.queues.add('read-mailbox', {});
      return look();
    });

  async function send(to: string, headers: readonly string[], body: string): Promise<void> {
    const mailer = createSmtpMailer({ url: new Secret(servers.smtpUrl), concurrency: 1 });
    const messageId = `<${Math.random()}@customer.example>`;
    const raw = Buffer.from(
      [`From: ann@customer.example`, `To: ${to}`, `Message-ID: ${messageId}`, ...headers, '', body].join(
        '\r\n',
      ),
    );
    await mailer.send({ raw, envelope: { from: 'ann@customer.example', to }, messageId });
    await mailer.close();
  }

  it('deliver 40 mails, none twice', async () => {
    for (let n = 0; n < 40; n += 1) await close(`customer-${n}@customer.example`);
    const ids = async () =>
      (await servers.delivered()).map((mail) => /^Message-ID: (.+)$/im.exec(mail)?.[1]?.trim());
    await eventually('all of them', async () => (await ids()).length >= 40);
    expect(new Set(await ids()).size).toBe(40);
    expect(await ids()).toHaveLength(40);
  });

  it('return a mail to nobody, and its survey ends as bounced', async () => {
    const caseId = await close('gone@customer.example');
    await read('the bounce', async () => (await world.explain(caseId)).summary.includes('came back'));
    const { summary, closures } = await world.explain(caseId);
    expect(summary).toBe('The customer could not be asked. Undeliverable: the mail came back (5.1.1).');
    expect(closures[0]?.rule).toBe('undeliverable');
    const again = await close('gone@customer.example');
    await eventually('the rule', async () => (await world.explain(again)).closures[0]?.rule === 'bounced');
  });

  it('bring a reply to its answer and to those who read replies, once, and nothing that is forged', async () => {
    const caseId = await close('ann@customer.example');
    const [raw = ''] = await eventually('the mail', async () => {
      const mails = await arrivedFor('ann@customer.example');
      return mails.length > 0 && mails;
    });
    const mail = await parseMail(Buffer.from(raw, 'latin1'));
    const replyTo = mail.replyTo?.value[0]?.address ?? '';
    expect(replyTo).toMatch(/^survey\+[0-9a-v]{39}@acme\.example$/);
    expect(raw).toContain(`Return-Path: <${replyTo}>`);
    const [parsed] = await mailsTo(
      { mails: [{ from: '', to: ['ann'], raw: Buffer.from(raw, 'latin1') }] },
      'ann',
    );
    if (parsed === undefined) throw new Error('there is no mail');
    await answerSurvey(parsed, 2);

    const forged = replyTo.replace(/\+./, (start) => (start === '+0' ? '+1' : '+0'));
    await send(forged, [], 'Forged words.');
    await send(replyTo, ['Auto-Submitted: auto-replied'], 'I am on holiday.');
    const quoted = 'It took a week.\r\n\r\nOn Friday Acme Support wrote:\r\n> How would you rate us?\r\n';
    await send(replyTo, [], quoted);
    const texts = async () => JSON.stringify((await world.explain(caseId)).closures[0]?.events);
    await read('the reply', async () => (await texts()).includes('It was forwarded.'));
    const told = await texts();
    expect(told).toContain('with the comment \\"It took a week.\\"');
    expect(told).not.toContain('wrote');
    expect(told).not.toContain('holiday');
    expect(told).not.toContain('Forged');
    await eventually('the forwarded one', async () => (await arrivedFor('desk@customer.example')).length > 0);
    const [forwarded = '', ...more] = await arrivedFor('desk@customer.example');
    expect(more).toEqual([]);
    expect(forwarded).toContain('It took a week.');
  });
});
