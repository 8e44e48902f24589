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
  /** What it prints goes here. */
  readonly logFile: string;
  /** Called when it ends without having been told to; the error holds the end of what it printed. */
  readonly onEnd: (error: Error) => void;
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
    options.onEnd(new Error(`${options.script} ended (${code ?? signal}):\n${tail}`));
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
