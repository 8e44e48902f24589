import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../error-facts.ts';
import { ConfigError, RetryableError } from '../errors.ts';
import type { Log } from '../log.ts';
import { answer, ask, type DoorCommands } from './door-protocol.ts';

/**
 * The data directory has one owner, the process that may open the embedded database; every other process is its guest
 * and has its work done by it. The owner is whoever listens on the newest socket in `<dataDir>/door`, so that lock and
 * door are one thing: connecting tells that the owner lives, a refused connection that it is dead, however it died.
 *
 * Taking over must not let two in. Replacing the socket of a dead owner in place would: both find it dead, both replace
 * it, and the first never learns. So sockets are numbered and never replaced. A candidate
 * 1. reads the newest number n and is refused by it (or finds none, n = 0);
 * 2. listens on a socket of its own, then hard-links it to n + 1: the file system lets one candidate only do that, and a
 *    number that can be seen is already answered;
 * 3. reads the newest number again: had it slept since step 1, there may be later ones, and it withdraws.
 * Only an owner removes numbers, and only lower ones than its own, so the newest never goes back: a clean end leaves its
 * dead socket lying there. The folder holds a handful of names, which the kernel lists in one step.
 */
export async function enterDoor(options: { dataDir: string; log: Log }): Promise<DoorOwner | DoorGuest> {
  const folder = join(options.dataDir, 'door');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const newest = await newestNumber(folder);
      const state = newest === 0 ? 'dead' : await knock(folder, newest);
      if (state === 'alive') return guest(folder, newest);
      if (state === 'gone') continue;
      const server = await claim(folder, newest + 1);
      if (server !== null) return owner(server, options.log);
    }
  } catch (error) {
    throw unusable(folder, codeOf(error));
  }
  throw unusable(folder, `no owner after ${MAX_ROUNDS} rounds`);
}

/** This process may open the embedded database. */
export interface DoorOwner {
  readonly role: 'owner';
  /** Answers guests with these commands; those that came earlier have waited. */
  serve(commands: DoorCommands): void;
  /** Gives up the ownership: close the database first. Guests that wait for an answer are cut off. */
  close(): Promise<void>;
}

/** Another process owns the data directory and works for this one. */
export interface DoorGuest {
  readonly role: 'guest';
  /**
   * Has a command done by the owner and hears of its progress. Throws what the command threw (class, message and fix
   * survive), or RetryableError when the owner ended before it answered.
   */
  call(command: string, args: unknown, onEvent?: (event: unknown) => void): Promise<unknown>;
  /** Cuts off the calls that still wait. */
  close(): Promise<void>;
}

/** Each round that fails means that another candidate got ahead, so this is never reached in practice. */
const MAX_ROUNDS = 1_000;

function owner(server: Server, log: Log): DoorOwner {
  const commands = Promise.withResolvers<DoorCommands>();
  const guests = new Set<Socket>();
  server.on('connection', (socket) => {
    guests.add(socket);
    socket.once('close', () => guests.delete(socket));
    answer(socket, commands.promise).catch((error: unknown) => {
      log.warn({ code: codeOf(error) }, 'guest lost');
      socket.destroy();
    });
  });
  server.on('error', (error) => log.error({ code: codeOf(error) }, 'door failed'));
  return {
    role: 'owner',
    serve: (given) => commands.resolve(given),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of guests) socket.destroy();
      await closed;
    },
  };
}

function guest(folder: string, number: number): DoorGuest {
  const calls = new Set<Socket>();
  return {
    role: 'guest',
    async call(command, args, onEvent) {
      const socket = await open(folder, number).catch((error: unknown) => {
        throw new RetryableError(`door: the owner of the data directory has ended (${codeOf(error)})`, {
          fix: 'Run the command again.',
        });
      });
      calls.add(socket);
      try {
        return await ask(socket, { command, args }, onEvent);
      } finally {
        calls.delete(socket);
        socket.destroy();
      }
    },
    async close() {
      for (const socket of calls) socket.destroy();
    },
  };
}

async function newestNumber(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  return Math.max(0, ...numbers);
}

async function knock(folder: string, number: number): Promise<'alive' | 'dead' | 'gone'> {
  try {
    const socket = await open(folder, number);
    socket.destroy();
    return 'alive';
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ECONNREFUSED') return 'dead';
    // Ended while we knocked, or removed by a newer owner since it was listed: look again.
    if (code === 'ECONNRESET' || code === 'ENOENT') return 'gone';
    // The owner is too busy to accept.
    if (code === 'EAGAIN') return 'alive';
    throw error;
  }
}

/** The listening server when this process has won the number, else null. */
async function claim(folder: string, number: number): Promise<Server | null> {
  const own = `new-${randomBytes(8).toString('hex')}`;
  const server = createServer();
  await withShortPath(folder, (short) => listen(server, join(short, own)));
  try {
    await link(join(folder, own), join(folder, String(number)));
    if ((await newestNumber(folder)) === number) {
      await tidy(folder, number);
      return server;
    }
    await rm(join(folder, String(number)), { force: true });
  } catch (error) {
    // Another candidate was first, or its tidying took our socket away.
    if (!['EEXIST', 'ENOENT'].includes(codeOf(error))) throw error;
  } finally {
    await rm(join(folder, own), { force: true });
  }
  await new Promise((resolve) => server.close(resolve));
  return null;
}

/** Removes what dead owners and candidates left; a candidate that still lives starts over and finds the owner. */
async function tidy(folder: string, number: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^\d+$/.test(name) || Number(name) < number) await rm(join(folder, name), { force: true });
  }
}

function open(folder: string, number: number): Promise<Socket> {
  return withShortPath(
    folder,
    (short) =>
      new Promise<Socket>((resolve, reject) => {
        const socket = connect(join(short, String(number)));
        socket.once('error', reject);
        socket.once('connect', () => {
          socket.off('error', reject);
          resolve(socket);
        });
      }),
  );
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** A socket's address holds 104 bytes on macOS and 108 on Linux; names here are at most 20 long. */
const MAX_FOLDER_BYTES = 80;

/** A deep folder is reached through a link of our own with a short name; the socket itself still stands in the folder. */
async function withShortPath<T>(folder: string, use: (short: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(folder) <= MAX_FOLDER_BYTES) return await use(folder);
  const temporary = await mkdtemp(join(tmpdir(), 'caseloop-'));
  try {
    const short = join(temporary, 'd');
    await symlink(folder, short);
    return await use(short);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function unusable(folder: string, reason: string): ConfigError {
  return new ConfigError(`dataDir: ${folder} cannot be used as lock and door (${reason})`, {
    fix: 'Put dataDir on a local disk, in a folder that belongs to the user who runs Caseloop.',
  });
}
