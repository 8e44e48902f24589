import { SECOND_MS } from '../src/clock.ts';
import { abandonClaims, beat, buryWorkers, claimsOf, readBeats } from '../src/store/workers.ts';
import type { Work } from './work.ts';

/** How often a worker says that it is alive, and looks whether the others are. */
export const HEARTBEAT_EVERY_MS = 2 * SECOND_MS;

/**
 * A worker whose beat stood still for so many looks is dead. Looks are counted, not instants compared: a clock that is
 * wrong or jumps buries nobody, and while the store is away nobody is looked at.
 */
const LOOKS_UNTIL_DEAD = 3;

/**
 * Gives the function that beats once: says that this worker lives, writes down what could not be written before, gives up
 * claims that no job works on, and takes over from workers that died. Call it every `HEARTBEAT_EVERY_MS`; a call while one
 * is under way joins it. A beat that throws is as good as one that never was.
 */
export function createHeartbeat(work: Work, worker: { role: string; startedAt: Date }): () => Promise<void> {
  const still = new Map<string, { readonly beatAt: number; readonly looks: number }>();
  let forgottenBefore: ReadonlySet<string> = new Set();
  let underWay: Promise<void> | null = null;

  async function beatOnce(): Promise<void> {
    await beat(work.db, { id: work.workerId, ...worker }, work.clock.now());
    await work.inHand.recordKept();
    await giveUpForgotten();
    await buryDead();
  }

  /** Two looks, because a job may have claimed a row and not yet heard of it. */
  async function giveUpForgotten(): Promise<void> {
    const claimed = await claimsOf(work.db, work.workerId);
    const forgotten = new Set(claimed.filter((id) => !work.inHand.has(id)));
    const ids = [...forgotten].filter((id) => forgottenBefore.has(id));
    forgottenBefore = forgotten;
    if (ids.length === 0) return;
    await abandonClaims(work.db, work.workerId, ids);
    work.log.warn({ rows: ids.length }, 'rows are taken up again whose job ended without a word');
    await work.queues.add('sweep', {});
  }

  async function buryDead(): Promise<void> {
    const beats = await readBeats(work.db);
    const dead: string[] = [];
    for (const id of still.keys()) if (!beats.has(id)) still.delete(id);
    for (const [id, at] of beats) {
      const seen = still.get(id);
      const looks = seen?.beatAt === at.getTime() ? seen.looks + 1 : 0;
      still.set(id, { beatAt: at.getTime(), looks });
      if (id !== work.workerId && looks >= LOOKS_UNTIL_DEAD) dead.push(id);
    }
    if (dead.length === 0) return;
    await buryWorkers(work.db, dead);
    work.log.warn({ workers: dead.length }, 'a worker died or hangs: what it held is taken over');
    await work.queues.add('sweep', {});
  }

  return () => {
    underWay ??= beatOnce().finally(() => {
      underWay = null;
    });
    return underWay;
  };
}
