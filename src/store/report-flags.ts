import type { Kysely } from 'kysely';
import { raiseFlags } from '../domain/checks.ts';
import type { Flag } from '../domain/report.ts';
import { type EvidenceWish, readEvidence } from './evidence.ts';
import type { Tables } from './tables.ts';

/** What a lead should look at before they believe the answer to this question. */
export async function readFlags(db: Kysely<Tables>, wish: EvidenceWish): Promise<readonly Flag[]> {
  return raiseFlags(await readEvidence(db, wish));
}
