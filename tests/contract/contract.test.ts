import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectorTypes } from '../../connectors/index.ts';
import { sandboxes } from '../../connectors/sandboxes.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import { contractCases } from './cases/index.ts';
import { titleOf } from './contract-case.ts';
import { faultTitle } from './faults/attempt.ts';
import { attempts } from './faults/attempts.ts';
import { meetFault } from './faults/meet.ts';
import { FAULT_ROWS } from './faults/rows.ts';
import { expectNothingTold } from './planted.ts';
import { createScoreboard, type Mark } from './scoreboard.ts';
import { openStand, type Stand } from './stand.ts';
import type { Subject } from './subject.ts';
import { subjects } from './subjects/index.ts';

const board = createScoreboard();
afterAll(() => console.info(board.print()));

test('every connector type has a sandbox and its facts in tests/contract/subjects', () => {
  expect(Object.keys(sandboxes).sort()).toEqual(Object.keys(connectorTypes).sort());
  expect(Object.keys(subjects).sort()).toEqual(Object.keys(connectorTypes).sort());
});

describe.each(Object.entries(subjects))('%s', (type, subject) => {
  test('every declared deviation names a case of this suite', () => {
    const faults = attempts.flatMap((attempt) => FAULT_ROWS.map((row) => faultTitle(attempt, row.title)));
    const known = [...contractCases.map(titleOf), ...faults];
    expect(subject.deviations.map((one) => one.case).filter((title) => !known.includes(title))).toEqual([]);
  });

  test('its traits are what its connector has', async () => {
    await using stand = await openStand(type, subject, { provisioned: false });
    const { askInCase, receive, reopen, stream, writeLate } = stand.connect();
    const places = connectorTypes[type]?.latePlaces ?? [];
    const { traits } = subject;
    if (traits.includes('pushes')) expect(receive).toBeDefined();
    expect(traits.includes('reopening')).toBe(reopen !== undefined);
    expect(traits.includes('asking')).toBe(askInCase !== undefined);
    expect(traits.includes('streams')).toBe(stream !== undefined);
    expect(traits.includes('late follow-up tickets')).toBe(places.includes('follow-up-ticket'));
    expect(traits.includes('late user fields')).toBe(places.includes('user-field'));
    expect(writeLate !== undefined).toBe(places.length > 0);
  });

  describe('keeps the promise', () => {
    const stand = sharedStand(type, subject);

    test.for(contractCases)('$method: $promise', async ({ method, promise, needs, run }) => {
      const title = titleOf({ method, promise });
      const note = (mark: Mark): void => board.promise(type, title, mark);
      if (needs !== undefined && !subject.traits.includes(needs)) return note('does not apply');
      await holdTo(subject, title, note, async () => {
        await run(stand());
        expectNothingTold(stand(), []);
        return 'holds';
      });
    });
  });

  describe('meets the fault', () => {
    const stand = sharedStand(type, subject);
    const meetings = attempts.flatMap((attempt) =>
      FAULT_ROWS.map((row) => ({ title: faultTitle(attempt, row.title), attempt, row })),
    );

    test.for(meetings)('$title', async ({ title, attempt, row }) => {
      const { method, situation, needs, isMinting } = attempt;
      let requests: number | null = null;
      const note = (mark: Mark): void =>
        board.fault(type, { method, situation, fault: row.title, requests }, mark);
      const lacksTrait = needs !== undefined && !subject.traits.includes(needs);
      if (lacksTrait || (isMinting && subject.tokenRequests === null)) return note('does not apply');
      await holdTo(subject, title, note, async () => {
        requests = await meetFault(stand(), attempt, row);
        return requests === 0 ? 'does not apply' : 'holds';
      });
    });
  });
});

/** One provisioned stand for all tests of a `describe`, with a minute between them for limits to pass. */
function sharedStand(type: string, subject: Subject): () => Stand {
  let stand: Stand | null = null;
  beforeAll(async () => {
    stand = await openStand(type, subject, { provisioned: true });
    return () => stand?.[Symbol.asyncDispose]();
  });
  return () => {
    if (stand === null) throw new Error('the stand is not open');
    stand.clock.advance(MINUTE_MS);
    return stand;
  };
}

/** Runs a case and notes the result. What is declared as a deviation must fail. */
async function holdTo(
  subject: Subject,
  title: string,
  note: (mark: Mark) => void,
  run: () => Promise<Mark>,
): Promise<void> {
  const deviation = subject.deviations.find((one) => one.case === title);
  let failure: { readonly error: unknown } | null = null;
  let mark: Mark = 'holds';
  try {
    mark = await run();
  } catch (error) {
    failure = { error };
  }
  if (deviation === undefined) {
    note(failure === null ? mark : 'fails');
    if (failure !== null) throw failure.error;
    return;
  }
  note(failure === null ? 'fails' : deviation);
  if (failure === null) throw new Error(`"${title}" is declared as a deviation and passes: take it out.`);
}
