import { describe, expect, test } from 'vitest';
import { snapshotWith } from '../../tests/property/domain-facts.ts';
import { applySnapshot, closureKey, closureOf, isNewer } from './closure.ts';

const MONDAY = new Date('2026-11-09T10:00:00Z');
const TUESDAY = new Date('2026-11-10T10:00:00Z');
const NOTHING = { newClosure: null, cancel: null, cancelled: [] };

function closedAt(at: Date) {
  return snapshotWith({ state: 'closed', closedAt: at, changedAt: at });
}

function openAt(at: Date) {
  return snapshotWith({ state: 'open', closedAt: null, changedAt: at });
}

function later(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

describe('the closure of a snapshot', () => {
  test('is cut to the second, locked or not', () => {
    const at = new Date('2026-11-09T10:00:00.999Z');
    expect(closureOf(snapshotWith({ state: 'closed', closedAt: at }))).toEqual({ closedAt: MONDAY });
    expect(closureOf(snapshotWith({ state: 'locked', closedAt: at }))).toEqual({ closedAt: MONDAY });
  });

  test('is null while open or deleted, or when nobody knows when', () => {
    expect(closureOf(snapshotWith({ state: 'open', closedAt: MONDAY }))).toBeNull();
    expect(closureOf(snapshotWith({ state: 'deleted', closedAt: MONDAY }))).toBeNull();
    expect(closureOf(snapshotWith({ state: 'closed', closedAt: null }))).toBeNull();
  });
});

test('only an older snapshot is not newer', () => {
  expect(isNewer(closedAt(MONDAY), null)).toBe(true);
  expect(isNewer(closedAt(MONDAY), MONDAY)).toBe(true);
  expect(isNewer(closedAt(TUESDAY), MONDAY)).toBe(true);
  expect(isNewer(closedAt(MONDAY), TUESDAY)).toBe(false);
});

describe('the key of a closure', () => {
  test('names connector, case and second, without a colon', () => {
    expect(closureKey('zendesk-eu', '4711', later(MONDAY, 999))).toBe('zendesk-eu/4711/20261109T100000Z');
    expect(closureKey('a:b', 'c/d:e', MONDAY)).toBe('a%3Ab/c%2Fd%3Ae/20261109T100000Z');
  });
});

describe('a snapshot that arrives', () => {
  const first = { closedAt: MONDAY, cycle: 1 };

  test('closed: is a new closure, in the next cycle', () => {
    expect(applySnapshot({ closures: [] }, closedAt(MONDAY))).toEqual({ ...NOTHING, newClosure: first });
    expect(applySnapshot({ closures: [first] }, closedAt(TUESDAY)).newClosure).toEqual({
      closedAt: TUESDAY,
      cycle: 2,
    });
  });

  test('closed again: the ask before is superseded', () => {
    const change = applySnapshot({ closures: [first] }, closedAt(TUESDAY));
    expect(change).toMatchObject({ cancel: 'superseded', cancelled: [MONDAY] });
  });

  test('a closed one that is known changes nothing, also when the store kept parts of a second', () => {
    expect(applySnapshot({ closures: [first] }, closedAt(MONDAY))).toEqual(NOTHING);
    expect(
      applySnapshot({ closures: [{ ...first, closedAt: later(MONDAY, 400) }] }, closedAt(MONDAY)),
    ).toEqual(NOTHING);
  });

  test('a closed one that comes late becomes a closure and cancels nothing', () => {
    const second = { closedAt: TUESDAY, cycle: 1 };
    expect(applySnapshot({ closures: [second] }, closedAt(MONDAY))).toEqual({
      ...NOTHING,
      newClosure: { closedAt: MONDAY, cycle: 2 },
    });
  });

  test('open: the asks of earlier closures are off', () => {
    expect(applySnapshot({ closures: [first] }, openAt(later(MONDAY, 1_000)))).toEqual({
      newClosure: null,
      cancel: 'reopened',
      cancelled: [MONDAY],
    });
    expect(applySnapshot({ closures: [] }, openAt(MONDAY))).toEqual(NOTHING);
  });

  test('open, from before the closing or within its second: no proof of a reopening', () => {
    expect(applySnapshot({ closures: [first] }, openAt(later(MONDAY, -1_000)))).toEqual(NOTHING);
    expect(applySnapshot({ closures: [first] }, openAt(later(MONDAY, 999)))).toEqual(NOTHING);
  });

  test('deleted: the asks until then are off, those after it stand', () => {
    const deleted = snapshotWith({ state: 'deleted', closedAt: null, changedAt: MONDAY });
    const change = applySnapshot({ closures: [first, { closedAt: TUESDAY, cycle: 2 }] }, deleted);
    expect(change).toEqual({ newClosure: null, cancel: 'deleted', cancelled: [MONDAY] });
  });
});
