import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { mailsTo } from '../support/survey-mail.ts';
import { CONNECTOR, type Installation, openInstallation, someone } from './installation.ts';

/** Everything goes through the door of a running server. */
describe('suppressions', { timeout: 60_000 }, () => {
  let here: Installation;
  let server: Awaited<ReturnType<Installation['start']>>;
  let dir: string;
  const [asked, other] = [someone(), someone()];
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'caseloop-lists-'));
    here = await openInstallation();
    await here.run('provision', CONNECTOR, '--apply');
    server = await here.start();
    await here.crm.closeCase(await here.crm.openCase({ subject: 'Question', requester: asked }));
    await eventually('the survey', async () => (await mailsTo(here.smtp, asked.email))[0]);
  });
  afterAll(async () => {
    await here.close();
    await rm(dir, { recursive: true, force: true });
  });
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(dir, name), text);
    return join(dir, name);
  };

  it('takes in the good lines of a file, tells of the others, and can be repeated', async () => {
    const many = Array.from({ length: 2_500 }, (_, nth) => `n-${nth}@elsewhere.example`);
    const foreign = `person:another1:${'a'.repeat(43)}`;
    const lines = ['email,date,reason', ` ${other.email.toUpperCase()} ,2026-01-02,unsubscribed`];
    const list = await file('list.csv', [...lines, 'nobody', foreign, asked.email, ...many].join('\n'));
    const first = await here.run('suppressions', 'import', list);
    expect(first.stdout).toBe('2502 added, 0 on the list already, 2 lines left out.\n');
    expect(first.stderr).toBe(
      'line 3: this is no mail address\n' +
        'line 4: this hash was made by another installation, and only that one can tell whose it is: import the address\n',
    );
    expect(first.code).toBe(1);
    const again = await here.run('suppressions', 'import', list, '--json');
    expect(JSON.parse(again.stdout.trimEnd().split('\n').at(-1) ?? '')).toEqual({
      added: 0,
      known: 2502,
      problems: 2,
    });
  });

  it('holds for the next case, whoever wrote the address how', async () => {
    const caseId = await here.crm.openCase({ subject: 'Question', requester: other });
    await here.crm.closeCase(caseId);
    await eventually('the decision', async () =>
      (await here.run('explain', CONNECTOR, caseId)).stdout.includes('(rule: opted-out)'),
    );
  });

  it('gives out addresses where they are known and hashes where not, and takes both back', async () => {
    const out = join(dir, 'export.csv');
    expect(await here.run('suppressions', 'export', out)).toMatchObject({ code: 0, stderr: '' });
    const text = await readFile(out, 'utf8');
    const rows = text.trimEnd().split('\n');
    expect(rows[0]).toBe('address,since,source');
    expect(rows.filter((row) => row.startsWith(`${asked.email},`))).toHaveLength(1);
    expect(rows.filter((row) => /^person:[0-9a-f]{8}:[\w-]{43},/.test(row))).toHaveLength(2_501);
    expect(text).toContain(',2026-01-02T00:00:00.000Z,unsubscribed\n');
    expect((await stat(out)).mode & 0o777).toBe(0o600);

    const theirs = rows.find((row) => row.includes('unsubscribed'))?.split(',')[0] ?? '';
    expect((await here.run('suppressions', 'remove', theirs)).stdout).toMatch(/^Removed\./);
    expect((await here.run('suppressions', 'import', out)).stdout).toBe(
      '1 added, 2501 on the list already, 0 lines left out.\n',
    );
    expect((await here.run('suppressions', 'add', other.email)).stdout).toBe('Was on the list already.\n');
  });

  it('refuses what names nobody, and logs no address', async () => {
    for (const args of [
      ['add', 'ann'],
      ['import', join(dir, 'none.csv')],
    ]) {
      const { code, stdout, stderr } = await here.run('suppressions', ...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^suppressions \w+: .*\n {2}do: /);
    }
    const { stderr } = await server.stop();
    expect(stderr).toContain('caseloop is running');
    expect(stderr).not.toMatch(/elsewhere\.example/i);
  });
});
