#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { CommanderError } from 'commander';
import { CaseloopError, ConfigError } from '../errors.ts';
import { createProgram, DEFAULT_CONFIG, EXIT } from './program.ts';

/** `npm start` without a command: the server where there is something to serve, else the demo. */
function withCommand(args: readonly string[]): readonly string[] {
  if (args[0] !== 'start-or-demo') return args;
  const rest = args.slice(1);
  const isConfigured = existsSync(DEFAULT_CONFIG) || rest.some((arg) => /^--config(=|$)/.test(arg));
  return [isConfigured ? 'start' : 'demo', ...rest];
}

async function main(): Promise<void> {
  try {
    await createProgram().parseAsync(withCommand(process.argv.slice(2)), { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Prints an error as the person who ran the command needs it, and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and usage errors are printed by commander itself; our own option errors are not.
    if (error.code === 'port') process.stderr.write(`${error.message}\n`);
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (error instanceof CaseloopError) {
    process.stderr.write(`${error.message}\n${error.fix === null ? '' : `  do: ${error.fix}\n`}`);
    return error instanceof ConfigError ? EXIT.usage : EXIT.failed;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}

await main();
