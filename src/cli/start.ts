import { mkdir } from 'node:fs/promises';
import { connectorTypes } from '../../connectors/index.ts';
import { type App, openApp } from '../app.ts';
import { systemClock } from '../clock.ts';
import { ConfigError } from '../errors.ts';
import { createLog, type Log } from '../log.ts';
import { type Role, serveApp } from '../serve.ts';
import { enterDoor } from '../store/door.ts';
import { makeSetupLink } from '../store/user-links.ts';
import { commandsOf } from './commands.ts';
import { loadForCommand } from './load.ts';
import { toldToStop } from './told-to-stop.ts';

/** `caseloop start`: serves until it is told to stop, then finishes or hands back what is in flight. */
export async function start(options: { config: string; role: Role; port?: number }): Promise<number> {
  const log = createLog({ level: 'info', clock: systemClock });
  const config = await loadForCommand(options);
  const told = toldToStop();
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const door = config.database.url === null ? await enter(config.dataDir, log) : null;
  try {
    const app = await openApp({
      config,
      types: connectorTypes,
      clock: systemClock,
      log,
      // On the spot, as in a crash: without its database there is nothing to finish, and the next start settles the rest.
      onDatabaseEnd(error) {
        log.error({ fix: error.fix }, error.message);
        process.exit(1);
      },
    });
    try {
      door?.serve(commandsOf(app));
      const serving = await serveApp(app, {
        role: options.role,
        ...(options.port === undefined ? {} : { port: options.port }),
      });
      log.info(
        {
          role: options.role,
          url: serving.url,
          engine: app.backend.kind,
          connectors: [...config.connectors.keys()],
        },
        'caseloop is running',
      );
      if (options.role !== 'worker') await showSetupLink(app);
      const signal = await told;
      log.info({ signal }, 'stopping: finishing what is in flight');
      await serving.close();
    } finally {
      await app.close();
    }
  } finally {
    await door?.close();
  }
  log.info('stopped');
  return 0;
}

/** On standard error and not in the log, which others read and keep: whoever has the link becomes admin. */
async function showSetupLink({ config, work, clock }: App): Promise<void> {
  const token = config.signIn.password ? await makeSetupLink(work.db, clock.now()) : null;
  if (token === null) return;
  const link = `${config.server.publicUrl}/setup/${token}`;
  process.stderr.write(`Nobody is admin yet. Open ${link} within 24 hours; it works once.\n`);
}

async function enter(dataDir: string, log: Log) {
  const door = await enterDoor({ dataDir, log });
  if (door.role === 'owner') return door;
  await door.close();
  throw new ConfigError(`dataDir: another Caseloop process is using ${dataDir}.`, {
    fix: 'Stop that process, give this one another dataDir, or set database.url to share a PostgreSQL server.',
  });
}
