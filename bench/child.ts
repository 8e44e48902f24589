import { type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createAsker } from './questions.ts';

/** A process of the benchmark. */
export interface Child {
  ask<A>(name: string, argument?: unknown): Promise<A>;
  /** Ends it and waits until it is gone. `SIGKILL` is the crash that a measure wants. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface ChildOptions {
  readonly script: string;
  readonly args?: readonly string[];
  /** Modules loaded before the script. */
  readonly preload?: readonly string[];
  /** What it prints goes here; the end of it is shown when the process fails. */
  readonly logFile: string;
}

/** Starts a Node process with an IPC channel. */
export function startChild(options: ChildOptions): Child {
  const output = openSync(options.logFile, 'a');
  const settings: ForkOptions = {
    execArgv: (options.preload ?? []).flatMap((module) => ['--import', module]),
    stdio: ['ignore', output, output, 'ipc'],
  };
  const child = fork(options.script, options.args ?? [], settings);
  let isWanted = false;
  const exited = once(child, 'exit');
  child.once('exit', async (code, signal) => {
    if (isWanted) return;
    const tail = (await readFile(options.logFile, 'utf8')).split('\n').slice(-20).join('\n');
    process.stderr.write(`${options.script} ended (${code ?? signal}):\n${tail}\n`);
    process.exit(1);
  });
  return {
    ask: createAsker(child),
    async end(signal) {
      isWanted = true;
      child.kill(signal);
      await exited;
    },
  };
}
