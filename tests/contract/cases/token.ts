import { expect } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import { AuthError, RetryableError } from '../../../src/errors.ts';
import type { ContractCase } from '../contract-case.ts';
import { expectNothingTold } from '../planted.ts';
import { recordTokens } from '../recorded-tokens.ts';
import { closedCase, everyWrite, failureOf, fetchOne } from '../situations.ts';
import { mintsToken, openStand } from '../stand.ts';

const method = 'token';

export const tokenCases: readonly ContractCase[] = [
  {
    method,
    promise: 'connecting asks nothing, and processes share what was minted',
    async run(stand) {
      const caseId = await closedCase(stand);
      const tokens = recordTokens();
      const before = stand.sandbox.requests.length;
      const [first, second] = [stand.connect({ tokens }), stand.connect({ tokens })];
      expect(stand.sandbox.requests.length).toBe(before);
      await fetchOne(first, caseId);
      await fetchOne(second, caseId);
      const minted = stand.sandbox.requests.slice(before).filter((one) => mintsToken(stand.subject, one));
      expect(minted).toHaveLength(stand.subject.tokenRequests === null ? 0 : 1);
    },
  },
  {
    method,
    promise: 'time passes, and every call still finds a token that holds',
    async run(stand) {
      const caseId = await closedCase(stand);
      const connector = stand.connect({ tokens: recordTokens() });
      for (let hours = 0; hours < 3; hours += 1) {
        await fetchOne(connector, caseId);
        stand.clock.advance(60 * MINUTE_MS);
      }
    },
  },
  {
    method,
    promise: 'a token that was revoked while no other can be had is tried again later',
    async run({ type, subject }) {
      if (subject.tokenRequests === null) return;
      await using stand = await openStand(type, subject, { provisioned: true });
      const caseId = await closedCase(stand);
      const connector = stand.connect();
      await fetchOne(connector, caseId);
      stand.sandbox.fail({ kind: '401' });
      stand.sandbox.fail({ kind: '503', on: subject.tokenRequests });
      expect(await failureOf(connector.fetch([caseId]))).toBeInstanceOf(RetryableError);
      await fetchOne(connector, caseId);
    },
  },
  {
    method,
    promise: 'wrong credentials are an AuthError in every method, and nothing is written',
    async run(stand) {
      const caseId = await closedCase(stand);
      const writes = await everyWrite(stand, caseId);
      const before = await stand.sandbox.readCase(caseId);
      const connector = stand.connect({
        settings: stand.subject.wrongCredentials,
        tokens: recordTokens(),
      });
      const errors = [
        await failureOf(connector.check()),
        await failureOf(connector.watch({ startAt: stand.clock.now() })),
        await failureOf(connector.fetch([caseId])),
        await failureOf(connector.provision('plan')),
        await failureOf(connector.provision('apply')),
      ];
      for (const call of writes) errors.push(await failureOf(call(connector)));
      for (const error of errors) expect(error).toBeInstanceOf(AuthError);
      expect(await stand.sandbox.readCase(caseId)).toEqual(before);
      expect(await stand.sandbox.followUpsOf(caseId)).toEqual([]);
      expectNothingTold(stand, errors);
    },
  },
];
