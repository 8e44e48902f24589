import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startZendeskSandbox } from '../../connectors/zendesk/sandbox/sandbox.ts';
import { freePort } from '../support/free-port.ts';
import { createMovableClock, type MovableClock } from '../support/movable-clock.ts';
import { type CliProcess, type Ended, killLeftProcesses, runCli, startCli } from '../support/process.ts';
import { type SmtpSink, startSmtpSink } from '../support/smtp.ts';

/** What an admin has in front of them: a config file on the embedded engine, a CRM, a mail relay, and the commands. */
export interface Installation {
  readonly crm: Awaited<ReturnType<typeof startZendeskSandbox>>;
  readonly smtp: SmtpSink;
  /** The CRM's clock; the processes go by the system's. */
  readonly clock: MovableClock;
  readonly dataDir: string;
  readonly url: string;
  /** `caseloop ARGS --config FILE`. */
  run(...args: string[]): Promise<Ended>;
  /** `caseloop start`, when it serves. */
  start(...args: string[]): Promise<CliProcess>;
  /** Writes the config file anew with these keys in place of its own, at the top level. */
  configure(changes: Readonly<Record<string, unknown>>): Promise<void>;
  close(): Promise<void>;
}

/** The connector's name in the config file. */
export const CONNECTOR = 'zendesk-eu';

/** Nobody is called twice, so that no test meets another's quiet period. */
export function someone(): { readonly name: string; readonly email: string } {
  people += 1;
  return { name: `Customer ${people}`, email: `customer-${people}@elsewhere.example` };
}
let people = 0;

/** Sets up an installation in a temporary folder. Nothing is provisioned and nothing runs. */
export async function openInstallation(
  options: {
    /** Keys at the config file's top level. */
    readonly config?: Readonly<Record<string, unknown>>;
    readonly relay?: Parameters<typeof startSmtpSink>[0];
    /** How far the CRM's clock is behind at the start. */
    readonly crmLagMs?: number;
  } = {},
): Promise<Installation> {
  const clock = createMovableClock();
  clock.advance(-(options.crmLagMs ?? 0));
  const dir = await mkdtemp(join(tmpdir(), 'caseloop-cli-'));
  const crm = await startZendeskSandbox({ clock });
  const smtp = await startSmtpSink(options.relay);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = join(dir, 'caseloop.yaml');
  const base = {
    server: { publicUrl: url, port, secret: 'a secret of the tests, long enough for them' },
    dataDir: 'data',
    mail: { from: 'Acme Support <support@acme.example>', replyTo: 'no-reply@acme.example', url: smtp.url },
    connectors: { [CONNECTOR]: { type: 'zendesk', ...crm.settings } },
    writeBack: { gather: '0s' },
    ...options.config,
  };
  const configure = (more: Readonly<Record<string, unknown>>) =>
    writeFile(file, stringify({ ...base, ...more }), { mode: 0o600 });
  await configure({});
  const withConfig = (args: readonly string[]) => [...args, '--config', file];
  return {
    crm,
    smtp,
    clock,
    dataDir: join(dir, 'data'),
    url,
    configure,
    run: (...args) => runCli(withConfig(args)),
    async start(...args) {
      const server = startCli(withConfig(['start', ...args]));
      await server.logged('caseloop is running');
      return server;
    },
    async close() {
      await killLeftProcesses();
      await crm.close();
      await smtp.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
