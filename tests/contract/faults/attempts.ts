import { expect } from 'vitest';
import type { Connector, Receipt } from '../../../src/connector.ts';
import {
  AuthError,
  type CaseloopError,
  ConfigError,
  PermanentError,
  RetryableError,
} from '../../../src/errors.ts';
import { PLANTED_COMMENT } from '../planted.ts';
import { recordTokens } from '../recorded-tokens.ts';
import { answerFor, byKey, closedCase, followUp, openCase, SETTLED_MS, taskFor } from '../situations.ts';
import { type ConnectOptions, mintsToken, type Stand } from '../stand.ts';
import type { Trait } from '../subject.ts';
import type { ErrorClass, Meaning } from './rows.ts';

/** What a call that did not throw came to. */
export type Came =
  | { readonly as: 'done' }
  /** The vendor works on it. */
  | { readonly as: 'pending'; readonly handle: string; readonly checkAfterMs: number }
  /** The only item failed. */
  | { readonly as: 'failed'; readonly error: CaseloopError }
  /** `check` says that something is wrong. */
  | { readonly as: 'reported' }
  /** `fetch` gives no snapshot. */
  | { readonly as: 'left out' };

/** A method in a situation of its own, ready to meet a fault. */
export interface Prepared {
  /** The call. `again`: an earlier one's outcome is not known. */
  call(connector: Connector, again: boolean): Promise<Came>;
  /** Fails unless the CRM holds what the call promises, and holds it once. `unseen`: writes that had effect without an answer. */
  expectRight(unseen: number): Promise<void>;
}

/** One row of the table. */
export interface Attempt {
  readonly title: string;
  readonly needs?: Trait;
  /** Works on an account of its own on which nothing is provisioned. */
  readonly isBare?: boolean;
  /** Meets faults only while minting a token. */
  readonly isMinting?: boolean;
  /** Classes in place of the usual ones. */
  readonly classes?: Partial<Record<Meaning, readonly ErrorClass[]>>;
  connectOptions?(): ConnectOptions;
  prepare(stand: Stand): Promise<Prepared>;
}

const DONE: Came = { as: 'done' };

export const attempts: readonly Attempt[] = [
  {
    title: 'check',
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
    title: 'watch',
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
    title: 'fetch',
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
    title: 'receive',
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
  {
    title: 'write-back',
    async prepare(stand) {
      const caseId = await closedCase(stand, { tags: ['vip'] });
      const before = await stand.sandbox.readCase(caseId);
      const item = answerFor(caseId);
      return {
        call: async (connector) => cameTo(await connector.writeBack([item]), item.key),
        async expectRight() {
          const { tags, ...record } = await stand.sandbox.readCase(caseId);
          const { state, mailsToCustomer } = before;
          expect(record).toMatchObject({ state, mailsToCustomer, score: 2, comment: PLANTED_COMMENT });
          expect(tags).toEqual([...new Set(tags)]);
          expect(tags).toContain('vip');
        },
      };
    },
  },
  {
    title: 'follow-up',
    async prepare(stand) {
      const caseId = await closedCase(stand);
      const before = await stand.sandbox.readCase(caseId);
      const task = taskFor(stand, caseId);
      return {
        call: async (connector, again) =>
          cameTo(await connector.followUp([{ ...task, outcomeUnknown: again }]), task.key),
        async expectRight() {
          expect(await stand.sandbox.followUpsOf(caseId)).toHaveLength(1);
          expect(await stand.sandbox.readCase(caseId)).toEqual(before);
        },
      };
    },
  },
  {
    title: 'follow-up, again',
    async prepare(stand) {
      const caseId = await closedCase(stand);
      const task = { ...taskFor(stand, caseId), outcomeUnknown: true };
      await followUp(stand, stand.connect(), [task]);
      return {
        call: async (connector) => cameTo(await connector.followUp([task]), task.key),
        expectRight: async () => expect(await stand.sandbox.followUpsOf(caseId)).toHaveLength(1),
      };
    },
  },
  {
    title: 'settle',
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
    title: 'provision',
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
    title: 'token',
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

/** What a receipt for one item says. */
export function cameTo(receipt: Receipt, key: string): Came {
  if ('pending' in receipt) return { as: 'pending', ...receipt.pending };
  const outcome = byKey(receipt.outcomes, [{ key }]).get(key);
  if (outcome?.result === 'failed') return { as: 'failed', error: outcome.error };
  expect(outcome?.result).toBe('done');
  return DONE;
}
