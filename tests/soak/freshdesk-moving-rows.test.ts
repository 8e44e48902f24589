import { expect, test } from 'vitest';
import { freshdesk } from '../../connectors/freshdesk/index.ts';
import { startFreshdeskSandbox } from '../../connectors/freshdesk/sandbox/sandbox.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../src/clock.ts';
import type { Connector, WatchFrom } from '../../src/connector.ts';
import { RetryableError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { recordTokens } from '../contract/recorded-tokens.ts';
import { createStandingClock, type StandingClock } from '../contract/standing-clock.ts';
import { openRandom, type Random } from '../support/soak-random.ts';

const TICKETS = 31_000;
const SECONDS = 3_600;
const BURST = 90;
const POLL_EVERY_S = 300;
/** A page takes about this long, and the account is not still meanwhile. */
const PAGE_S = 1;
const AGAIN_PER_PAGE = 3;

test(`${TICKETS} tickets updated over an hour, up to ${BURST} in a second, some while the watch pages: none missing`, async () => {
  const random = openRandom('freshdesk-moving-rows');
  const clock = createStandingClock(new Date('2026-11-21T10:00:00.400Z'));
  const sandbox = await startFreshdeskSandbox({ clock });
  try {
    const ids = sandbox.openClosedCases(TICKETS);
    clock.advance(DAY_MS);
    const connector = freshdesk.connect(freshdesk.Config.parse(sandbox.settings), {
      name: 'soak',
      webhookUrl: 'http://127.0.0.1:9/webhooks/soak',
      optOutUrl: 'https://survey.acme.example/u/',
      clock,
      log: silentLog,
      tokens: recordTokens(),
      needs: { publicReply: false },
      pushedAt: async () => null,
    });
    const run = startRun({ random, clock, ids, touch: sandbox.bulkTouch });
    const seen = new Map<string, number>();
    let from: WatchFrom = { startAt: clock.now() };
    let pages = 0;
    while (!run.isOver()) {
      run.live(POLL_EVERY_S);
      const watched = await watchToEnd(connector, from, {
        clock,
        seen,
        meanwhile: (read) => run.live(PAGE_S, read),
      });
      pages += watched.pages;
      from = { cursor: watched.cursor };
    }
    clock.advance(MINUTE_MS);
    pages += (await watchToEnd(connector, from, { clock, seen, meanwhile: () => undefined })).pages;

    const missing = [...run.updatedAt].filter(([id, at]) => (seen.get(id) ?? 0) < at);
    console.log(
      JSON.stringify({
        tickets: run.updatedAt.size,
        updates: run.updates(),
        again: run.again(),
        pages,
        missing: missing.length,
      }),
    );
    expect(missing).toEqual([]);
    expect(run.updatedAt.size).toBe(TICKETS);
    expect(run.longest()).toBe(BURST);
    expect(run.again()).toBeGreaterThan(100);
  } finally {
    await sandbox.close();
  }
});

/** The account's hour: every ticket is updated at some second of it, in bursts, and some again. */
function startRun(at: {
  random: Random;
  clock: StandingClock;
  ids: readonly string[];
  touch: (ids: readonly string[]) => unknown;
}) {
  const { random, clock, ids } = at;
  const due = planSeconds(random, ids);
  const updatedAt = new Map<string, number>();
  let second = 0;
  let [updates, again, longest] = [0, 0, 0];

  function touch(which: readonly string[]): void {
    at.touch(which);
    for (const id of which) {
      if (updatedAt.has(id)) again += 1;
      updatedAt.set(id, Math.floor(clock.now().getTime() / SECOND_MS) * SECOND_MS);
    }
    updates += which.length;
    longest = Math.max(longest, which.length);
  }

  return {
    updatedAt,
    isOver: () => second >= due.length,
    updates: () => updates,
    again: () => again,
    longest: () => longest,
    /** Lets so many seconds pass. Some of the tickets that the watch has read already are updated once more. */
    live(seconds: number, read: readonly string[] = []): void {
      for (let passed = 0; passed < seconds; passed += 1) {
        touch(due[second] ?? []);
        const again =
          read.length === 0 ? [] : Array.from({ length: AGAIN_PER_PAGE }, () => random.pick(read));
        touch([...new Set(again)]);
        second += 1;
        clock.advance(SECOND_MS);
      }
    },
  };
}

/** All ids over the seconds of the hour: bursts of 90 and of 1, and nothing in between them now and then. */
function planSeconds(random: Random, ids: readonly string[]): readonly (readonly string[])[] {
  const seconds: string[][] = Array.from({ length: SECONDS }, () => []);
  let next = 0;
  while (next < ids.length) {
    const second = seconds[random.below(SECONDS)];
    if (second === undefined || second.length > 0) continue;
    const size = random.below(4) === 0 ? BURST : 1 + random.below(15);
    second.push(...ids.slice(next, next + size));
    next += size;
    // Too few free seconds are left for what is left: fill them up.
    if (seconds.every((one) => one.length > 0)) {
      for (const one of seconds) {
        const room = BURST - one.length;
        one.push(...ids.slice(next, next + room));
        next += room;
      }
    }
  }
  return seconds;
}

async function watchToEnd(
  connector: Connector,
  start: WatchFrom,
  about: { clock: StandingClock; seen: Map<string, number>; meanwhile: (read: readonly string[]) => void },
): Promise<{ pages: number; cursor: string }> {
  let from = start;
  const read: string[] = [];
  for (let pages = 1; ; pages += 1) {
    const page = await watchOnce(connector, from, about.clock);
    for (const { caseId, changedAt } of page.cases) {
      read.push(caseId);
      about.seen.set(caseId, Math.max(about.seen.get(caseId) ?? 0, changedAt.getTime()));
    }
    if (!page.more) return { pages, cursor: page.cursor };
    from = { cursor: page.cursor };
    about.meanwhile(read);
  }
}

/** As the queue does: what is limited waits as long as it was told. */
async function watchOnce(connector: Connector, from: WatchFrom, clock: StandingClock) {
  for (;;) {
    try {
      return await connector.watch(from);
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      clock.advance(error.retryAfterMs ?? SECOND_MS);
    }
  }
}
