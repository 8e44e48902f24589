import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { mailsTo } from '../support/survey-mail.ts';
import { CONNECTOR, type Installation, openInstallation, someone } from './installation.ts';

describe('start', { timeout: 90_000 }, () => {
  let here: Installation;
  let takenAt: number[];
  /** Holds the relay's answer to a mail back until it resolves. */
  let relayIsReady = Promise.resolve();

  beforeAll(async () => {
    takenAt = [];
    here = await openInstallation({
      relay: {
        async beforeTaking() {
          takenAt.push(performance.now());
          await relayIsReady;
        },
      },
    });
    await here.run('provision', '--apply');
  }, 60_000);
  afterAll(() => here.close());

  const closeCaseOf = async (requester: ReturnType<typeof someone>): Promise<string> => {
    const caseId = await here.crm.openCase({ subject: 'Question', requester });
    await here.crm.closeCase(caseId);
    return caseId;
  };
  const mailsOf = async (customer: { email: string }, count: number) =>
    eventually(`${count} mails to a customer`, async () => {
      const mails = await mailsTo(here.smtp, customer.email);
      return mails.length >= count && mails;
    });
  const accepted = (caseId: string) =>
    eventually('202 for the webhook', () =>
      here.crm.deliveries.some((one) => one.caseId === caseId && one.status === 202),
    );

  it('mails a customer when the webhook rings, and ends with 0 when it is told to', async () => {
    const server = await here.start();
    const waits: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const customer = someone();
      const closedAt = performance.now();
      await closeCaseOf(customer);
      await mailsOf(customer, 1);
      waits.push((takenAt.at(-1) ?? Number.NaN) - closedAt);
    }
    // A figure to look at, not to pass or fail on: the machine may be busy.
    console.info(`webhook to mail: ${waits.map((wait) => Math.round(wait)).join(', ')} ms`);

    const ended = await server.stop('SIGTERM');
    expect(ended).toMatchObject({ code: 0, signal: null, stdout: '' });
    expect(server.logLines().filter(({ level }) => level !== 'info')).toEqual([]);
    expect(server.logLines().map(({ msg }) => msg)).toContain('survey sent');
    expect(server.logLines().slice(-2)).toMatchObject([
      { msg: 'stopping: finishing what is in flight', signal: 'SIGTERM' },
      { msg: 'stopped' },
    ]);
    expect(ended.stderr).not.toContain('@elsewhere.example');
  });

  it('sends after a restart what was due before', async () => {
    await here.configure({ policy: { delay: '4s' } });
    const first = await here.start();
    const customer = someone();
    await closeCaseOf(customer);
    await first.logged('cases fetched');
    expect((await first.stop('SIGINT')).code).toBe(0);
    expect(await mailsTo(here.smtp, customer.email)).toEqual([]);

    const second = await here.start();
    expect(await mailsOf(customer, 1)).toHaveLength(1);
    expect((await second.stop()).code).toBe(0);
    await here.configure({});
  });

  it('says that another startFrom has no effect, and what stands instead', async () => {
    const LINE = 'startFrom has no effect any more: the connector keeps the one of its first start';
    const connector = { type: 'zendesk', ...here.crm.settings };
    const linesWith = async (startFrom: string) => {
      await here.configure({ connectors: { [CONNECTOR]: { ...connector, startFrom } } });
      const server = await here.start();
      await server.stop();
      return server.logLines().filter(({ msg }) => msg === LINE);
    };
    const [line, ...others] = await linesWith('2026-01-01T00:00:00Z');
    expect(others).toEqual([]);
    const stored = String(line?.stored);
    expect(line).toMatchObject({
      level: 'warn',
      connector: CONNECTOR,
      configured: '2026-01-01T00:00:00.000Z',
      fix: expect.stringContaining(`Set startFrom to ${stored}`),
    });
    expect(await linesWith(stored)).toEqual([]);
    expect(await linesWith('now')).toEqual([]);
    await here.configure({});
  });

  it('refuses to share the data directory or a port, and says what to do', async () => {
    const server = await here.start();
    const second = await here.run('start');
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr).toBe(
      `dataDir: another Caseloop process is using ${here.dataDir}.\n` +
        '  do: Stop that process, give this one another dataDir, or set database.url to share a PostgreSQL server.\n',
    );
    expect((await fetch(`${here.url}/healthz`)).status).toBe(200);
    await server.stop();

    const onTakenPort = await here.run('start', '--port', String(here.smtp.port));
    expect(onTakenPort).toMatchObject({ code: 2, stdout: '' });
    expect(onTakenPort.stderr).toBe(
      `server.port: cannot listen on 127.0.0.1:${here.smtp.port} (EADDRINUSE).\n` +
        '  do: Choose another port, or stop the process that uses it.\n',
    );
  });

  it('prints a link for the first admin while there is none, and a command lets one back in', async () => {
    const server = await here.start();
    const press = (link: string, fields: Record<string, string>) =>
      fetch(link, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { origin: here.url },
        redirect: 'manual',
      });
    const ann = { name: 'Ann', email: 'ann@acme.example', password: 'a kettle full of stars' };
    const back = await here.run('users', 'invite', ann.email, '--role', 'admin');
    expect(back.stdout).toMatch(/^This link works once.*\nhttp.*\/setup\/[\w-]{43}\n$/);
    expect((await here.run('users')).stdout).toContain(`${ann.email}  admin  ann  (invited)`);
    const link = back.stdout.split('\n')[1] ?? '';
    expect((await press(link, { ...ann, again: ann.password })).status).toBe(303);
    expect(await here.run('users', 'disable', ann.email)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('last admin'),
    });
    expect(await here.run('users', 'role', ann.email, 'owner')).toMatchObject({ code: 2, stdout: '' });

    const { stderr } = await server.stop();
    const printed = /Nobody is admin yet\. Open (http\S+\/setup\/[\w-]{43}) within 24 hours/.exec(
      stderr,
    )?.[1];
    expect(printed).toContain(`${here.url}/setup/`);
    expect(server.logLines().every((line) => !JSON.stringify(line).includes('/setup/'))).toBe(true);
    const next = await here.start();
    expect((await press(printed ?? '', { ...ann, again: ann.password })).status).toBe(404);
    expect((await next.stop()).stderr).not.toContain('/setup/');
  });

  it('loses no webhook and doubles no mail when it is killed', async () => {
    const gate = Promise.withResolvers<void>();
    relayIsReady = gate.promise;
    const killed = await here.start();
    const beingMailed = someone();
    const soFar = takenAt.length;
    await closeCaseOf(beingMailed);
    await eventually('a mail on its way', () => takenAt.length > soFar);
    // The CRM leaves the question about this case open, so that its webhook has been answered and nothing more.
    here.crm.fail({ kind: 'hang', on: /show_many/ });
    const justRung = someone();
    await accepted(await closeCaseOf(justRung));
    await eventually('the open question', () => here.crm.requests.some(({ status }) => status === 0));
    expect((await killed.stop('SIGKILL')).signal).toBe('SIGKILL');
    // The relay takes what it has in hand; nobody is left to hear of it.
    gate.resolve();

    const server = await here.start();
    await mailsOf(beingMailed, 2);
    await mailsOf(justRung, 1);
    await eventually('both noted as sent', () => {
      const sent = server.logLines().filter(({ msg }) => msg === 'survey sent');
      return sent.length === 2;
    });
    await server.stop();
    const twice = await mailsTo(here.smtp, beingMailed.email);
    expect(twice).toHaveLength(2);
    expect(twice[0]?.messageId).toMatch(/^<.+>$/);
    expect(twice[1]?.messageId).toBe(twice[0]?.messageId);
    expect(await mailsTo(here.smtp, justRung.email)).toHaveLength(1);
  });
});
