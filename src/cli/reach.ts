import { mkdir } from 'node:fs/promises';
import { connectorTypes } from '../../connectors/index.ts';
import { openApp } from '../app.ts';
import { systemClock } from '../clock.ts';
import { printOf } from '../config/print.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { enterDoor } from '../store/door.ts';
import { type CommandName, type ConfigResult, commandsOf } from './commands.ts';

/** A way to have a command run by whoever owns the database. */
export interface Reach {
  /** True when a server is running that sends what a command leaves due; null when that cannot be told from here. */
  readonly isServerRunning: boolean | null;
  /** True when a running server does the work, and with other settings than those that the command was given. */
  readonly restartNeeded: boolean;
  call(command: CommandName, args: unknown, onEvent?: (event: unknown) => void): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Reaches the store: on a database server directly; embedded through the running process's door, or, when none is running,
 * by opening the directory ourselves for as long as the command takes. Tells on standard error when the running process
 * goes by other settings than these.
 */
export async function reach(config: Config, log: Log): Promise<Reach> {
  if (config.database.url !== null) return reachHere(config, log, null, async () => undefined);
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const door = await enterDoor({ dataDir: config.dataDir, log });
  if (door.role === 'owner') return reachHere(config, log, false, async () => door.close());
  const server = (await door.call('config', {})) as ConfigResult;
  const restartNeeded = server.print !== printOf(config);
  if (restartNeeded) process.stderr.write(`${config.file}  warning  ${OTHER_SETTINGS}\n`);
  return {
    isServerRunning: true,
    restartNeeded,
    call: (command, args, onEvent) => door.call(command, args, onEvent),
    close: async () => door.close(),
  };
}

const OTHER_SETTINGS =
  'the running server started with other settings and this command goes by those: restart it to apply the file.';

async function reachHere(
  config: Config,
  log: Log,
  isServerRunning: boolean | null,
  leave: () => Promise<void>,
): Promise<Reach> {
  const app = await openApp({ config, types: connectorTypes, clock: systemClock, log }).catch(
    async (error) => {
      await leave();
      throw error;
    },
  );
  return {
    isServerRunning,
    restartNeeded: false,
    call: (command, args, onEvent) =>
      commandsOf(app)[command](args, {
        emit: onEvent ?? (() => undefined),
        signal: new AbortController().signal,
      }),
    async close() {
      await app.close();
      await leave();
    },
  };
}
