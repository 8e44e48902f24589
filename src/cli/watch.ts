import { Presets, SingleBar } from 'cli-progress';
import type { WatchEvent, WatchResult } from './commands.ts';
import { type CommonOptions, commandLog, loadForCommand, print, printJson } from './load.ts';
import { EXIT } from './program.ts';
import { reach } from './reach.ts';
import { count } from './show.ts';

/** `caseloop watch`: reads what changed since the last watch, with a progress bar where there is a terminal. */
export async function watch(connector: string | null, options: CommonOptions): Promise<number> {
  const config = await loadForCommand(options);
  const reached = await reach(config, commandLog());
  const { restartNeeded } = reached;
  const progress =
    options.json === true ? jsonProgress(restartNeeded) : process.stderr.isTTY ? barProgress() : noProgress();
  try {
    const { watches } = (await reached.call('watch', { connector }, (event) =>
      progress.show(event as WatchEvent),
    )) as WatchResult;
    progress.stop();
    const code = watches.some(({ error }) => error !== null) ? EXIT.failed : EXIT.ok;
    if (options.json === true) return code;
    for (const one of watches) {
      if (one.error === null) print(describe(one));
      else process.stderr.write(`${describeError(one.connector, one.error)}\n`);
    }
    const asks = watches.reduce((sum, one) => sum + one.asks, 0);
    if (asks > 0 && reached.isServerRunning === false) {
      print('No server is running: the surveys go out when one starts (caseloop start).');
    }
    return code;
  } finally {
    progress.stop();
    await reached.close();
  }
}

function describe(one: WatchEvent): string {
  if (one.busy) return `${one.connector}: another process is watching right now.`;
  const upTo = one.reachedAt === null ? '' : `, up to ${one.reachedAt.slice(0, 19).replace('T', ' ')} UTC`;
  return (
    `${one.connector}: ${count(one.cases, 'case')} read in ${count(one.pages, 'page')}${upTo}; ` +
    `${count(one.closures, 'new closing')}, ${one.asks} to be asked, ${one.cancelled} called off.`
  );
}

function describeError(connector: string, { message, fix }: NonNullable<WatchEvent['error']>): string {
  return `${connector}: ${message}${fix === null ? '' : `\n  do: ${fix}`}`;
}

interface Progress {
  show(event: WatchEvent): void;
  stop(): void;
}

function barProgress(): Progress {
  const bar = new SingleBar(
    { format: '{connector} [{bar}] {percentage}%  {cases} cases  read up to {upTo}', hideCursor: true },
    Presets.shades_classic,
  );
  let isRunning = false;
  return {
    show(event) {
      const payload = {
        connector: event.connector,
        cases: event.cases,
        upTo: event.reachedAt?.slice(0, 16).replace('T', ' ') ?? 'the start',
      };
      if (!isRunning) bar.start(100, 0, payload);
      isRunning = true;
      bar.update(percentOf(event), payload);
    },
    stop() {
      if (isRunning) bar.stop();
      isRunning = false;
    },
  };
}

function jsonProgress(restartNeeded: boolean): Progress {
  return { show: (event) => printJson({ ...event, restartNeeded }), stop: () => undefined };
}

function noProgress(): Progress {
  return { show: () => undefined, stop: () => undefined };
}

/** How much of the time between the last watch and now has been read. */
function percentOf(event: WatchEvent): number {
  if (event.done) return 100;
  if (event.from === null || event.reachedAt === null) return 0;
  const from = Date.parse(event.from);
  const span = Date.now() - from;
  return span <= 0 ? 100 : Math.min(99, Math.max(0, (100 * (Date.parse(event.reachedAt) - from)) / span));
}
