import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import { pageAt, ROOT } from './pages.ts';

const run = promisify(execFile);

/** `npm start`, without npm: what package.json says it is, with our Node, where no config file lies about. */
async function npmStart(folder: string, args: readonly string[]): Promise<string> {
  const [node, entry = '', ...rest] = manifest.scripts.start.split(' ');
  expect(node).toBe('node');
  const { stdout } = await run(process.execPath, [join(ROOT, entry), ...rest, ...args], { cwd: folder });
  return stdout;
}

const Step = z.strictObject({
  connector: z.string(),
  case: z.string(),
  step: z.string(),
  at: z.iso.datetime(),
  detail: z.string().min(1),
});

describe('the first screen of README.md', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'caseloop-docs-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('shows the steps that the demo really takes', async () => {
    const lines = (await npmStart(folder, ['--once', '--json'])).trim().split('\n');
    const steps = lines.map((line) => Step.parse(JSON.parse(line)));
    const shown = pageAt('README.md').blocks.find(({ language }) => language === 'text')?.text ?? '';
    const [, caseId] = /case (\d+)/.exec(shown) ?? [];
    const names = [...shown.matchAll(/^ +\d\d:\d\d:\d\d\.\d{3} +(\S+)/gm)].map(([, step]) => step);
    expect(names).toContain('follow-up');
    expect(steps.filter((one) => one.case === caseId).map(({ step }) => step)).toEqual(names);
  }, 120_000);

  it('shows a config file that check accepts', async () => {
    const yaml = pageAt('README.md').blocks.find(({ language }) => language === 'yaml')?.text ?? '';
    await mkdir(join(folder, 'config'));
    await writeFile(join(folder, 'config', 'caseloop.yaml'), yaml);
    const check = run(process.execPath, [join(ROOT, 'src/cli/main.ts'), 'check', '--offline'], {
      cwd: folder,
      env: { CASELOOP_SECRET: 's'.repeat(64), SMTP_URL: 'smtp://127.0.0.1', ZENDESK_SECRET: 'z'.repeat(40) },
    });
    await expect(check).resolves.toMatchObject({ stderr: '' });
  });
});
