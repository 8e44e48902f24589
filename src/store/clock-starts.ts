import { sql, type Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/**
 * Starts the clock of a closure whose answer is low now. One that runs already runs on from its first low score: a worse score
 * or another comment is no new wait. One that was stopped, or whose customer was answered before they gave this score, starts
 * again: it is due anew, and people are told anew.
 */
export async function startClock(
  tx: Transaction<Tables>,
  closureId: string,
  start: { readonly key: string; readonly lowSince: Date; readonly dueAt: Date; readonly tellAt: Date },
): Promise<void> {
  const { lowSince, dueAt, tellAt } = start;
  // A row that was called off and is not asked for any more carries the clock no longer.
  await sql`
    update caseloop.follow_ups set is_clock = false
     where closure_id = ${closureId} and is_clock and state = 'cancelled' and key <> ${start.key}
       and exists (select from caseloop.follow_ups where closure_id = ${closureId} and state <> 'cancelled')`.execute(
    tx,
  );
  const { rows } = await sql<{ id: string }>`
    select id from caseloop.follow_ups where closure_id = ${closureId}
     order by is_clock desc, key = ${start.key} desc limit 1`.execute(tx);
  await sql`
    update caseloop.follow_ups
       set is_clock = true, starts = starts + case when low_since is null then 0 else 1 end, low_since = ${lowSince},
           due_at = ${dueAt}, tell_at = ${tellAt}, next_look_at = ${lowSince}, looked_at = null,
           stopped_at = null, recovered_at = null, recovered_by = null, escalated_at = null
     where id = ${rows[0]?.id ?? null}
       and (not is_clock or stopped_at is not null or recovered_at <= ${lowSince})`.execute(tx);
}

/** The score is not low any more. A customer who was answered before that stays recovered. */
export async function stopClock(tx: Transaction<Tables>, closureId: string, at: Date): Promise<void> {
  await sql`
    update caseloop.follow_ups set stopped_at = ${at}, tell_at = null
     where closure_id = ${closureId} and is_clock and stopped_at is null and recovered_at is null`.execute(
    tx,
  );
}
