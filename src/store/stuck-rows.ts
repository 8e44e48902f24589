import { type Kysely, type RawBuilder, sql } from 'kysely';
import { noteInAudit } from './audit.ts';
import type { DueTable } from './due-rows.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** What is to be done on a CRM and does not go on by itself. */
export const STUCK_KINDS = ['write-back', 'follow-up', 'ask'] as const;
export type StuckKind = (typeof STUCK_KINDS)[number];

const TABLES: Readonly<Record<StuckKind, { table: DueTable; states: readonly ('waiting' | 'failed')[] }>> = {
  'write-back': { table: 'write_backs', states: ['waiting', 'failed'] },
  'follow-up': { table: 'follow_ups', states: ['waiting', 'failed'] },
  // An ask that the CRM refused for good has ended its survey: that is sent by hand, if at all.
  ask: { table: 'case_asks', states: ['waiting'] },
};

export function isStuckKind(text: unknown): text is StuckKind {
  return STUCK_KINDS.some((kind) => kind === text);
}

/** Rows of one connector that stopped for the same cause. */
export interface StuckGroup {
  readonly kind: StuckKind;
  readonly connector: string;
  /** `waiting`: for the configuration. `failed`: the CRM refused it for good. */
  readonly state: 'waiting' | 'failed';
  readonly error: string;
  readonly fix: string | null;
  readonly count: number;
  /** Names this cause in a form. */
  readonly cause: string;
  /** A few of its rows. */
  readonly rows: readonly StuckRow[];
}

export interface StuckRow {
  readonly id: string;
  readonly caseId: string;
  readonly caseNumber: string;
  /** When its case closed. */
  readonly closedAt: Date;
}

const SHOWN = 10;
/** More causes than anybody reads. */
const MOST_GROUPS = 100;

/** Everything that does not go on by itself, by connector and cause, the most rows first. */
export async function readStuckGroups(db: Kysely<Tables>): Promise<readonly StuckGroup[]> {
  const { rows } = await sql<
    Omit<StuckGroup, 'rows'> & { rows: readonly (StuckRow & { closedAt: string })[] }
  >`
    with stuck as (${unionOf()}), numbered as (
      select stuck.*, ca.number, c.case_id, c.closed_at,
             row_number() over (partition by kind, stuck.connector, cause order by c.closed_at desc) as nth
        from stuck
        join caseloop.closures c on c.id = stuck.closure_id
        join caseloop.cases ca on ca.connector = c.connector and ca.case_id = c.case_id
    )
    select kind, connector, state, coalesce(max(last_error), 'No reason is kept.') as error, max(fix) as fix, cause,
           count(*)::int as count,
           jsonb_agg(jsonb_build_object('id', id, 'caseId', case_id, 'caseNumber', number, 'closedAt', closed_at)
                     order by nth) filter (where nth <= ${SHOWN}) as rows
      from numbered group by kind, connector, state, cause
     order by count(*) desc, connector, kind limit ${MOST_GROUPS}`.execute(db);
  return rows.map((group) => ({
    ...group,
    rows: group.rows.map((row) => ({ ...row, closedAt: new Date(row.closedAt) })),
  }));
}

/** Short, and the same for the same words. */
const CAUSE = sql`md5(state || ':' || coalesce(last_error, ''))`;

function unionOf(): RawBuilder<unknown> {
  const selects = STUCK_KINDS.map((kind) => {
    const { table, states } = TABLES[kind];
    return sql`select id, ${sql.lit(kind)} as kind, closure_id, connector, state, last_error, fix, ${CAUSE} as cause
                 from ${sql.table(`${SCHEMA}.${table}`)} where state in (${sql.join(states.map((one) => sql.lit(one)))})`;
  });
  return sql.join(selects, sql` union all `);
}

/** Which rows a person wants tried once more: one, or all of a cause. */
export type RetryWish = { readonly kind: StuckKind } & (
  | { readonly id: string }
  | { readonly connector: string; readonly cause: string }
);

/**
 * Makes stuck rows due at once, as if they had never been tried; what may be on the CRM already is still looked up first. A row
 * that is under way, or done, is left alone, so repeating this does nothing. Gives how many, and on which connectors.
 */
export async function retryStuck(
  db: Kysely<Tables>,
  wish: RetryWish,
  by: { readonly actor: string; readonly at: Date },
): Promise<{ readonly rows: number; readonly connectors: readonly string[] }> {
  const { table, states } = TABLES[wish.kind];
  const which =
    'id' in wish
      ? sql`id::text = ${wish.id}`
      : sql`connector = ${wish.connector} and ${CAUSE} = ${wish.cause}`;
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ connector: string }>`
      update ${sql.table(`${SCHEMA}.${table}`)}
         set state = 'due', attempts = 0, next_attempt_at = ${by.at}, vendor_job_id = null
       where state in (${sql.join(states.map((one) => sql.lit(one)))}) and claimed_by is null and ${which}
      returning connector`.execute(tx);
    const connectors = [...new Set(rows.map(({ connector }) => connector))];
    if (rows.length > 0) {
      const detail = `${rows.length} on ${connectors.join(', ')}`;
      await noteInAudit(tx, { at: by.at, actor: by.actor, what: `${wish.kind} retried`, detail });
    }
    return { rows: rows.length, connectors };
  });
}
