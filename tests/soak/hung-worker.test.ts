import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'vitest';
import { watchClaims } from '../support/soak-claims.ts';
import { describeSoak } from '../support/soak-engine.ts';
import { sizeOf } from '../support/soak-random.ts';
import { aMoment, openSoakRun } from '../support/soak-run.ts';
import { MAILS_AT_ONCE } from '../support/soak-site.ts';

const CLOSURES = Math.min(60, sizeOf('SOAK_CLOSURES', 60));
const TIMES = 2;
/** Longer than a worker may be silent, and than the next sweep may take to see it. */
const HANGS_MS = 30_000;

describeSoak('a worker that hangs', ['PostgreSQL', 'Redis'], (name) => {
  test(`hangs ${TIMES} times for ${HANGS_MS / 1_000} s and wakes up: its rows were taken over, nothing is doubled`, async () => {
    const run = await openSoakRun('hung worker', name, {
      roles: { web: 'web', one: 'worker', other: 'worker' },
    });
    const { site, cases, random } = run;
    const claims = watchClaims(site);
    for (let time = 1; time <= TIMES; time += 1) {
      await cases.close(Math.floor((CLOSURES * time) / TIMES) - cases.all.length);
      const victim = random.pick(site.slots.filter(({ role }) => role === 'worker')).process();
      await aMoment(run);
      process.kill(victim.pid, 'SIGSTOP');
      await claims.noteDeath();
      await wait(HANGS_MS);
      process.kill(victim.pid, 'SIGCONT');
      run.reveal();
    }
    run.freedMs.push(...(await claims.freedMs()));
    await run.finish({ kills: 0, mailsTwiceAtMost: MAILS_AT_ONCE * TIMES });
  });
});
