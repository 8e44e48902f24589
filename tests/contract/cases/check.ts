import { expect } from 'vitest';
import { AuthError } from '../../../src/errors.ts';
import type { ContractCase } from '../contract-case.ts';
import { expectNothingTold } from '../planted.ts';
import { recordTokens } from '../recorded-tokens.ts';
import { closedCase, failureOf } from '../situations.ts';
import { openStand } from '../stand.ts';

const method = 'check';

export const checkCases: readonly ContractCase[] = [
  {
    method,
    promise: 'finds nothing wrong with a provisioned account',
    async run(stand) {
      await closedCase(stand);
      const { name, findings } = await stand.connect().check();
      expect(name).not.toBe('');
      expect(findings.length).toBeGreaterThan(0);
      expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    },
  },
  {
    method,
    promise: 'only reads, and says the same again',
    async run(stand) {
      const connector = stand.connect();
      const accounts: unknown[] = [];
      const requests = await stand.requestsDuring(async () => {
        accounts.push(await connector.check(), await connector.check());
      });
      expect(accounts[1]).toEqual(accounts[0]);
      expect(requests.filter((request) => request.method !== 'GET')).toEqual([]);
    },
  },
  {
    method,
    promise: 'says what is missing before provisioning and what to do, and changes nothing',
    async run({ type, subject }) {
      await using bare = await openStand(type, subject, { provisioned: false });
      const connector = bare.connect();
      const planned = await connector.provision('plan');
      const { findings } = await connector.check();
      const errors = findings.filter(({ level }) => level === 'error');
      expect(errors.length).toBeGreaterThan(0);
      for (const { level, fix } of findings) expect(fix === null).toBe(level === 'ok');
      expect(await connector.provision('plan')).toEqual(planned);
    },
  },
  {
    method,
    promise: 'wrong credentials are an AuthError with a fix',
    async run(stand) {
      const wrong = { settings: stand.subject.wrongCredentials, tokens: recordTokens() };
      const error = await failureOf(stand.connect(wrong).check());
      expect(error).toBeInstanceOf(AuthError);
      expect((error as AuthError).fix).not.toBeNull();
      expectNothingTold(stand, [error]);
    },
  },
];
