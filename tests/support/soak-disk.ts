import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A small disk of one's own, in memory, that can be filled up. It goes with its test. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves so many bytes free. Safe to repeat. */
  fill(leaveBytes: number): void;
  /** Gives back all that `fill` took. */
  free(): void;
}

/** Why no disk can be made here; empty when one can. Only root may mount, and not in every container. */
export const noSmallDisk = findOut();

export async function openSmallDisk(megabytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'caseloop-disk-'));
  mount(folder, megabytes);
  onTestFinished(async () => {
    // Lazily: a database that ended in a panic never lets go of its files.
    execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
    await rm(folder, { recursive: true });
  });
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill(leaveBytes) {
      rmSync(ballast, { force: true });
      const { bavail, bsize } = statfsSync(folder);
      // In memory a file's length takes no room, its bytes do.
      writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes), 1));
    },
    free() {
      // Emptied first: a file that is only removed keeps its room while somebody has it open.
      const file = openSync(ballast, 'r+');
      ftruncateSync(file);
      closeSync(file);
      rmSync(ballast);
    },
  };
}

function mount(folder: string, megabytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
}

function findOut(): string {
  const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
  try {
    mount(folder, 1);
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return '';
  } catch {
    return 'no disk can be mounted here (run as root)';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
