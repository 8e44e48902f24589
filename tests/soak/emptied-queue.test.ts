import { test } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { openDatabase } from '../../src/store/database.ts';
import { describeSoak } from '../support/soak-engine.ts';
import { sizeOf } from '../support/soak-random.ts';
import { aMoment, openSoakRun } from '../support/soak-run.ts';
import { MAILS_AT_ONCE, type SoakSite } from '../support/soak-site.ts';

const CLOSURES = Math.min(60, sizeOf('SOAK_CLOSURES', 60));
const TIMES = 3;

describeSoak('an emptied queue', ['PGlite', 'PostgreSQL', 'Redis'], (name) => {
  test(`emptied ${TIMES} times in the middle of ${CLOSURES} closures: everything is still finished`, async () => {
    const run = await openSoakRun('emptied queue', name);
    const { site, cases } = run;
    for (let time = 1; time <= TIMES; time += 1) {
      await cases.close(Math.floor((CLOSURES * time) / TIMES) - cases.all.length);
      await aMoment(run);
      if (name === 'PGlite') await emptyEmbedded(site);
      else await site.engine.emptyQueue();
      if (time < TIMES) run.reveal();
    }
    const kills = name === 'PGlite' ? TIMES : 0;
    await run.finish({ kills, mailsTwiceAtMost: MAILS_AT_ONCE * kills });
  });
});

/** Only the owner of the embedded database can reach it, so the process has to go first. */
async function emptyEmbedded(site: SoakSite): Promise<void> {
  for (const slot of site.slots) await slot.kill();
  const database = await openDatabase({ url: null, dataDir: site.dataDir, log: silentLog });
  await database.pool.query('truncate bullmq.job cascade');
  await database.close();
  for (const slot of site.slots) await slot.start();
}
