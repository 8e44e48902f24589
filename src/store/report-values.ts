import type { Kysely } from 'kysely';
import type { Dimension } from '../domain/report.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** The values that closures have had of a dimension so far. */
export async function readValuesOf(db: Kysely<Tables>, dimension: Dimension): Promise<readonly string[]> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('report_values')
    .select('value')
    .where('dimension', '=', dimension)
    .execute();
  return rows.map(({ value }) => value);
}
