import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import type { BareSettings } from './bare/server.ts';
import type { BareSurveySettings } from './bare/survey-server.ts';
import { type Child, startChild } from './child.ts';
import { createPusher, type Pusher, WEBHOOK_SECRET } from './load.ts';
import type { Usage } from './probe.ts';
import { type BenchDatabase, createDatabase, type Servers } from './servers.ts';

/** The engines that Caseloop is measured on, by what stands in `--engine`. */
export const ENGINES = ['redis', 'postgresql', 'embedded'] as const;
export type Engine = (typeof ENGINES)[number];

export const ENGINE_TITLES: Readonly<Record<Engine, string>> = {
  redis: 'PostgreSQL + Redis',
  postgresql: 'PostgreSQL',
  embedded: 'embedded (PGlite)',
};

/** One pipeline from push to mail, in one process of its own. */
export interface Pipeline {
  readonly name: Engine | 'bare';
  readonly pusher: Pusher;
  readonly url: string;
  /** Null where the database is inside the process. */
  readonly databaseUrl: string | null;
  /** Starts the process; resolves when it was spawned, not when it serves. */
  spawn(): void;
  /** Resolves when it serves. */
  ready(): Promise<void>;
  usage(): Promise<Usage>;
  /** As a power cut would: SIGKILL. */
  kill(): Promise<void>;
  /** Stops it and takes away what it stored. */
  close(): Promise<void>;
}

/** Where a pipeline's surroundings are. */
export interface Surroundings {
  readonly servers: Servers;
  readonly crmUrl: string;
  readonly smtpUrl: string;
  /** For config files, logs and the embedded database. */
  readonly dir: string;
  /** Called when a pipeline's process ends by itself. */
  readonly onEnd: (error: Error) => void;
}

const PROBE = import.meta.resolve('./probe.ts');
const BARE = fileURLToPath(new URL('./bare/server.ts', import.meta.url));
const BARE_SURVEY = fileURLToPath(new URL('./bare/survey-server.ts', import.meta.url));
const CASELOOP = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const MAIL_CONCURRENCY = 10;

/** The bare pipeline on PostgreSQL and Redis. */
export async function createBare(around: Surroundings): Promise<Pipeline> {
  const { redisUrl } = around.servers;
  if (redisUrl === null) throw new Error('The bare pipeline needs Redis (BENCH_REDIS_URL).');
  const database = await createDatabase();
  const port = await freePort();
  const settings: BareSettings = {
    port,
    databaseUrl: database.url,
    redisUrl,
    smtpUrl: around.smtpUrl,
    crmUrl: around.crmUrl,
    webhookSecret: WEBHOOK_SECRET,
    mailConcurrency: MAIL_CONCURRENCY,
  };
  const args = [JSON.stringify(settings)];
  return pipeline('bare', port, around, { script: BARE, args, database });
}

/** The bare survey page on PostgreSQL. */
export async function createBareSurvey(around: Surroundings): Promise<Pipeline> {
  const database = await createDatabase();
  const port = await freePort();
  const settings: BareSurveySettings = { port, databaseUrl: database.url };
  const args = [JSON.stringify(settings)];
  return pipeline('bare', port, around, { script: BARE_SURVEY, args, database });
}

/** What the links of its surveys are signed with. */
export const LINK_SECRET = 'a secret that only the benchmark uses, long enough';

/**
 * The whole program as `caseloop start` runs it, with everything at its default but the hourly brake and the polling; or its
 * web server alone.
 */
export async function createCaseloop(
  engine: Engine,
  around: Surroundings,
  role: 'all' | 'web' = 'all',
): Promise<Pipeline> {
  const database = engine === 'embedded' ? null : await createDatabase();
  const port = await freePort();
  const dir = join(around.dir, `${engine}-${role}`);
  await mkdir(dir);
  const config = {
    server: {
      publicUrl: `http://127.0.0.1:${port}`,
      port,
      secret: LINK_SECRET,
    },
    dataDir: 'data',
    ...(database === null ? {} : { database: { url: database.url } }),
    ...(engine === 'redis' ? { queue: { url: around.servers.redisUrl } } : {}),
    mail: {
      from: 'Acme Support <support@acme.example>',
      url: around.smtpUrl,
      concurrency: MAIL_CONCURRENCY,
    },
    connectors: {
      zendesk: {
        type: 'zendesk',
        baseUrl: around.crmUrl,
        auth: { clientId: 'bench', clientSecret: 'bench' },
        webhookSecret: WEBHOOK_SECRET,
        pollEvery: '1h',
      },
    },
    policy: { maxPerHour: 1_000_000 },
  };
  const file = join(dir, 'caseloop.yaml');
  await writeFile(file, JSON.stringify(config));
  const args = ['start', '--config', file, '--role', role];
  return pipeline(engine, port, { ...around, dir }, { script: CASELOOP, args, database });
}

function pipeline(
  name: Pipeline['name'],
  port: number,
  { dir, onEnd }: Surroundings,
  program: { script: string; args: readonly string[]; database: BenchDatabase | null },
): Pipeline {
  const url = `http://127.0.0.1:${port}`;
  const pusher = createPusher(url);
  let child: Child | null = null;
  const running = (): Child => {
    if (child === null) throw new Error(`${name} is not running`);
    return child;
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    await child?.end(signal);
    child = null;
  };
  return {
    name,
    pusher,
    url,
    databaseUrl: program.database?.url ?? null,
    spawn() {
      const { script, args } = program;
      child = startChild({ script, args, preload: [PROBE], logFile: join(dir, `${name}.log`), onEnd });
    },
    ready: () => answers(`${url}/healthz`),
    usage: () => running().ask<Usage>('usage'),
    kill: () => end('SIGKILL'),
    async close() {
      await pusher.close();
      await end('SIGTERM');
      await program.database?.drop();
    },
  };
}

/** Resolves when somebody answers there with 200. */
export async function answers(url: string): Promise<void> {
  for (;;) {
    try {
      const response = await request(url);
      await response.body.dump();
      if (response.statusCode === 200) return;
    } catch {
      // Nothing listens there yet.
    }
    await delay(10);
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}
