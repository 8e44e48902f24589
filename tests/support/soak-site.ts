import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { connectorTypes } from '../../connectors/index.ts';
import { startZendeskSandbox } from '../../connectors/zendesk/sandbox/sandbox.ts';
import { type Reach, reach } from '../../src/cli/reach.ts';
import { loadConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import type { Role } from '../../src/serve.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { createMovableClock, type MovableClock } from './movable-clock.ts';
import { type CliProcess, type Ended, runCli, startCli } from './process.ts';
import { type SmtpSink, startSmtpSink } from './smtp.ts';
import type { EngineName, SoakEngine } from './soak-engine.ts';

/** One installation between a simulated CRM and a real SMTP server, run by real processes. */
export interface SoakSite {
  readonly engine: SoakEngine;
  readonly crm: Awaited<ReturnType<typeof startZendeskSandbox>>;
  /** The CRM's clock. It starts behind the system's, so that moving it shows the watch what it withheld. */
  readonly crmClock: MovableClock;
  readonly smtp: SmtpSink;
  /** Mails that the relay is taking at this moment. */
  mailsUnderWay(): number;

  /** While true, the relay takes every mail's text and does not say so. */
  holdMails(isHeld: boolean): void;
  readonly configFile: string;
  readonly dataDir: string;
  readonly slots: readonly Slot[];
  /** Where customers and the CRM reach it. */
  readonly url: string;
  /** Waits until it says that it can do its work. */
  untilReady(): Promise<void>;
  /** Writes the config file anew with these keys in place of its own, at the top level. */
  configure(changes: Readonly<Record<string, unknown>>): Promise<void>;
  /** Opens the store for questions: through the owner's door on the embedded engine, so let that one serve first. */
  openReach(): Promise<Reach>;
  /** Closes the CRM and the relay. End the processes first. */
  close(): Promise<void>;
}

/** The place of one process: whoever dies here is followed by the next. */
export interface Slot {
  readonly name: string;
  readonly role: Role;
  /** Starts a process and waits until it serves. */
  start(): Promise<void>;
  /** Ends it on the spot; resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it as an operator does. */
  stop(): Promise<void>;
  /** The process that runs here; throws when there is none. */
  process(): CliProcess;
  /** True when the process ended by itself; `start` may follow then. */
  hasDied(): boolean;
  /** What its log says, each message once with its number, for who has to find out why a run failed. */
  tell(): string;
}

export const CONNECTOR = 'zendesk-eu';

/** How many mails one process hands over at a time, so that a kill can double no more. */
export const MAILS_AT_ONCE = 4;

/** How far the CRM's clock is behind at the start. A push would be refused as stale beyond five minutes. */
const BEHIND_MS = 240_000;

/** The CRM's bulk jobs wait and run so long each, so that kills find some under way. */
const CRM_JOB_STEP_MS = 1_500;

/** Each mail takes the relay so long, so that kills find some under way. */
const RELAY_MS = 40;

export interface SiteOptions {
  /** Merged into the config file's top level. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The process's roles, by name; the default is what the engine is made for. */
  readonly roles?: Readonly<Record<string, Role>>;
  /** Default: a folder of its own. */
  readonly dataDir?: string;
  /** True: mails become files in the outbox instead of going to the relay, so nobody answers them. */
  readonly mailsToOutbox?: boolean;
}

export async function openSoakSite(engine: SoakEngine, options: SiteOptions = {}): Promise<SoakSite> {
  const crmClock = createMovableClock();
  crmClock.advance(-BEHIND_MS);
  const folder = await mkdtemp(join(tmpdir(), 'caseloop-soak-'));
  const crm = await startZendeskSandbox({
    clock: crmClock,
    planRateLimitPerMinute: 2_500,
    jobStepMs: CRM_JOB_STEP_MS,
  });
  let underWay = 0;
  let release: { readonly promise: Promise<void>; resolve(): void } | null = null;
  const smtp = await startSmtpSink({
    async beforeTaking() {
      underWay += 1;
      await wait(RELAY_MS);
      await release?.promise;
      underWay -= 1;
    },
  });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const configFile = join(folder, 'caseloop.yaml');
  const dataDir = options.dataDir ?? join(folder, 'data');
  const { database, queue } = engine.urls;
  const base = {
    server: {
      publicUrl: url,
      port,
      secret: 'a secret of the tests, long enough for them',
    },
    dataDir,
    ...(database === null ? {} : { database: { url: database } }),
    ...(queue === null ? {} : { queue: { url: queue } }),
    connectors: {
      [CONNECTOR]: {
        type: 'zendesk',
        ...crm.settings,
        pollEvery: '30s',
        startFrom: new Date(Date.now() - 3_600_000).toISOString(),
      },
    },
    writeBack: { gather: '500ms' },
    ...options.config,
  };
  const mail = {
    from: 'Acme Support <support@acme.example>',
    concurrency: MAILS_AT_ONCE,
    ...(options.mailsToOutbox === true ? {} : { url: smtp.url }),
  };
  const configure = (more: Readonly<Record<string, unknown>>) =>
    writeFile(
      configFile,
      stringify({
        ...base,
        ...more,
        mail: { ...mail, ...(options.config?.mail ?? {}), ...(more.mail ?? {}) },
      }),
      { mode: 0o600 },
    );
  await configure({});
  const provisioned = await runCli(['provision', '--apply', '--config', configFile]);
  if (provisioned.code !== 0) throw new Error(`provision failed:\n${provisioned.stderr}`);
  const slots = await Promise.all(
    Object.entries(options.roles ?? ROLES[engine.name]).map(async ([slot, role], place) => {
      // The first one is where customers and the CRM go.
      const at = role === 'all' && place > 0 ? ['--port', String(await freePort())] : [];
      return createSlot(slot, role, ['start', '--role', role, ...at, '--config', configFile]);
    }),
  );
  return {
    engine,
    crm,
    crmClock,
    smtp,
    mailsUnderWay: () => underWay,
    holdMails(isHeld) {
      release?.resolve();
      release = isHeld ? Promise.withResolvers<void>() : null;
    },
    configFile,
    dataDir,
    slots,
    url,
    async untilReady() {
      await eventually('/readyz', async () => {
        const answer = await fetch(`${url}/readyz`).catch(() => null);
        return answer?.status === 200;
      });
    },
    configure,
    async openReach() {
      return reach(await loadConfig({ file: configFile, env: {}, types: connectorTypes }), silentLog);
    },
    async close() {
      release?.resolve();
      await crm.close();
      await smtp.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One process owns the embedded engine; servers have web apart from worker, or two that do everything. */
const ROLES: Readonly<Record<EngineName, NonNullable<SiteOptions['roles']>>> = {
  PGlite: { all: 'all' },
  PostgreSQL: { web: 'web', worker: 'worker' },
  Redis: { first: 'all', second: 'all' },
};

function createSlot(name: string, role: Role, args: readonly string[]): Slot {
  let current: CliProcess | null = null;
  let death: Ended | null = null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = current;
    if (death !== null) throw new Error(`the process "${name}" ended by itself: ${lastWords(death)}`);
    current = null;
    await ending?.stop(signal);
  };
  return {
    name,
    role,
    async start() {
      const starting = startCli(args);
      death = null;
      current = starting;
      starting.ended.then((ended) => {
        if (current === starting) death = ended;
      });
      await starting.logged('caseloop is running');
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    process() {
      if (current === null) throw new Error(`no process runs as "${name}"`);
      return current;
    },
    hasDied: () => death !== null,
    tell() {
      const lines = current?.logLines() ?? [];
      const messages = Map.groupBy(lines, ({ level, msg, ...fields }) =>
        [level, msg, fields.code ?? '', fields.reason ?? ''].join(' '),
      );
      const told = [...messages].map(([message, same]) => `  ${same.length} x ${message}`);
      const state =
        death === null ? (current === null ? 'does not run' : 'runs') : `died: ${lastWords(death)}`;
      return [`process "${name}" ${state}`, ...told].join('\n');
    },
  };
}

/** What a process said that was no log line: the error it died of. */
function lastWords({ code, signal, stderr }: Ended): string {
  const words = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return `exit ${code ?? signal}\n${words.slice(-20).join('\n')}`;
}
