import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'src/cli/main.ts');
/** Every command loads the same modules; compiled once, they load in half the time. */
const COMPILE_CACHE = join(ROOT, 'node_modules/.cache/caseloop-tests');
/** No command of a test takes so long. */
const LONGEST_RUN_MS = 60_000;

/** How a process ended and everything it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `caseloop` command that runs as a process of its own. */
export interface CliProcess {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Its log so far: the lines of standard error that are JSON. */
  logLines(): LogLine[];
  /** The first log line with that message; fails with all output when the process ends without it. */
  logged(message: string): Promise<LogLine>;
  /** Sends the signal to this process alone and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface CliOptions {
  readonly cwd?: string;
  /** All the environment it gets beside PATH and the home directory. */
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();
// Whatever ends the test process, its children end with it.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts `caseloop ARGS` from the sources. Call `killLeftProcesses` after the tests. */
export function startCli(args: readonly string[], options: CliOptions = {}): CliProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: options.cwd ?? ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error('the process could not be started');
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // 'close' and not 'exit': all output has arrived then.
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    running.delete(child);
    return { code, signal, stdout, stderr };
  });
  const logLines = (): LogLine[] =>
    stderr
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  return {
    pid: child.pid,
    ended,
    logLines,
    logged: (message) =>
      eventually(`the log line "${message}"`, () => {
        const line = logLines().find((one) => one.msg === message);
        if (line === undefined && !running.has(child))
          throw new Error(`the process ended without logging "${message}":\n${stdout}${stderr}`);
        return line;
      }),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return await ended;
    },
  };
}

/** Runs `caseloop ARGS` to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  const command = startCli(args, options);
  const timer = setTimeout(() => command.stop('SIGKILL'), LONGEST_RUN_MS);
  const ended = await command.ended;
  clearTimeout(timer);
  if (ended.signal !== null)
    throw new Error(`caseloop ${args.join(' ')} was killed:\n${ended.stdout}${ended.stderr}`);
  return ended;
}

/** Ends what a failed test left running, by its id. Call it in `afterAll`. */
export async function killLeftProcesses(): Promise<void> {
  const left = [...running];
  const ends = left.map((child) => once(child, 'close'));
  for (const child of left) child.kill('SIGKILL');
  await Promise.all(ends);
}
