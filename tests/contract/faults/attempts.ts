import { expect } from 'vitest';
import { AuthError, ConfigError, PermanentError, RetryableError } from '../../../src/errors.ts';
import { recordTokens } from '../recorded-tokens.ts';
import { answerFor, closedCase, lookAfter, lowScore, openCase, SETTLED_MS } from '../situations.ts';
import { mintsToken } from '../stand.ts';
import { type Attempt, cameTo, DONE } from './attempt.ts';
import { writeAttempts } from './write-attempts.ts';

/** Every row of the table, in the order of the contract. */
export const attempts: readonly Attempt[] = [
  {
    method: 'check',
    situation: 'a provisioned account',
    async prepare(stand) {
      await closedCase(stand);
      return {
        async call(connector) {
          const { findings } = await connector.check();
          const wrong = findings.filter(({ level }) => level !== 'ok');
          for (const { fix } of wrong) expect(fix).not.toBeNull();
          return wrong.length === 0 ? DONE : { as: 'reported' };
        },
        expectRight: async () => undefined,
      };
    },
  },
  {
    method: 'watch',
    situation: 'a case just closed',
    async prepare(stand) {
      const startAt = stand.clock.now();
      const caseId = await closedCase(stand);
      stand.clock.advance(SETTLED_MS);
      let seen: readonly string[] = [];
      return {
        async call(connector) {
          const page = await connector.watch({ startAt });
          seen = page.cases.map((one) => one.caseId);
          return DONE;
        },
        expectRight: async () => expect(seen).toContain(caseId),
      };
    },
  },
  {
    method: 'fetch',
    situation: 'a closed case',
    async prepare(stand) {
      const caseId = await closedCase(stand);
      return {
        async call(connector) {
          const found = await connector.fetch([caseId]);
          return found.some((one) => one.caseId === caseId) ? DONE : { as: 'left out' };
        },
        expectRight: async () => undefined,
      };
    },
  },
  {
    method: 'receive',
    situation: 'a genuine push',
    needs: 'pushes',
    // The push itself is good: to call it forged or unreadable would make the CRM drop it.
    classes: { 'not there': [ConfigError, RetryableError], refused: [ConfigError, RetryableError] },
    async prepare(stand) {
      const caseId = await openCase(stand);
      const seen = stand.inbox.pushes.length;
      await stand.sandbox.closeCase(caseId);
      const push = await stand.inbox.nextAbout(caseId, seen);
      return {
        async call(connector) {
          expect(await connector.receive?.(push)).toEqual([caseId]);
          return DONE;
        },
        expectRight: async () => undefined,
      };
    },
  },
  ...writeAttempts,
  {
    method: 'look-after',
    situation: 'an answered case',
    async prepare(stand) {
      const item = await lowScore(stand);
      await stand.sandbox.replyInPublic(item.caseId);
      return {
        async call(connector) {
          const state = (await lookAfter(connector, [item])).get(item.key);
          return state?.repliedAt == null ? { as: 'left out' } : DONE;
        },
        expectRight: async () => undefined,
      };
    },
  },
  {
    method: 'settle',
    situation: 'a job that is over',
    needs: 'vendor jobs',
    // A job that the CRM no longer knows leaves its items to be tried again.
    classes: { 'not there': [PermanentError, ConfigError, RetryableError] },
    async prepare(stand) {
      const caseId = await closedCase(stand);
      const item = answerFor(caseId);
      stand.stage.holdJobs();
      const receipt = await stand.connect().writeBack([item]);
      stand.stage.releaseJobs();
      if (!('pending' in receipt)) return expect.fail('expected the job to be running still');
      await stand.stage.quiet();
      return {
        call: async (connector) => cameTo(await connector.settle(receipt.pending.handle), item.key),
        expectRight: async () => expect((await stand.sandbox.readCase(caseId)).score).toBe(2),
      };
    },
  },
  {
    method: 'provision',
    situation: 'an empty account',
    isBare: true,
    async prepare(stand) {
      const { sandbox } = stand;
      const planned = (await stand.connect().provision('plan')).filter(({ action }) => action !== 'manual');
      const before = sandbox.requests.length;
      return {
        async call(connector) {
          await connector.provision('apply');
          return DONE;
        },
        async expectRight(unseen) {
          const left = await stand.connect().provision('plan');
          expect(left.filter(({ action }) => action !== 'manual')).toEqual([]);
          const writes = sandbox.requests
            .slice(before)
            .filter((one) => one.method !== 'GET' && !mintsToken(stand.subject, one))
            .filter(({ status }) => status >= 200 && status < 300);
          expect(writes.length + unseen).toBe(planned.length);
        },
      };
    },
  },
  {
    method: 'token',
    situation: 'one to be minted',
    isMinting: true,
    // No token is never the fault of the one item that happened to need it.
    classes: { 'not there': [AuthError, ConfigError], refused: [AuthError, ConfigError] },
    connectOptions: () => ({ tokens: recordTokens() }),
    async prepare(stand) {
      const caseId = await closedCase(stand);
      const item = answerFor(caseId);
      return {
        call: async (connector) => cameTo(await connector.writeBack([item]), item.key),
        expectRight: async () => expect((await stand.sandbox.readCase(caseId)).score).toBe(2),
      };
    },
  },
];
