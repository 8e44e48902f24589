import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'vitest';
import { watchClaims } from '../support/soak-claims.ts';
import { describeSoak } from '../support/soak-engine.ts';
import { type Random, sizeOf } from '../support/soak-random.ts';
import { aMoment, openSoakRun } from '../support/soak-run.ts';
import { MAILS_AT_ONCE, type Slot } from '../support/soak-site.ts';

const CLOSURES = sizeOf('SOAK_CLOSURES', 200);
const KILLS = sizeOf('SOAK_KILLS', 10);
const UNHAPPY = 6;
/** The CRM may keep a job waiting for longer than it takes us to be back. */
const JOB_WAITS_MS = 6_000;

describeSoak('kill -9 at random moments', ['PGlite', 'PostgreSQL', 'Redis'], (name) => {
  test(`${CLOSURES} closures, ${KILLS} kills: nothing undecided, unwritten or asked twice`, async () => {
    const run = await openSoakRun('kill -9', name);
    const { site, cases, random } = run;
    const revealAfter = Math.ceil(KILLS / 3);
    const claims = watchClaims(site);
    let killed = 0;
    for (let round = 0; round < KILLS; round += 1) {
      await cases.close(Math.floor((CLOSURES * (round + 1)) / KILLS) - cases.all.length);
      const victims = pickVictims(site.slots, random);
      await aMoment(run);
      const killedAt = performance.now();
      await Promise.all(victims.map((slot) => slot.kill()));
      killed += victims.length;
      await claims.noteDeath();
      await Promise.all(victims.map((slot) => slot.start()));
      run.backMs.push(performance.now() - killedAt);
      if (round % revealAfter === revealAfter - 1 && round < KILLS - 1) run.reveal();
    }
    run.freedMs.push(...(await claims.freedMs()));
    await run.finish({ kills: killed, mailsTwiceAtMost: MAILS_AT_ONCE * killed });
  });

  test('killed right after the CRM took a job: the follow-ups it is still making are not made again', async () => {
    const run = await openSoakRun('kill -9 in a job', name);
    const { site, cases } = run;
    site.crm.holdJobs();
    await cases.close(UNHAPPY, { low: true });
    // Before the worker has written down that the CRM took it.
    while (!site.crm.requests.some(({ path }) => path.includes('create_many'))) await wait(1);
    const killedAt = performance.now();
    await Promise.all(site.slots.map((slot) => slot.kill()));
    await Promise.all(site.slots.map((slot) => slot.start()));
    run.backMs.push(performance.now() - killedAt);
    await wait(JOB_WAITS_MS);
    site.crm.releaseJobs();
    await run.finish({ kills: site.slots.length, mailsTwiceAtMost: MAILS_AT_ONCE * site.slots.length });
  });
});

/** Mostly one process, now and then all of them. */
function pickVictims(slots: readonly Slot[], random: Random): readonly Slot[] {
  return random.below(4) === 0 ? slots : [random.pick(slots)];
}
