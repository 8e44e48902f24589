import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { createDesk } from './domain-desk.ts';
import { policyWith, snapshotWith } from './domain-facts.ts';

const START_MS = Date.parse('2026-11-02T09:00:00Z');
const LATER = new Date('2027-06-01T00:00:00Z');

/** What happens to a case, each at least a second after the one before, with parts of a second left over. */
interface Step {
  readonly what: 'toggle' | 'edit' | 'lock';
  readonly afterMs: number;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    what: fc.constantFrom('toggle', 'toggle', 'edit', 'lock'),
    afterMs: fc.oneof(
      fc.integer({ min: 1_000, max: 5_000 }),
      fc.integer({ min: 1_000, max: 20 * 86_400_000 }),
    ),
  }),
  { minLength: 1, maxLength: 10 },
);

/** The snapshots of a case's life in true order, the first open, the last perhaps deleted. */
function playCase(life: readonly Step[], isDeleted: boolean): readonly CaseSnapshot[] {
  let now = new Date(START_MS);
  let current = snapshotWith({ state: 'open', closedAt: null, changedAt: now });
  const seen = [current];
  for (const { what, afterMs } of life) {
    now = new Date(now.getTime() + afterMs);
    if (what === 'toggle' && current.state !== 'locked') {
      current =
        current.state === 'open'
          ? { ...current, state: 'closed', closedAt: now }
          : { ...current, state: 'open', closedAt: null };
    }
    if (what === 'lock' && current.state === 'closed') current = { ...current, state: 'locked' };
    current = { ...current, changedAt: now };
    seen.push(current);
  }
  const end = {
    ...current,
    state: 'deleted',
    closedAt: null,
    changedAt: new Date(now.getTime() + 1_000),
  } as const;
  return isDeleted ? [...seen, end] : seen;
}

const lives = fc.tuple(steps, fc.boolean()).map(([life, isDeleted]) => playCase(life, isDeleted));

/** Each snapshot at least once, some again, in any order. */
const complete = lives.chain((life) =>
  fc.array(fc.nat({ max: life.length - 1 }), { maxLength: 12 }).chain((again) => {
    const arrivals = [...life.keys(), ...again];
    return shuffled(arrivals).map((order) => ({ life, order }));
  }),
);

/** Some lost for good, but never the last. */
const lossy = complete.chain(({ life, order }) =>
  fc
    .subarray([...order])
    .chain((kept) => shuffled([...kept, life.length - 1]).map((some) => ({ life, order: some }))),
);

function shuffled(indices: readonly number[]): fc.Arbitrary<readonly number[]> {
  return fc.shuffledSubarray([...indices], { minLength: indices.length });
}

function seconds(closures: Iterable<Date | null>): readonly number[] {
  const all = [...closures].flatMap((at) => (at === null ? [] : [Math.floor(at.getTime() / 1_000)]));
  return [...new Set(all)].toSorted((a, b) => a - b);
}

function arrive({ life, order }: { life: readonly CaseSnapshot[]; order: readonly number[] }) {
  const desk = createDesk(policyWith());
  for (const index of order) desk.receive('zendesk-eu', life[index] ?? snapshotWith(), LATER);
  return desk;
}

/** The closure that was never reopened, if there is one: what a customer may be asked about in the end. */
function standing(life: readonly CaseSnapshot[]): readonly number[] {
  return seconds([life.at(-1)?.closedAt ?? null]);
}

test('any order and repetition of snapshots leaves one closure for each closing', () => {
  fc.assert(
    fc.property(complete, ({ life, order }) => {
      const { ledger } = arrive({ life, order });
      const wanted = seconds(life.map(({ closedAt }) => closedAt));
      expect(ledger.map(({ closedAt }) => closedAt.getTime() / 1_000).toSorted((a, b) => a - b)).toEqual(
        wanted,
      );
      expect(ledger.map(({ cycle }) => cycle)).toEqual(wanted.map((_, index) => index + 1));
    }),
    { numRuns: 500 },
  );
});

test('the ask that stands is that of the closing which was not reopened, and no other, even when snapshots are lost', () => {
  fc.assert(
    fc.property(lossy, ({ life, order }) => {
      const desk = arrive({ life, order });
      const live = () => desk.ledger.filter(({ state }) => state === 'pending' || state === 'sent');
      expect(seconds(live().map(({ closedAt }) => closedAt))).toEqual(standing(life));
      desk.send(LATER);
      expect(seconds(live().map(({ closedAt }) => closedAt))).toEqual(standing(life));
      for (const { first, state, cancelledBy } of desk.ledger) {
        const why = state === 'cancelled' ? cancelledBy : first.rule;
        expect(state === 'sent' ? ['asked'] : ['reopened', 'superseded', 'deleted']).toContain(why);
      }
    }),
    { numRuns: 500 },
  );
});

test('in true order, a reopening cancels the ask of the closing before it, and says so', () => {
  fc.assert(
    fc.property(steps, (life) => {
      const snapshots = playCase(life, false);
      const { ledger } = arrive({ life: snapshots, order: [...snapshots.keys()] });
      const stands = standing(snapshots);
      for (const { closedAt, state, cancelledBy } of ledger) {
        const isStanding = stands.includes(Math.floor(closedAt.getTime() / 1_000));
        expect([state, cancelledBy]).toEqual(isStanding ? ['pending', null] : ['cancelled', 'reopened']);
      }
    }),
    { numRuns: 300 },
  );
});
