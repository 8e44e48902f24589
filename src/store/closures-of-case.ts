import type { ClosureRecord } from '../domain/closure-record.ts';
import { readClosureRecords } from './closure-records.ts';
import type { ReportDeps } from './report.ts';
import { catchUp } from './report-fold.ts';
import { SCHEMA } from './tables.ts';

/** Every closure of a case, the first one first; none where the case is not known. */
export async function readClosuresOfCase(
  { db, settings, clock }: ReportDeps,
  of: { readonly connector: string; readonly caseId: string },
): Promise<readonly ClosureRecord[]> {
  await catchUp(db, settings.zone);
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('closures')
    .select('id')
    .where('connector', '=', of.connector)
    .where('case_id', '=', of.caseId)
    .orderBy('cycle')
    .execute();
  return readClosureRecords(
    db,
    rows.map(({ id }) => id),
    clock.now(),
  );
}
