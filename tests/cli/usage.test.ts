import { expect, it } from 'vitest';
import { runCli } from '../support/process.ts';

it.for([
  'start',
  'demo',
  'check',
  'provision',
  'watch',
  'explain',
  'report',
  'suppressions',
  'send-test',
  'quarantine',
])('%s --help shows an example', async (command) => {
  const { code, stdout, stderr } = await runCli([command, '--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`Usage: caseloop ${command}`);
  expect(stdout).toContain(`Example:\n  caseloop ${command}`);
});

it('--help names every command', async () => {
  const { code, stdout } = await runCli(['--help']);
  expect(code).toBe(0);
  for (const command of [
    'start',
    'demo',
    'check',
    'provision',
    'watch',
    'explain',
    'report',
    'suppressions',
    'send-test',
    'quarantine',
  ])
    expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
});

it.for<[args: string[], says: string]>([
  [[], 'Usage: caseloop'],
  [['strat'], "unknown command 'strat'"],
  [['start', '--port', '99999'], '--port: 99999 is not a port; use a whole number from 0 to 65535.'],
  [['demo', '--port', 'seven'], '--port: seven is not a port; use a whole number from 0 to 65535.'],
  [['start', '--role', 'cook'], 'Allowed choices are all, web, worker.'],
  [['start', '--config'], "option '--config <file>' argument missing"],
  [['explain', 'zendesk-eu'], "missing required argument 'case'"],
  [['explain', 'zendesk-eu', '1', '2'], 'Expected 2 arguments but got 3'],
  [['report', '--by', 'cost'], 'report: cost is nothing that closings can be told apart by.'],
  [['report', '--filter', 'team'], 'Write it as team=Billing.'],
  [['report', '--format', 'xml'], 'Allowed choices are table, json, csv.'],
  [['suppressions', 'drop'], 'Use one of list, add, remove, import, export.'],
  [['send-test'], "required option '--to <address>' not specified"],
  [['quarantine', 'burn'], 'Use one of list, accept, dismiss.'],
  [['quarantine', 'accept'], 'quarantine accept: it needs the number of one'],
  [['check', '--fast'], "unknown option '--fast'"],
  [['check', '--config', 'nowhere.yaml'], 'Config file nowhere.yaml: there is no such file.'],
])('%j is bad usage', async ([args, says]) => {
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(says);
  expect(stderr).not.toMatch(/^\s+at /m);
});
