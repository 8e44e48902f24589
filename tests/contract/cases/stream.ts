import { expect } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../../src/clock.ts';
import type { Connector, StreamBell } from '../../../src/connector.ts';
import { AuthError } from '../../../src/errors.ts';
import { eventually } from '../../support/eventually.ts';
import type { ContractCase } from '../contract-case.ts';
import { expectNothingTold } from '../planted.ts';
import { recordTokens } from '../recorded-tokens.ts';
import {
  answerFor,
  closedCase,
  followUp,
  newestOf,
  openCase,
  taskFor,
  watchAll,
  write,
} from '../situations.ts';
import type { Stand } from '../stand.ts';

const method = 'stream';
const needs = 'streams';

export const streamCases: readonly ContractCase[] = [
  {
    method,
    needs,
    promise: 'a closing rings, and so does a reopening',
    async run(stand) {
      await using heard = await listen(stand, stand.connect());
      const caseId = await closedCase(stand);
      await heard.until((told) => told.includes(caseId));
      const before = heard.ids().length;
      await stand.sandbox.reopenCase(caseId);
      await heard.until((told) => told.slice(before).includes(caseId));
    },
  },
  {
    method,
    needs,
    promise: 'cases that are closed together are all named',
    async run(stand) {
      await using heard = await listen(stand, stand.connect());
      const ids = [await openCase(stand), await openCase(stand), await openCase(stand)];
      await streaming(stand).closeTogether(ids);
      await heard.until((told) => ids.every((id) => told.includes(id)));
    },
  },
  {
    method,
    needs,
    promise: 'goes on from its cursor, in another process too, and misses nothing',
    async run(stand) {
      const first = await listen(stand, stand.connect());
      const seen = await closedCase(stand);
      await first.until((told) => told.includes(seen));
      await first[Symbol.asyncDispose]();
      const away = [await closedCase(stand), await closedCase(stand)];
      stand.clock.advance(MINUTE_MS);
      await using next = await listen(stand, stand.connect(), first.cursor());
      const later = await closedCase(stand);
      await next.until((told) => [...away, later].every((id) => told.includes(id)));
      expect(next.rescans()).toEqual([]);
    },
  },
  {
    method,
    needs,
    promise: 'what the CRM no longer knows is asked of a watch, which finds it',
    async run(stand) {
      const first = await listen(stand, stand.connect());
      const seen = await closedCase(stand);
      await first.until((told) => told.includes(seen));
      await first[Symbol.asyncDispose]();
      const missed = await closedCase(stand);
      stand.clock.advance(7 * DAY_MS);
      await using next = await listen(stand, stand.connect(), first.cursor());
      const later = await closedCase(stand);
      await next.until((told) => told.includes(later));
      const [from] = next.rescans();
      if (from === undefined) return expect.fail('nothing asked for a watch');
      const found = newestOf(await watchAll(stand, stand.connect(), { startAt: from }));
      expect(found.get(missed)?.state).toBe('closed');
    },
  },
  {
    method,
    needs,
    promise: 'our own writing rings no bell',
    async run(stand) {
      const caseId = await closedCase(stand);
      await using heard = await listen(stand, stand.connect());
      await write(stand, stand.connect(), [answerFor(caseId)]);
      await followUp(stand, stand.connect(), [taskFor(stand, caseId)]);
      const other = await closedCase(stand);
      await heard.until((told) => told.includes(other));
      expect(heard.ids()).not.toContain(caseId);
    },
  },
  {
    method,
    needs,
    promise: 'a bell that cannot be stored ends it with that error, and is rung again from the old cursor',
    async run(stand) {
      const first = await listen(stand, stand.connect());
      const seen = await closedCase(stand);
      await first.until((told) => told.includes(seen));
      await first[Symbol.asyncDispose]();
      const lost = await closedCase(stand);
      const broken = new Error('the store is out of order');
      const signal = AbortSignal.timeout(10_000);
      const ended = streamOf(stand.connect())(first.cursor(), () => Promise.reject(broken), signal);
      await expect(ended).rejects.toBe(broken);
      await using next = await listen(stand, stand.connect(), first.cursor());
      await next.until((told) => told.includes(lost));
    },
  },
  {
    method,
    needs,
    promise: 'told to stop it ends, and leaves nothing open at the CRM',
    async run(stand) {
      const heard = await listen(stand, stand.connect());
      await heard[Symbol.asyncDispose]();
      await eventually('no subscription', () => streaming(stand).subscriptions() === 0);
      const before = stand.sandbox.requests.length;
      await streamOf(stand.connect())(heard.cursor(), async () => undefined, AbortSignal.abort());
      expect(stand.sandbox.requests.length).toBe(before);
    },
  },
  {
    method,
    needs,
    promise: 'a token that ended is renewed on the way',
    async run(stand) {
      const first = await listen(stand, stand.connect());
      await first[Symbol.asyncDispose]();
      stand.clock.advance(DAY_MS);
      await using next = await listen(stand, stand.connect(), first.cursor());
      const caseId = await closedCase(stand);
      await next.until((told) => told.includes(caseId));
    },
  },
  {
    method,
    needs,
    promise: 'wrong credentials are an AuthError',
    async run(stand) {
      const wrong = { settings: stand.subject.wrongCredentials, tokens: recordTokens() };
      const signal = AbortSignal.timeout(10_000);
      const error = await streamOf(stand.connect(wrong))(null, async () => undefined, signal).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(AuthError);
      expect((error as AuthError).fix).not.toBeNull();
      expectNothingTold(stand, [error]);
    },
  },
];

/** What a stream told so far. Disposing stops it and waits for its end, which must be a quiet one. */
interface Listening extends AsyncDisposable {
  ids(): readonly string[];
  rescans(): readonly Date[];
  /** Where the last bell stands. */
  cursor(): string;
  /** Resolves when the ids so far are what is waited for; fails when the stream ends before. */
  until(isEnough: (told: readonly string[]) => boolean): Promise<void>;
}

/** Opens a stream and waits until it is listened to. */
async function listen(stand: Stand, connector: Connector, cursor: string | null = null): Promise<Listening> {
  const bells: StreamBell[] = [];
  let last: string | null = cursor;
  let failure: { readonly error: unknown } | null = null;
  const stopping = new AbortController();
  await eventually('an earlier stream to be gone', () => streaming(stand).subscriptions() === 0);
  const ended = streamOf(connector)(
    cursor,
    async (bell, at) => {
      bells.push(bell);
      last = at;
    },
    stopping.signal,
  ).catch((error: unknown) => {
    failure = { error };
  });
  const ids = () => bells.flatMap((bell) => ('ids' in bell ? bell.ids : []));
  const wait = (what: string, isSo: () => boolean) =>
    eventually(what, () => {
      if (failure !== null) throw failure.error;
      return isSo();
    });
  await wait('a subscription', () => streaming(stand).subscriptions() > 0);
  return {
    ids,
    rescans: () => bells.flatMap((bell) => ('rescanFrom' in bell ? [bell.rescanFrom] : [])),
    cursor: () => last ?? expect.fail('no bell was rung'),
    until: async (isEnough) => {
      await wait('the bells', () => isEnough(ids()));
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await ended;
      if (failure !== null) throw failure.error;
    },
  };
}

function streamOf({ stream }: Connector): NonNullable<Connector['stream']> {
  return stream ?? expect.fail('there is no stream');
}

function streaming({ stage }: Stand) {
  return stage.streaming ?? expect.fail('the subject has no acts for streams');
}
