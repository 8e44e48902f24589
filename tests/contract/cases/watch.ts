import { expect } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import type { ContractCase } from '../contract-case.ts';
import {
  answerFor,
  closedCase,
  closedCases,
  cursorOf,
  followUp,
  newestOf,
  openCase,
  SETTLED_MS,
  taskFor,
  watchAll,
  write,
} from '../situations.ts';
import { expectSnapshot } from '../snapshot-shape.ts';
import { openStand } from '../stand.ts';

const method = 'watch';

export const watchCases: readonly ContractCase[] = [
  {
    method,
    promise: 'finds closed cases from an instant, in the promised shape',
    async run(stand) {
      const startAt = stand.clock.now();
      const caseId = await closedCase(stand);
      stand.clock.advance(SETTLED_MS);
      const pages = await watchAll(stand, stand.connect(), { startAt });
      for (const snapshot of pages.flatMap(({ cases }) => cases)) expectSnapshot(snapshot);
      expect(newestOf(pages).get(caseId)?.state).toBe('closed');
    },
  },
  {
    method,
    promise: 'only reads',
    async run(stand) {
      const connector = stand.connect();
      const requests = await stand.requestsDuring(() => connector.watch({ startAt: stand.clock.now() }));
      expect(requests.filter((request) => request.method !== 'GET')).toEqual([]);
    },
  },
  {
    method,
    promise: 'goes on from its cursor, in another process too',
    async run(stand) {
      const startAt = stand.clock.now();
      await closedCase(stand);
      stand.clock.advance(SETTLED_MS);
      const first = await watchAll(stand, stand.connect(), { startAt });
      const later = await closedCase(stand);
      stand.clock.advance(SETTLED_MS);
      const next = await watchAll(stand, stand.connect(), cursorOf(first));
      expect(newestOf(next).get(later)?.state).toBe('closed');
    },
  },
  {
    method,
    promise: 'the same cursor gives the same cases again, also at the end',
    async run(stand) {
      const startAt = stand.clock.now();
      const caseId = await closedCase(stand);
      stand.clock.advance(SETTLED_MS);
      const first = await watchAll(stand, stand.connect(), { startAt });
      const idle = await watchAll(stand, stand.connect(), cursorOf(first));
      const later = await closedCase(stand);
      stand.clock.advance(SETTLED_MS);
      const once = newestOf(await watchAll(stand, stand.connect(), cursorOf(idle)));
      const twice = newestOf(await watchAll(stand, stand.connect(), cursorOf(idle)));
      expect(newestOf(first).has(caseId)).toBe(true);
      expect(once.has(later)).toBe(true);
      expect(twice).toEqual(once);
    },
  },
  {
    method,
    promise: 'sees a case reopened, and closed again as a later closing',
    async run(stand) {
      const startAt = stand.clock.now();
      const caseId = await closedCase(stand);
      stand.clock.advance(SETTLED_MS);
      const closed = await watchAll(stand, stand.connect(), { startAt });
      await stand.sandbox.reopenCase(caseId);
      stand.clock.advance(SETTLED_MS);
      const reopened = await watchAll(stand, stand.connect(), cursorOf(closed));
      expect(newestOf(reopened).get(caseId)).toMatchObject({ state: 'open', closedAt: null });
      await stand.sandbox.closeCase(caseId);
      stand.clock.advance(SETTLED_MS);
      const again = await watchAll(stand, stand.connect(), cursorOf(reopened));
      const [before, after] = [newestOf(closed).get(caseId), newestOf(again).get(caseId)];
      expect(after?.state).toBe('closed');
      expect(after?.closedAt?.getTime()).toBeGreaterThan(before?.closedAt?.getTime() ?? Number.NaN);
    },
  },
  {
    method,
    promise: 'sees a case that was reopened and closed again between two watches as a later closing',
    async run(stand) {
      const startAt = stand.clock.now();
      const caseId = await closedCase(stand);
      stand.clock.advance(SETTLED_MS);
      const first = await watchAll(stand, stand.connect(), { startAt });
      await stand.sandbox.reopenCase(caseId);
      stand.clock.advance(MINUTE_MS);
      await stand.sandbox.closeCase(caseId);
      stand.clock.advance(SETTLED_MS);
      const next = await watchAll(stand, stand.connect(), cursorOf(first));
      const [before, after] = [newestOf(first).get(caseId), newestOf(next).get(caseId)];
      expect(after?.closedAt?.getTime()).toBeGreaterThan(before?.closedAt?.getTime() ?? Number.NaN);
    },
  },
  {
    method,
    promise: 'shows a case that was closed for good with its first closing',
    async run(stand) {
      const startAt = stand.clock.now();
      const caseId = await closedCase(stand);
      stand.clock.advance(SETTLED_MS);
      const first = await watchAll(stand, stand.connect(), { startAt });
      await stand.sandbox.lockCase(caseId);
      stand.clock.advance(SETTLED_MS);
      const next = await watchAll(stand, stand.connect(), cursorOf(first));
      const closedAt = newestOf(first).get(caseId)?.closedAt;
      expect(newestOf(next).get(caseId)).toMatchObject({ state: 'locked', closedAt });
    },
  },
  {
    method,
    promise: 'our own writing makes no closing, and our follow-ups are known as ours',
    async run(stand) {
      const startAt = stand.clock.now();
      const connector = stand.connect();
      const caseId = await closedCase(stand);
      stand.clock.advance(SETTLED_MS);
      const first = await watchAll(stand, connector, { startAt });
      await write(stand, connector, [answerFor(caseId)]);
      await followUp(stand, connector, [taskFor(stand, caseId)]);
      const [task] = await stand.sandbox.followUpsOf(caseId);
      stand.clock.advance(SETTLED_MS);
      const next = newestOf(await watchAll(stand, connector, cursorOf(first)));
      expect(next.get(caseId)?.closedAt).toEqual(newestOf(first).get(caseId)?.closedAt);
      // A CRM whose tasks are no cases of their own shows none here.
      expect(next.get(task?.id ?? '')?.flags.ours ?? true).toBe(true);
    },
  },
  {
    method,
    promise: 'skips nothing over pages, and reachedAt says no more than was read',
    async run({ type, subject }) {
      await using stand = await openStand(type, subject, { provisioned: false });
      const startAt = stand.clock.now();
      const half = Math.ceil(subject.watchPageSize / 2) + 3;
      // Two instants only: the end of a page falls between cases that changed in the same second.
      const early = await closedCases(stand, half);
      stand.clock.advance(MINUTE_MS);
      const late = await closedCases(stand, half);
      const changedAt = new Map<string, Date>();
      stand.clock.advance(SETTLED_MS);
      const pages = await watchAll(stand, stand.connect(), { startAt });
      expect(pages.length).toBeGreaterThan(1);
      const newest = newestOf(pages);
      expect([...early, ...late].filter((id) => !newest.has(id))).toEqual([]);
      for (const [id, snapshot] of newest) changedAt.set(id, snapshot.changedAt);
      const seen = new Set<string>();
      for (const { cases, reachedAt } of pages) {
        for (const { caseId } of cases) seen.add(caseId);
        if (reachedAt === null) continue;
        expect(reachedAt.getTime()).toBeLessThanOrEqual(stand.clock.now().getTime());
        const missed = [...changedAt].filter(([id, at]) => at < reachedAt && !seen.has(id));
        expect(missed).toEqual([]);
      }
    },
  },
  {
    method,
    promise: 'loses no change that is made while pages are read',
    async run({ type, subject }) {
      await using stand = await openStand(type, subject, { provisioned: false });
      const connector = stand.connect();
      const startAt = stand.clock.now();
      const ids = await closedCases(stand, subject.watchPageSize + 3);
      stand.clock.advance(SETTLED_MS);
      const first = await connector.watch({ startAt });
      const [read, unread] = [ids[0] ?? '', ids.at(-1) ?? ''];
      for (const caseId of [read, unread]) await stand.sandbox.reopenCase(caseId);
      const meanwhile = await openCase(stand);
      stand.clock.advance(SETTLED_MS);
      const rest = newestOf(await watchAll(stand, connector, { cursor: first.cursor }));
      for (const caseId of [read, unread, meanwhile]) expect(rest.get(caseId)?.state).toBe('open');
    },
  },
];
