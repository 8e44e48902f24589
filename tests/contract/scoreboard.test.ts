import { expect, test } from 'vitest';
import { createScoreboard } from './scoreboard.ts';

const deviation = {
  case: 'fetch: one case x 404',
  reason: 'It answers 200 with nothing in it, whatever was asked for.',
};

test('several connectors stand side by side, each with its own faults, deviations and sums', () => {
  const board = createScoreboard();
  for (const connector of ['acme', 'a-longer-name']) {
    board.promise(connector, 'check: only reads', 'holds');
    board.promise(connector, 'check: says what is missing', connector === 'acme' ? 'fails' : 'holds');
    board.promise(connector, 'reopen: opens', connector === 'acme' ? 'holds' : 'does not apply');
    for (const fault of ['401', 'reply lost']) {
      const fetching = { method: 'fetch', fault, situation: 'one case', requests: 2 } as const;
      board.fault(connector, fetching, 'holds');
      board.fault(connector, { ...fetching, situation: 'none', requests: 0 }, 'does not apply');
    }
  }
  const opening = { method: 'reopen', situation: 'a closed case', fault: '401', requests: null } as const;
  board.fault('acme', opening, 'fails');
  const unseen = { method: 'fetch', situation: 'one case', fault: '404', requests: null } as const;
  board.fault('a-longer-name', unseen, deviation);

  expect(`\n${board.print()}\n`).toMatchInlineSnapshot(`
    "
    acme  a-longer-name  promise
    ✓     ✓              check: only reads
    ✗     ✓              check: says what is missing

    ✓     -              reopen: opens

    acme: every kind of request that a method makes meets every fault
    method  situation      requests  401  reply lost
    fetch   one case       2         ✓    ✓
            none           0         -    -
    reopen  a closed case            ✗

    a-longer-name: every kind of request that a method makes meets every fault
    method  situation  requests  401  reply lost  404
    fetch   one case   2         ✓    ✓           D1
            none       0         -    -

    ✓ holds   ✗ fails   - does not apply   D1 ... declared deviation   blank: not run
    D1  a-longer-name, fetch: one case x 404: It answers 200 with nothing in it, whatever was asked for.

    acme: promises 2 hold, 1 fail, 0 deviate, 0 do not apply; faults 2 hold, 1 fail, 0 deviate, 2 do not apply
    a-longer-name: promises 2 hold, 0 fail, 0 deviate, 1 do not apply; faults 2 hold, 0 fail, 1 deviate, 2 do not apply
    "
  `);
});

test('a connector of which nothing was run has no table', () => {
  const board = createScoreboard();
  board.promise('acme', 'check: only reads', 'holds');
  expect(board.print()).not.toContain('requests');
});
