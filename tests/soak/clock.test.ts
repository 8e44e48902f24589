import { mkdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished, test } from 'vitest';
import { connectorTypes } from '../../connectors/index.ts';
import { type App, openApp } from '../../src/app.ts';
import { commandsOf } from '../../src/cli/commands.ts';
import { loadConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { type Role, serveApp } from '../../src/serve.ts';
import { enterDoor } from '../../src/store/door.ts';
import { eventually } from '../support/eventually.ts';
import { createMovableClock, type MovableClock } from '../support/movable-clock.ts';
import { describeSoak } from '../support/soak-engine.ts';
import { openSoakRun, type SoakRun } from '../support/soak-run.ts';
import { CONNECTOR, MAILS_AT_ONCE } from '../support/soak-site.ts';

const HOUR_MS = 3_600_000;
const CLOSURES = 8;
/** Some heartbeats and a sweep, and less than a relay may take over a mail. */
const A_WHILE_MS = 10_000;

describeSoak('a clock that jumps', ['PGlite', 'PostgreSQL'], (name) => {
  test('forward and backward by hours: nothing is asked twice, nothing is lost', async () => {
    const run = await openSoakRun('clock jumps', name, { roles: {} });
    const { site, cases } = run;
    const clock = createMovableClock();
    const app = await serve(run, clock, 'all');

    await cases.close(CLOSURES);
    await eventually('the first answer', () => run.customers.answered.size > 0);
    site.holdMails(true);
    await cases.close(CLOSURES);
    await eventually('mails under way', () => site.mailsUnderWay() === MAILS_AT_ONCE);
    clock.advance(3 * HOUR_MS);
    await app.work.queues.add('sweep', {});
    await wait(A_WHILE_MS);
    site.holdMails(false);

    // What waits now, also what the CRM does not take at once, was put off by a clock that is hours ahead.
    site.crm.fail({ kind: '503', on: /update_many/, times: 2 });
    await eventually('answers that wait', () => run.customers.answered.size > CLOSURES / 2);
    clock.advance(-3 * HOUR_MS);
    await cases.close(CLOSURES);

    clock.advance(-3 * HOUR_MS);
    await cases.close(CLOSURES);
    run.reveal();
    await watch(app);
    clock.advance(3 * HOUR_MS);
    await run.finish({ kills: 0, mailsTwiceAtMost: 0, before: () => app.end() });
  });
});

describeSoak('clocks that differ', ['PostgreSQL'], (name) => {
  test('by hours between two workers: neither takes the other for dead', async () => {
    const run = await openSoakRun('differing clocks', name, { roles: { web: 'web' } });
    const { site, cases } = run;
    const ahead = createMovableClock();
    ahead.advance(3 * HOUR_MS);
    const behind = createMovableClock();
    const apps = [await serve(run, ahead, 'worker'), await serve(run, behind, 'worker')];
    site.holdMails(true);
    await cases.close(2 * CLOSURES);
    await eventually('mails under way', () => site.mailsUnderWay() >= MAILS_AT_ONCE);
    await wait(A_WHILE_MS);
    site.holdMails(false);
    run.reveal();
    await run.finish({
      kills: 0,
      mailsTwiceAtMost: 0,
      before: async () => {
        for (const app of apps) await app.end();
      },
    });
  });
});

interface Served extends App {
  /** Stops as an operator would. Safe to repeat. */
  end(): Promise<void>;
}

/** Runs the program in this process, by that clock. */
async function serve({ site }: SoakRun, clock: MovableClock, role: Role): Promise<Served> {
  const config = await loadConfig({ file: site.configFile, env: {}, types: connectorTypes });
  await mkdir(config.dataDir, { recursive: true });
  const door =
    config.database.url === null ? await enterDoor({ dataDir: config.dataDir, log: silentLog }) : null;
  const app = await openApp({ config, types: connectorTypes, clock, log: silentLog });
  if (door?.role === 'owner') door.serve(commandsOf(app));
  const serving = await serveApp(app, { role });
  const end = async (): Promise<void> => {
    await serving.close();
    await app.close();
    await door?.close();
  };
  onTestFinished(end);
  return { ...app, end };
}

async function watch(app: App): Promise<void> {
  await eventually('a watch', () => app.watch(CONNECTOR, () => undefined));
}
