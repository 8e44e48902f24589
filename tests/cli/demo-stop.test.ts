import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { killLeftProcesses, startCli } from '../support/process.ts';

describe('demo that is told to stop', { timeout: 60_000 }, () => {
  afterAll(() => killLeftProcesses());

  const namesIn = (folder: string) => readdir(folder, { recursive: true });
  it.for<[when: string, args: string[], code: number, isThen: (name: string) => boolean]>([
    ['as it starts', ['--port', '0'], 0, (name) => /^caseloop-demo-[^/]+$/.test(name)],
    ['as it starts', ['--once'], 1, (name) => /^caseloop-demo-[^/]+$/.test(name)],
    ['in the middle of the play', ['--once'], 1, (name) => name.endsWith('.eml')],
  ])('%s, run with %j, takes its folder with it', async ([_when, args, code, isThen]) => {
    const temporary = await mkdtemp(join(tmpdir(), 'caseloop-stopped-'));
    try {
      const command = startCli(['demo', ...args], { env: { TMPDIR: temporary } });
      await eventually('the moment', async () => (await namesIn(temporary)).some(isThen));
      const ended = await command.stop('SIGINT');
      expect(ended).toMatchObject({ code, signal: null, stderr: '' });
      expect(ended.stdout).toMatch(/\nStopped\.\n$/);
      expect(await namesIn(temporary)).toEqual([]);
    } finally {
      await rm(temporary, { recursive: true });
    }
  });
});
