import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { mailsTo } from '../support/survey-mail.ts';
import { CONNECTOR, type Installation, openInstallation, someone } from './installation.ts';

const MINUTE_MS = 60_000;
const EVENT_KEYS = [
  'asks',
  'busy',
  'cancelled',
  'cases',
  'closures',
  'connector',
  'done',
  'error',
  'from',
  'pages',
  'reachedAt',
  'restartNeeded',
];

/** Nothing is provisioned, so no webhook exists. The CRM lives ten minutes ago and catches up as the tests need it. */
describe('watch', { timeout: 60_000 }, () => {
  let here: Installation;
  const first = [someone(), someone()];

  beforeAll(async () => {
    const startFrom = new Date(Date.now() - 60 * MINUTE_MS).toISOString();
    here = await openInstallation({ crmLagMs: 10 * MINUTE_MS });
    await here.configure({
      connectors: { [CONNECTOR]: { type: 'zendesk', ...here.crm.settings, startFrom } },
    });
  });
  afterAll(() => here.close());

  const closeCasesOf = async (customers: readonly ReturnType<typeof someone>[]): Promise<void> => {
    for (const requester of customers)
      await here.crm.closeCase(await here.crm.openCase({ subject: 'Question', requester }));
    // The export holds the last minute back.
    here.clock.advance(2 * MINUTE_MS);
  };

  it('finds what closed more than a minute ago, once, and says that nobody sends it', async () => {
    await closeCasesOf(first);
    const found = await here.run('watch', CONNECTOR);
    expect(found).toMatchObject({ code: 0, stderr: '' });
    expect(found.stdout).toMatch(
      /^zendesk-eu: 2 cases read in 1 page, up to \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; 2 new closings, 2 to be asked, 0 called off\.\nNo server is running: the surveys go out when one starts \(caseloop start\)\.\n$/,
    );
    const again = await here.run('watch', CONNECTOR);
    expect(again).toMatchObject({
      code: 0,
      stdout: 'zendesk-eu: 0 cases read in 1 page; 0 new closings, 0 to be asked, 0 called off.\n',
    });
    expect(here.smtp.mails).toEqual([]);
  });

  it('has the running server look, and each customer is asked once', async () => {
    const server = await here.start();
    await server.logged('watch finished');
    const late = someone();
    await closeCasesOf([late]);
    const { code, stdout } = await here.run('watch', CONNECTOR, '--json');
    expect(code).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const event of events) expect(Object.keys(event).sort()).toEqual(EVENT_KEYS);
    expect(events.at(-1)).toMatchObject({
      connector: CONNECTOR,
      closures: 1,
      asks: 1,
      done: true,
      busy: false,
    });

    const again = await here.run('watch');
    expect(again.stdout).toMatch(/; 0 new closings, 0 to be asked, 0 called off\.\n$/);
    const customers = [...first, late];
    await eventually('a mail for each', () => here.smtp.mails.length >= customers.length);
    await server.stop();
    for (const { email } of customers) expect(await mailsTo(here.smtp, email)).toHaveLength(1);
  });

  it('goes on with the others when one connector fails, and ends with 1', async () => {
    const auth = { clientId: 'caseloop-sandbox', clientSecret: 'not-the-right-secret' };
    const ill = { type: 'zendesk', ...here.crm.settings, auth };
    await here.configure({
      connectors: { 'a-ill': ill, [CONNECTOR]: { type: 'zendesk', ...here.crm.settings }, 'z-ill': ill },
    });
    const { code, stdout, stderr } = await here.run('watch');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^zendesk-eu: \d+ cases? read in 1 page.*called off\.\n$/);
    expect(stderr).toMatch(
      /^a-ill: .*the OAuth client was refused\n {2}do: Check .*\nz-ill: .*was refused\n {2}do: Check .*\n$/,
    );

    const json = await here.run('watch', '--json');
    expect(json).toMatchObject({ code: 1, stderr: '' });
    const lines = json.stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { connector: 'a-ill', done: false, error: { message: expect.any(String), fix: expect.any(String) } },
      { connector: CONNECTOR, done: true, error: null },
      { connector: 'z-ill', done: false, error: {} },
    ]);

    const alone = await here.run('watch', 'a-ill');
    expect(alone).toMatchObject({ code: 1, stdout: '' });
    expect(alone.stderr).toMatch(/^Zendesk .*was refused\n {2}do: Check /);
    await here.configure({});
  });

  it('names the connectors there are when it is given another', async () => {
    const { code, stdout, stderr } = await here.run('watch', 'zendesk-us');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^There is no connector "zendesk-us" in .*; it has zendesk-eu\.\n {2}do: Use one/);
  });
});
