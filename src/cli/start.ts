import { mkdir } from 'node:fs/promises';
import { connectorTypes } from '../../connectors/index.ts';
import { openApp } from '../app.ts';
import { systemClock } from '../clock.ts';
import { ConfigError } from '../errors.ts';
import { createLog, type Log } from '../log.ts';
import { type Role, serveApp } from '../serve.ts';
import { enterDoor } from '../store/door.ts';
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

async function enter(dataDir: string, log: Log) {
  const door = await enterDoor({ dataDir, log });
  if (door.role === 'owner') return door;
  await door.close();
  throw new ConfigError(`dataDir: another Caseloop process is using ${dataDir}.`, {
    fix: 'Stop that process, give this one another dataDir, or set database.url to share a PostgreSQL server.',
  });
}
