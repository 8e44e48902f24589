import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connectorTypes } from '../../connectors/index.ts';
import { sandboxes } from '../../connectors/sandboxes.ts';
import { type App, openApp } from '../app.ts';
import { commandsOf } from '../cli/commands.ts';
import type { Clock } from '../clock.ts';
import { loadConfig } from '../config.ts';
import { codeOf } from '../error-facts.ts';
import { ConfigError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Sandbox } from '../sandbox.ts';
import { serveApp } from '../serve.ts';
import { enterDoor } from '../store/door.ts';
import { makeSetupLink, spendLink } from '../store/user-links.ts';
import { type Mailbox, startMailbox } from './mailbox.ts';

/** The real program, running on the embedded default against simulated CRMs. */
export interface Stage {
  readonly app: App;
  readonly serverUrl: string;
  /** How the viewer of the demo signs in. */
  readonly viewer: { readonly email: string; readonly password: string };
  readonly mailbox: Mailbox;
  /** By connector name. */
  readonly crms: ReadonlyMap<string, Sandbox>;
  readonly configFile: string;
  /** Aborted when there is no time for the rest of the play. */
  readonly signal: AbortSignal;
  close(): Promise<void>;
}

/** The simulated CRM behind a connector. */
export function crmOf({ crms }: Pick<Stage, 'crms'>, connector: string): Sandbox {
  const crm = crms.get(connector);
  if (crm === undefined) throw new Error(`There is no simulated CRM behind ${connector}.`);
  return crm;
}

/** Leads the team, and looks at the dashboard. */
const LEAD = 'lena.lead@acme.example';

/** How long a case waits before its survey leaves: long enough to reopen one in time, also on a busy machine. */
const DELAY = '8s';

/**
 * Sets the stage: sandboxes, a config file for them, provisioning, server, mailbox. Everything lives in a temporary folder
 * that goes when the stage closes. With `port` 0 every page gets a free one. Throws ConfigError when a port is taken, and the
 * signal's reason when that is aborted meanwhile; nothing is left behind then.
 */
export async function setStage(options: {
  port: number;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}): Promise<Stage> {
  const { port, clock, log, signal } = options;
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const dataDir = await mkdtemp(join(tmpdir(), 'caseloop-demo-'));
    closers.push(() => rm(dataDir, { recursive: true, force: true }));
    const crms = new Map<string, Sandbox>();
    let nextPort = port === 0 ? 0 : port + 2;
    for (const [type, startSandbox] of Object.entries(sandboxes)) {
      const sandbox = await startSandbox({ clock, port: nextPort });
      if (nextPort !== 0) nextPort += 1;
      closers.push(() => sandbox.close());
      crms.set(`${type}-demo`, sandbox);
    }
    signal.throwIfAborted();
    const serverPort = port === 0 ? await freePort() : port;
    const configFile = join(dataDir, 'caseloop.yaml');
    await writeFile(configFile, demoConfig(serverPort, crms), { mode: 0o600 });
    const config = await loadConfig({ file: configFile, env: {}, types: connectorTypes });
    const door = await enterDoor({ dataDir: config.dataDir, log });
    if (door.role !== 'owner') throw new Error('The demo found its new folder in use.');
    closers.push(() => door.close());
    const app = await openApp({ config, types: connectorTypes, clock, log });
    closers.push(() => app.close());
    signal.throwIfAborted();
    door.serve(commandsOf(app));
    for (const [name, crm] of crms) {
      await app.provision(name, 'apply');
      await crm.finishByHand?.({ webhookUrl: `${config.server.publicUrl}/webhooks/${name}` });
    }
    const viewer = await admitViewer(app);
    const serving = await serveApp(app, { role: 'all' });
    closers.push(() => serving.close());
    const mailbox = await startMailbox({
      outboxDir: join(config.dataDir, 'outbox'),
      port: port === 0 ? 0 : port + 1,
      clock,
    });
    closers.push(() => mailbox.close());
    signal.throwIfAborted();
    return { app, serverUrl: config.server.publicUrl, viewer, mailbox, crms, configFile, signal, close };
  } catch (error) {
    await close();
    throw portTaken(error, port) ?? error;
  }
}

/** Makes the first admin, with a password of this run's own. */
async function admitViewer({ work, clock }: App): Promise<Stage['viewer']> {
  const viewer = { email: LEAD, password: randomBytes(9).toString('base64url') };
  const token = await makeSetupLink(work.db, clock.now());
  if (token === null) throw new Error('The demo found somebody in its new database.');
  await spendLink(work.db, token, { ...viewer, name: 'Lena Lead', at: clock.now() });
  return viewer;
}

/** The pages stand on ports in a row, so a second demo meets the first. Null for any other error. */
function portTaken(error: unknown, port: number): ConfigError | null {
  const cause = error instanceof ConfigError ? error.cause : error;
  if (codeOf(cause) !== 'EADDRINUSE') return null;
  return new ConfigError(`--port: ${port} or one of the ports right after it is taken.`, {
    fix: 'Choose another with --port; --port 0 picks free ones.',
    cause: error,
  });
}

function demoConfig(port: number, crms: ReadonlyMap<string, Sandbox>): string {
  const connectors = [...crms].map(([name, sandbox]) => {
    const type = name.replace(/-demo$/, '');
    const [late = 'keep'] = connectorTypes[type]?.latePlaces ?? [];
    return [name, { type, late, ...sandbox.settings }];
  });
  return stringify({
    server: {
      publicUrl: `http://127.0.0.1:${port}`,
      port,
      secret: randomBytes(32).toString('base64url'),
    },
    dataDir: 'data',
    mail: { from: 'Acme Support <support@acme.example>', replyTo: 'no-reply@acme.example' },
    calendar: { zone: 'Europe/Berlin', hours: { 'mon-fri': '09:00-17:00' } },
    connectors: Object.fromEntries(connectors),
    policy: { delay: DELAY },
    // A dozen cases are no year: whoever has tapped a few mails sees how figures and their intervals come.
    report: { minimum: 3 },
    followUp: { lead: { default: LEAD } },
    writeBack: { gather: '1s' },
  });
}

/** The public URL must be known before the server listens, so the system is asked for a port beforehand. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const closed = once(probe, 'close');
  probe.close();
  await closed;
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}
