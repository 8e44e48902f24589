import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { CONNECTOR, type Installation, openInstallation, someone } from './installation.ts';

/** One set-up, taken from a bare config file to a running server as an admin does it: the tests are in that order. */
describe('check and provision', { timeout: 60_000 }, () => {
  let here: Installation;
  beforeAll(async () => {
    here = await openInstallation();
    await here.crm.openCase({ subject: 'Question', requester: someone() });
  });
  afterAll(() => here.close());
  const linesOf = (stdout: string) =>
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const writes = () =>
    here.crm.requests.filter(({ method, path }) => method !== 'GET' && path.startsWith('/api/'));

  it('--offline looks at the file and touches nothing else', async () => {
    const { code, stdout, stderr } = await here.run('check', '--offline');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ok {7}config, file: .*caseloop\.yaml has 1 connector and 1 survey\n$/);
    expect(here.crm.requests).toEqual([]);
    expect(here.smtp.connections).toBe(0);
    expect(existsSync(here.dataDir)).toBe(false);
  });

  it('names what the CRM is missing and how to make it', async () => {
    const { code, stdout } = await here.run('check');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^error {4}zendesk-eu, ticket fields: missing or not active: "CSAT score".*\n {9}do: Run `caseloop provision zendesk-eu --apply`\.$/m,
    );
    expect(stdout).toMatch(/^ok {7}mail, relay: the relay answers$/m);
    expect(stdout).toMatch(/^2 errors, 1 warning\.$/m);
    expect(writes()).toEqual([]);
  });

  it('provision only plans until it is told to apply, and then has nothing left to do', async () => {
    const planned = await here.run('provision', CONNECTOR);
    expect(planned.code).toBe(0);
    expect(planned.stdout).toContain('zendesk-eu  would create  ticket field "CSAT score"\n');
    expect(planned.stdout).toContain(
      'This is a plan: 9 changes, none made. Run it with --apply to make them.',
    );
    expect(writes()).toEqual([]);

    const applied = await here.run('provision', CONNECTOR, '--apply', '--json');
    expect(applied.code).toBe(0);
    const { steps, ...rest } = JSON.parse(applied.stdout);
    expect(rest).toEqual({ connector: CONNECTOR, mode: 'apply', restartNeeded: false });
    expect(steps).toHaveLength(9);
    for (const step of steps) expect(Object.keys(step).sort()).toEqual(['action', 'detail', 'what']);

    const again = await here.run('provision', CONNECTOR);
    expect(again).toMatchObject({
      code: 0,
      stdout: 'zendesk-eu  nothing to do: the CRM has everything.\n',
      stderr: '',
    });
  });

  it('is content when all is well, and says the same with and without a server', async () => {
    const alone = await here.run('check');
    expect(alone).toMatchObject({ code: 0, stderr: '' });
    expect(alone.stdout).toMatch(/\nAll is well\.\n$/);
    expect(alone.stdout).not.toMatch(/^(error|warning)/m);
    const server = await here.start();
    expect(await here.run('check')).toEqual(alone);
    await server.stop();
    // Each of these processes went by the token that the first one minted.
    expect(here.crm.requests.filter(({ path }) => path.startsWith('/oauth/'))).toHaveLength(1);
  });

  it('--json prints one finding per line', async () => {
    const { code, stdout } = await here.run('check', '--json');
    expect(code).toBe(0);
    const [file, ...found] = linesOf(stdout);
    expect(file).toMatchObject({ place: 'config', what: 'file', level: 'ok', fix: null });
    for (const { restartNeeded, ...finding } of found) {
      expect(restartNeeded).toBe(false);
      expect(Object.keys(finding).sort()).toEqual(['detail', 'fix', 'level', 'place', 'what']);
    }
    const findings = [file, ...found];
    expect(new Set(findings.map(({ place }) => place))).toEqual(new Set(['config', CONNECTOR, 'mail']));
    expect(new Set(findings.map(({ level }) => level))).toEqual(new Set(['ok']));
  });

  it('finds a relay that does not answer', async () => {
    const port = await freePort();
    await here.configure({
      mail: {
        from: 'Acme Support <support@acme.example>',
        replyTo: 'no-reply@acme.example',
        url: `smtp://127.0.0.1:${port}`,
      },
    });
    const { code, stdout } = await here.run('check');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^error {4}mail, relay: mail\.url: the relay cannot be used .*\n {9}do: Check that/m,
    );
    expect(stdout).toMatch(/^1 error, 0 warnings\.$/m);
  });

  it('finds refused credentials and does not print them', async () => {
    const auth = { clientId: 'caseloop-sandbox', clientSecret: 'not-the-right-secret' };
    await here.configure({
      connectors: { [CONNECTOR]: { type: 'zendesk', ...here.crm.settings, auth } },
    });
    // The token that the right secret minted is still good.
    const { code, stdout, stderr } = await here.run('check');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^error {4}zendesk-eu, connection: .*401, the OAuth client was refused\n {9}do: Check .*auth\.clientSecret/m,
    );
    expect(stdout + stderr).not.toContain('not-the-right-secret');
  });

  it('says when the running server goes by other settings than the file', async () => {
    const WARNING =
      /^\/.*caseloop\.yaml {2}warning {2}the running server started with other settings .*: restart it to apply the file\.\n$/;
    await here.configure({});
    // The export's minute of the tests before is over.
    here.clock.advance(61_000);
    const server = await here.start();
    await here.configure({ policy: { delay: '1m' } });
    for (const command of [['check'], ['provision'], ['watch']]) {
      const { code, stderr } = await here.run(...command);
      expect(code).toBe(0);
      expect(stderr).toMatch(WARNING);
      const json = await here.run(...command, '--json');
      expect(json.stderr).toMatch(WARNING);
      expect(linesOf(json.stdout).at(-1)).toMatchObject({ restartNeeded: true });
    }
    await here.configure({});
    expect((await here.run('check')).stderr).toBe('');
    await server.stop();
  });
});
