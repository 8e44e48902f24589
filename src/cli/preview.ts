import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { startPreview } from '../preview/preview-server.ts';
import { setFrom, standardSet } from '../preview/preview-set.ts';
import { loadForCommand, print } from './load.ts';
import { DEFAULT_CONFIG, EXIT } from './program.ts';
import { toldToStop } from './told-to-stop.ts';

interface PreviewOptions {
  readonly config: string;
  readonly port: number;
}

/** `caseloop preview`: every mail and page in a browser, until told to stop. Needs no config file. */
export async function preview(options: PreviewOptions): Promise<number> {
  const stop = toldToStop();
  const isConfigured = options.config !== DEFAULT_CONFIG || existsSync(options.config);
  const set = isConfigured ? setFrom(await loadForCommand(options)) : standardSet();
  const { url, close } = await startPreview(set, { port: options.port });
  const shown = isConfigured ? options.config : 'the standard surveys, since there is no config file';
  print(`Preview of ${shown}: ${url}\nNothing is sent or stored. Ctrl-C stops it.`);
  if (process.stdout.isTTY) openInBrowser(url);
  await stop;
  await close();
  return EXIT.ok;
}

/** What each platform opens an address with. Where it is missing, the printed address has to do. */
function openInBrowser(url: string): void {
  const openers: Partial<Record<NodeJS.Platform, [command: string, ...args: string[]]>> = {
    darwin: ['open', url],
    win32: ['cmd', '/c', 'start', '', url],
  };
  const [command, ...args] = openers[process.platform] ?? ['xdg-open', url];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
