import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLog } from '../../src/log.ts';
import { enterDoor } from '../../src/store/door.ts';

/**
 * A process that enters the door of argv[2] again and again until it has been its owner argv[3] times. As owner it holds
 * a file that only an owner may hold, and says "double" when a living process holds it already. With `hold` as argv[4]
 * it stays owner until it is killed.
 */
const [dataDir = '', times = '1', mode = ''] = process.argv.slice(2);
const held = join(dataDir, 'held');

for (let owned = 0; owned < Number(times); ) {
  const door = await enterDoor({ dataDir, log: silentLog });
  if (door.role === 'owner') {
    owned += 1;
    hold();
    door.serve({ pid: async () => process.pid });
    process.stdout.write('owner\n');
    if (mode === 'hold') await delay(2_147_483_647);
    await delay(Math.random() * 3);
    rmSync(held);
  }
  await door.close();
}

function hold(): void {
  try {
    writeFileSync(held, String(process.pid), { flag: 'wx' });
  } catch {
    if (!diesSoon(read())) process.stdout.write('double\n');
    writeFileSync(held, String(process.pid));
  }
}

/** A killed owner keeps its process id for a moment after its socket is gone; a living one gives the file back. */
function diesSoon(pid: number): boolean {
  for (let round = 0; round < 500; round += 1) {
    if (pid === 0 || !isAlive(pid)) return true;
    if (read() !== pid) return false;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  }
  return false;
}

function read(): number {
  try {
    return Number(readFileSync(held, 'utf8'));
  } catch {
    return -1;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
