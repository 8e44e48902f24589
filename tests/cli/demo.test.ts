import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { sandboxes } from '../../connectors/sandboxes.ts';
import { castOf } from '../../src/demo/cast.ts';
import { killLeftProcesses, runCli } from '../support/process.ts';

const CONNECTORS = Object.keys(sandboxes).map((type) => `${type}-demo`);
const PARTS = castOf(CONNECTORS).flat();

describe.concurrent('demo --once', { timeout: 60_000 }, () => {
  let elsewhere: string;
  beforeAll(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), 'caseloop-elsewhere-'));
  });
  afterAll(async () => {
    await killLeftProcesses();
    await rm(elsewhere, { recursive: true });
  });

  it('prints one JSON line per step, from closing to follow-up', async ({ expect }) => {
    const { code, stdout, stderr } = await runCli(['demo', '--once', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const steps = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const step of steps) {
      expect(Object.keys(step)).toEqual(['connector', 'case', 'step', 'at', 'detail']);
      expect(new Date(step.at).toISOString()).toBe(step.at);
      expect(step.detail).toMatch(/^\S.*\.$/);
    }
    expect(new Set(steps.map(({ step }) => step))).toEqual(
      new Set([
        'closed',
        'noticed',
        'decided',
        'skipped',
        'cancelled',
        'mailed',
        'scanned',
        'answered',
        'written-back',
        'late',
        'follow-up',
      ]),
    );
    const cases = new Set(steps.map((step) => `${step.connector} ${step.case}`));
    expect(cases.size).toBe(PARTS.length);
    const followedUp = steps.filter(({ step }) => step === 'follow-up').map(({ connector }) => connector);
    expect([...new Set(followedUp)].sort()).toEqual([...CONNECTORS].sort());
  });

  it('is what npm start runs where nothing is configured, and tells of every customer', async ({
    expect,
  }) => {
    const { code, stdout, stderr } = await runCli(['start-or-demo', '--once'], { cwd: elsewhere });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const titles = stdout.split('\n').map((line) => line.replace(/, case \w+ /, ', case N '));
    for (const { connector, role } of PARTS)
      expect(titles).toContain(`${role.opens.requester.name}, case N in ${connector} (${role.about})`);
    expect(stdout).toMatch(/^Every step above was read back from the CRM, the mailbox or the store\.$/m);
  });
});
