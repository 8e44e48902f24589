import { type Kysely, sql } from 'kysely';
import type { SurveyDefinition } from '../domain/survey.ts';
import { ConfigError } from '../errors.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** The name under which the audit keeps the change of a survey's metric; reports break their lines at its instant. */
const METRIC_CHANGED = 'metric';

/**
 * Refuses a kind, scale or threshold that changed under the same metric name: figures from before and after would be mixed.
 * An old name with its old values may come back. Changes nothing. Throws ConfigError.
 */
export async function assertMetricsUnchanged(
  db: Kysely<Tables>,
  surveys: readonly SurveyDefinition[],
): Promise<void> {
  const stored = await read(db, surveys.map(keyOf));
  for (const survey of surveys) {
    const wanted = meaningOf(survey);
    const known = stored.get(keyOf(survey)) ?? wanted;
    if (known !== wanted) {
      throw new ConfigError(
        `surveys.${survey.name}: metric "${survey.metric}" is "${known}" in the store, but "${wanted}" in the config file.`,
        {
          fix: 'Give the survey a new metric name (for example the month it starts), or put the old kind, scale and satisfiedFrom back.',
        },
      );
    }
  }
}

/**
 * From now on closures are asked about with these metrics: what each name stands for is settled for good, and a survey that
 * measures with another one than before is noted in the audit with the instant. Safe to repeat and to run in several
 * processes. Throws ConfigError as `assertMetricsUnchanged` does.
 */
export async function useMetrics(
  db: Kysely<Tables>,
  surveys: readonly SurveyDefinition[],
  at: Date,
): Promise<void> {
  const s = db.withSchema(SCHEMA);
  for (const survey of surveys) {
    await s
      .insertInto('settings')
      .values({ key: keyOf(survey), value: meaningOf(survey) })
      .onConflict((c) => c.column('key').doNothing())
      .execute();
    const detail = JSON.stringify({ survey: survey.name, metric: survey.metric, is: meaningOf(survey) });
    // One statement, so that of several processes that start together one writes the line.
    await sql`
      with changed as (
        insert into caseloop.settings as now_used (key, value) values (${`metric-used:${survey.name}`}, ${survey.metric})
        on conflict (key) do update set value = excluded.value where now_used.value <> excluded.value
        returning value)
      insert into caseloop.audit (at, actor, what, detail)
      select ${at}, 'config file', ${METRIC_CHANGED}, ${detail} from changed`.execute(db);
  }
  await assertMetricsUnchanged(db, surveys);
}

const keyOf = (survey: SurveyDefinition): string => `metric:${survey.name}:${survey.metric}`;

const meaningOf = (survey: SurveyDefinition): string =>
  `${survey.kind} ${survey.scale}, satisfied from ${survey.satisfiedFrom}`;

async function read(db: Kysely<Tables>, keys: readonly string[]): Promise<Map<string, string>> {
  const rows = await db
    .withSchema(SCHEMA)
    .selectFrom('settings')
    .selectAll()
    .where('key', 'in', keys)
    .execute();
  return new Map(rows.map(({ key, value }) => [key, value]));
}
