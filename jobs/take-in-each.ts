import { sql } from 'kysely';
import type { CaseSnapshot } from '../src/domain/case.ts';
import { codeOf } from '../src/error-facts.ts';
import { CaseloopError, PermanentError } from '../src/errors.ts';
import { noteRefusal } from '../src/store/refusals.ts';
import type { Work } from './work.ts';

/**
 * Takes each batch of snapshots in, all of it or nothing. Where the store refuses one, its snapshots are tried one by one
 * after the others; when the store refuses one of these while it is well, the case is noted, logged and left out, so that it
 * holds up nobody else. Any trouble of the store itself is thrown, after everything that could be taken in was.
 */
export async function takeInEach(
  work: Pick<Work, 'db' | 'clock' | 'log'>,
  connector: string,
  batches: readonly (readonly CaseSnapshot[])[],
  takeIn: (batch: readonly CaseSnapshot[]) => Promise<void>,
): Promise<void> {
  const again: CaseSnapshot[] = [];
  for (const batch of batches) {
    try {
      await takeIn(batch);
    } catch (error) {
      if (isStoreTrouble(error)) throw error;
      again.push(...batch);
    }
  }
  for (const snapshot of again) {
    try {
      await takeIn([snapshot]);
    } catch (error) {
      if (isStoreTrouble(error)) throw error;
      // Throws where the store is down, whatever it called that.
      await sql`select 1`.execute(work.db);
      const reason =
        error instanceof CaseloopError ? error.message : `It cannot be stored (${codeOf(error)}).`;
      await noteRefusal(work.db, { connector, caseId: snapshot.caseId, reason, at: work.clock.now() });
      work.log.error({ connector, case: snapshot.caseId, err: error }, 'case refused: it cannot be taken in');
    }
  }
}

/** SQLSTATE classes of a lost connection, a lost race, and a server that is full, stopping or broken. */
const TROUBLE = /^(08|40|53|57|58|XX)...$/;

function isStoreTrouble(error: unknown): boolean {
  if (error instanceof PermanentError) return false;
  const code = codeOf(error);
  return TROUBLE.test(code) || /^E[A-Z]+$/.test(code);
}
