import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'vitest';
import { describeSoak } from '../support/soak-engine.ts';
import { sizeOf } from '../support/soak-random.ts';
import { aMoment, openSoakRun } from '../support/soak-run.ts';
import { MAILS_AT_ONCE } from '../support/soak-site.ts';

const CLOSURES = Math.min(60, sizeOf('SOAK_CLOSURES', 60));
const TIMES = 3;

describeSoak('database servers that are restarted', ['PostgreSQL', 'Redis'], (name) => {
  test(`${TIMES} restarts in the middle of ${CLOSURES} closures: the same processes go on`, async () => {
    const run = await openSoakRun('restarted servers', name);
    const { site, cases, random } = run;
    for (let time = 1; time <= TIMES; time += 1) {
      await cases.close(Math.floor((CLOSURES * time) / TIMES) - cases.all.length);
      await aMoment(run);
      const servers = [site.engine.postgresql, site.engine.redis].filter((server) => server !== null);
      // On its own or with the other.
      const restarted = random.below(2) === 0 ? servers : [random.pick(servers)];
      const stoppedAt = performance.now();
      await Promise.all(restarted.map((server) => server.stop()));
      await wait(random.next() * 4_000);
      await Promise.all(restarted.map((server) => server.start()));
      const startedAt = performance.now();
      await site.untilReady();
      run.backMs.push(performance.now() - Math.max(startedAt, stoppedAt));
      if (time < TIMES) run.reveal();
    }
    const workers = site.slots.filter(({ role }) => role !== 'web').length;
    await run.finish({ kills: 0, mailsTwiceAtMost: MAILS_AT_ONCE * TIMES * workers });
  });
});
