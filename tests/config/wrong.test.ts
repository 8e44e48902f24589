import { readdirSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigFileError, parseConfig } from '../../src/config.ts';
import { ConfigError } from '../../src/errors.ts';
import { fakeConnector } from './fake-connector.ts';

const FOLDER = new URL('wrong/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

/** Everything that starts with "planted" is secret, here and in the files. */
const ENV = {
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

function refusalOf(name: string): ConfigFileError {
  const text = readFileSync(new URL(name, FOLDER), 'utf8');
  try {
    parseConfig(text, { file: `tests/config/wrong/${name}`, env: ENV, types: { fake: fakeConnector } });
  } catch (error) {
    if (error instanceof ConfigFileError) return error;
    throw error;
  }
  throw new Error(`${name} was accepted`);
}

describe.each(FILES)('%s', (name) => {
  it('is refused in the expected words', async () => {
    await expect(`${refusalOf(name).message}\n`).toMatchFileSnapshot(
      `wrong/${name.replace('.yaml', '.txt')}`,
    );
  });

  it('names line, value, what is allowed and how to fix it for every problem', () => {
    const error = refusalOf(name);
    const lines = readFileSync(new URL(name, FOLDER), 'utf8').split('\n').length;
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.problems).not.toHaveLength(0);
    for (const problem of error.problems) {
      expect(problem.line).toBeGreaterThanOrEqual(1);
      expect(problem.line).toBeLessThanOrEqual(lines);
      expect(problem.column).toBeGreaterThanOrEqual(1);
      for (const part of [problem.message, problem.value, problem.allowed]) expect(part.trim()).not.toBe('');
      expect(problem.fix).toMatch(/^[A-Z].*\.$/s);
      expect(error.message).toContain(`tests/config/wrong/${name}:${problem.line}:${problem.column}  `);
      expect(error.message).toContain(
        `  value    ${problem.value}\n  allowed  ${problem.allowed}\n  fix      ${problem.fix}`,
      );
    }
  });

  it('prints no secret, however the error is printed', () => {
    const error = refusalOf(name);
    const printed = [
      String(error),
      error.stack,
      inspect(error, { depth: null, showHidden: true }),
      JSON.stringify(error),
    ];
    expect(printed.join('\n').replace(NOT_SECRET, '')).not.toMatch(SECRETS);
  });
});

it('covers at least 30 files', () => {
  expect(FILES.length).toBeGreaterThanOrEqual(30);
});
