import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Ended, runCli } from '../support/process.ts';

const FOLDER = 'tests/config/wrong';
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
/** What the files' variables hold. Everything that starts with "planted" is secret, here and in the files. */
const env = {
  PLANTED_SECRET: 'planted-secret-of-more-than-32-characters',
  PLANTED_TOKEN: 'planted-token',
  PLANTED_WORD: 'planted-word',
  BIG_NUMBER: '4711471147',
  SHORT_WORD: 'q7x',
  EMPTY: '',
};
const SECRETS = /planted-|planted\b|4711471147|q7x/;
/** The name of a variable is no secret. */
const NOT_SECRET = /\$\{PLANTED_[A-Z]+\}/g;
/** One problem as it is printed: `file:line:column  what`, then value, allowed and fix. */
const PROBLEM = /^(\S+\.yaml):\d+:\d+ {2}\S.*(?:\n {2}\S.*|\n {4,}\S.*)*/gm;
const AT_A_TIME = 2;

const ends = new Map<string, Ended>();

beforeAll(async () => {
  const waiting = [...FILES];
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
      ends.set(name, await runCli(['check', '--offline', '--config', `${FOLDER}/${name}`], { env }));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}, 120_000);

describe.each(FILES)('%s', (name) => {
  it('is refused, with place, value, what is allowed and a fix for every problem', () => {
    const { code, stdout, stderr } = ends.get(name) as Ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const problems = [...stderr.matchAll(PROBLEM)];
    const announced = Number(/^(\d+) problems? in /.exec(stderr)?.[1]);
    expect(problems).toHaveLength(announced);
    for (const [problem, file] of problems) {
      expect(file).toBe(`${FOLDER}/${name}`);
      expect(problem).toMatch(/\n {2}value {4}\S.*\n {2}allowed {2}\S.*\n {2}fix {6}[A-Z].*\.$/s);
    }
  });

  it('gives no secret away', () => {
    const { stderr } = ends.get(name) as Ended;
    expect(stderr.replace(NOT_SECRET, '')).not.toMatch(SECRETS);
  });
});

it.for(['unknown-keys.yaml', 'survey-metric.yaml'])(
  'start refuses %s in the same words and starts nothing',
  async (name) => {
    const { code, stdout, stderr } = await runCli(['start', '--config', `${FOLDER}/${name}`], { env });
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: ends.get(name)?.stderr });
  },
);
