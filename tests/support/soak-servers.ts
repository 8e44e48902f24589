import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import pg from 'pg';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

/** A database server on loopback that belongs to one run, so that it can be stopped and emptied. */
export interface OwnServer {
  readonly url: string;
  /** Ends the server's process as its operator would, and waits for the end. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Stops it and removes what it kept. */
  close(): Promise<void>;
}

const redisProgram = programIn([...(process.env.PATH ?? '').split(':'), '/usr/bin'], 'redis-server');
const postgresqlFolder = newestPostgresql();

/** Why a server of one's own cannot be started here; empty when it can. */
export const noOwnRedis = redisProgram === null ? 'redis-server is not installed' : '';
export const noOwnPostgresql = postgresqlFolder === null ? 'postgresql is not installed' : '';

/** Starts a Redis that keeps nothing on disk: stopping it also empties it. */
export async function startOwnRedis(): Promise<OwnServer> {
  if (redisProgram === null) throw new Error(noOwnRedis);
  const folder = await mkdtemp(join(tmpdir(), 'caseloop-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  return keep({
    url,
    folder,
    program: redisProgram,
    args: [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
    ],
    stopSignal: 'SIGTERM',
    user: null,
    answers: async () => {
      const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
      redis.on('error', () => undefined);
      try {
        await redis.connect();
        return true;
      } catch {
        // Not up yet: asked again.
        return false;
      } finally {
        redis.disconnect();
      }
    },
  });
}

/** Starts a PostgreSQL with an empty cluster. It does not wait for the disk: only its clients are killed, never the machine. */
export async function startOwnPostgresql(): Promise<OwnServer> {
  if (postgresqlFolder === null) throw new Error(noOwnPostgresql);
  const folder = await mkdtemp(join(tmpdir(), 'caseloop-postgresql-'));
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  // The server refuses to run as root.
  const user = userInfo().uid === 0 ? await idsOf('postgres') : null;
  if (user !== null) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  await run(
    join(postgresqlFolder, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { cwd: folder, ...user },
  );
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    fsync: 'off',
  };
  return keep({
    url,
    folder,
    program: join(postgresqlFolder, 'postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    // "Fast shutdown": cuts its clients off. https://www.postgresql.org/docs/18/server-shutdown.html
    stopSignal: 'SIGINT',
    user,
    answers: async () => {
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
      try {
        await client.connect();
        return true;
      } catch {
        // Not up yet: asked again.
        return false;
      } finally {
        await client.end();
      }
    },
  });
}

async function keep(server: {
  url: string;
  folder: string;
  program: string;
  args: readonly string[];
  stopSignal: NodeJS.Signals;
  user: { uid: number; gid: number } | null;
  answers: () => Promise<boolean>;
}): Promise<OwnServer> {
  let child: ChildProcess | null = null;
  // Whatever ends the test process, its server ends with it.
  const onExit = (): void => void child?.kill('SIGKILL');
  process.once('exit', onExit);
  const start = async (): Promise<void> => {
    child = spawn(server.program, server.args, { cwd: server.folder, stdio: 'ignore', ...server.user });
    await eventually(`${server.program} answers`, server.answers);
  };
  const stop = async (): Promise<void> => {
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill(server.stopSignal);
    await ended;
    child = null;
  };
  await start();
  return {
    url: server.url,
    start,
    stop,
    async close() {
      await stop();
      process.off('exit', onExit);
      await rm(server.folder, { recursive: true, force: true });
    },
  };
}

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

function programIn(folders: readonly string[], name: string): string | null {
  const folder = folders.find((one) => existsSync(join(one, name)));
  return folder === undefined ? null : join(folder, name);
}

/** Debian keeps each version in a folder of its own, off the PATH. */
function newestPostgresql(): string | null {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root)
    ? readdirSync(root)
        .map(Number)
        .sort((a, b) => b - a)
    : [];
  const folders = [
    ...versions.map((version) => `${root}/${version}/bin`),
    ...(process.env.PATH ?? '').split(':'),
  ];
  return programIn(folders, 'postgres') === null
    ? null
    : (folders.find((one) => existsSync(join(one, 'initdb'))) ?? null);
}
