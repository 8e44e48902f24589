import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AuthError, CaseloopError, ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { type DoorGuest, type DoorOwner, enterDoor } from '../../src/store/door.ts';

const CHILD = join(import.meta.dirname, '../support/door-child.ts');

let dataDir: string;
const entered: (DoorOwner | DoorGuest)[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'caseloop-door-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const door of entered.splice(0)) await door.close();
  await rm(dataDir, { recursive: true });
});

async function enter() {
  const door = await enterDoor({ dataDir, log: silentLog });
  entered.push(door);
  return door;
}

async function enterAs<R extends 'owner' | 'guest'>(role: R) {
  const door = await enter();
  if (door.role !== role) throw new Error(`entered as ${door.role}`);
  return door as R extends 'owner' ? DoorOwner : DoorGuest;
}

function startChild(rounds: number, mode = ''): { child: ChildProcess; words: string[] } {
  const child = spawn(process.execPath, [CHILD, dataDir, String(rounds), mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const words: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => words.push(...text.trim().split('\n')));
  children.push(child);
  return { child, words };
}

test('the first owns, the second is its guest, the next owns again', async () => {
  const owner = await enterAs('owner');
  await enterAs('guest');
  await owner.close();
  await enterAs('owner');
});

test('the folder is private and does not fill up', async () => {
  for (let round = 0; round < 5; round += 1) await (await enterAs('owner')).close();
  expect(await readdir(join(dataDir, 'door'))).toEqual(['5']);
  expect((await stat(join(dataDir, 'door'))).mode & 0o777).toBe(0o700);
});

test('a command is done by the owner, with events on the way', async () => {
  const owner = await enterAs('owner');
  owner.serve({
    watch: async (args, { emit }) => {
      emit({ done: 1 });
      emit({ done: 2 });
      return { args };
    },
    quiet: async () => undefined,
  });
  const guest = await enterAs('guest');
  const events: unknown[] = [];
  expect(await guest.call('watch', { connector: 'desk\n' }, (event) => events.push(event))).toEqual({
    args: { connector: 'desk\n' },
  });
  expect(events).toEqual([{ done: 1 }, { done: 2 }]);
  expect(await Promise.all([guest.call('quiet', null), guest.call('watch', 1)])).toEqual([null, { args: 1 }]);
});

test('a call made before the owner serves is answered when it does', async () => {
  const owner = await enterAs('owner');
  const call = (await enterAs('guest')).call('late', {});
  owner.serve({ late: async () => 'here' });
  expect(await call).toBe('here');
});

test.for<Error>([
  new ConfigError('no such field', { fix: 'Run provision.' }),
  new AuthError('401'),
  new RetryableError('slow down', { retryAfterMs: 1_500, scope: 'account' }),
  new TypeError('a mistake'),
])('%s survives the trip', async (error) => {
  const owner = await enterAs('owner');
  owner.serve({
    fail: async () => {
      throw error;
    },
  });
  const caught = await (await enterAs('guest')).call('fail', {}).catch((e: unknown) => e);
  expect(caught).toMatchObject({ ...error, name: error.name, message: error.message });
  expect(caught instanceof CaseloopError).toBe(error instanceof CaseloopError);
});

test.for(['erase', 'constructor'])('the command %s, which is not served, is refused', async (command) => {
  (await enterAs('owner')).serve({ explain: async () => 'because' });
  const call = (await enterAs('guest')).call(command, {});
  await expect(call).rejects.toThrow(PermanentError);
  await expect(call).rejects.toThrow(`knows no command ${command}, only explain`);
});

test('an owner that leaves in the middle of a call is told apart from an answer', async () => {
  const owner = await enterAs('owner');
  const called = Promise.withResolvers<AbortSignal>();
  owner.serve({
    hang: (_args, { signal }) => {
      called.resolve(signal);
      return new Promise(() => undefined);
    },
  });
  const guest = await enterAs('guest');
  const call = guest.call('hang', {});
  const signal = await called.promise;
  await Promise.all([expect(call).rejects.toThrow(RetryableError), owner.close()]);
  await expect.poll(() => signal.aborted).toBe(true);
  await expect(guest.call('hang', {})).rejects.toThrow('the owner of the data directory has ended');
});

test('a guest that leaves aborts its command', async () => {
  const owner = await enterAs('owner');
  const called = Promise.withResolvers<AbortSignal>();
  owner.serve({
    hang: (_args, { signal }) => {
      called.resolve(signal);
      return new Promise(() => undefined);
    },
  });
  const guest = await enterAs('guest');
  const call = guest.call('hang', {});
  const signal = await called.promise;
  await Promise.all([expect(call).rejects.toThrow(RetryableError), guest.close()]);
  await expect.poll(() => signal.aborted).toBe(true);
});

test('a folder too deep for a socket address works as well', async () => {
  const top = dataDir;
  dataDir = join(top, 'a'.repeat(90), 'b'.repeat(90));
  await mkdir(dataDir, { recursive: true });
  try {
    (await enterAs('owner')).serve({ where: async () => 'deep' });
    expect(await (await enterAs('guest')).call('where', {})).toBe('deep');
    expect(await readdir(join(dataDir, 'door'))).toEqual(['1']);
  } finally {
    dataDir = top;
  }
});

test('a folder that cannot hold it is a ConfigError', async () => {
  await expect(enterDoor({ dataDir: '/dev/null/x', log: silentLog })).rejects.toThrow(ConfigError);
});

test('an owner that was killed is replaced at once', async () => {
  const { child, words } = startChild(1, 'hold');
  await expect.poll(() => words, { timeout: 10_000 }).toEqual(['owner']);
  const guest = await enterAs('guest');
  expect(await guest.call('pid', {})).toBe(child.pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await enterAs('owner');
});

test('processes that race, and owners that are killed, never leave two owners', async () => {
  const racers = Array.from({ length: 6 }, () => startChild(30));
  const victims = Array.from({ length: 4 }, () => startChild(1_000_000));
  const ends = racers.map(({ child }) => once(child, 'exit'));
  for (const { child, words } of victims) {
    await expect.poll(() => words.includes('owner'), { timeout: 20_000 }).toBe(true);
    const end = once(child, 'exit');
    child.kill('SIGKILL');
    await end;
  }
  expect(await Promise.all(ends)).toEqual(racers.map(() => [0, null]));
  expect([...racers, ...victims].flatMap((racer) => racer.words)).not.toContain('double');
  await enterAs('owner');
}, 90_000);
