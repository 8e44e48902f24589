import { connectorTypes } from '../../connectors/index.ts';
import { systemClock } from '../clock.ts';
import { type Config, loadConfig, readEnvironment } from '../config.ts';
import { createLog, type Log } from '../log.ts';

export interface CommonOptions {
  readonly config: string;
  readonly json?: boolean;
}

/** Reads the config file and tells its warnings on standard error. Throws ConfigFileError with every problem at once. */
export async function loadForCommand(options: Pick<CommonOptions, 'config'>): Promise<Config> {
  const config = await loadConfig({ file: options.config, env: readEnvironment(), types: connectorTypes });
  for (const warning of config.warnings) process.stderr.write(`${describeWarning(config.file, warning)}\n`);
  return config;
}

/** A command's own output is what people came for, so its log keeps to what went wrong. */
export function commandLog(): Log {
  return createLog({ level: 'error', clock: systemClock });
}

/** One line of data for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function describeWarning(file: string, warning: Config['warnings'][number]): string {
  return `${file}:${warning.line}:${warning.column}  warning  ${warning.path}: ${warning.message}`;
}
