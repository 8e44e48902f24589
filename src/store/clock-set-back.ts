import { type Kysely, sql } from 'kysely';
import { MINUTE_MS } from '../clock.ts';
import { SCHEMA, type Tables } from './tables.ts';

/** The clocks of processes may differ by so much, and what gathers waits less. */
const TOLERANCE_MS = 5 * MINUTE_MS;

/**
 * When the clock is set back by hours, whatever was put off before would wait until the old time comes again. What was last
 * touched in what is now the future is due at once; a survey keeps the delay it was given. Safe to repeat.
 */
export async function bringBackFromFuture(db: Kysely<Tables>, now: Date): Promise<void> {
  const future = new Date(now.getTime() + TOLERANCE_MS);
  for (const table of ['write_backs', 'follow_ups', 'webhook_events', 'digests'] as const) {
    await sql`
      update ${sql.table(`${SCHEMA}.${table}`)} set next_attempt_at = ${now}
       where state = 'due' and claimed_by is null and next_attempt_at > ${future}
         and (attempts = 0 or claimed_at > ${future})`.execute(db);
  }
  await sql`
    update caseloop.alert_messages set next_attempt_at = ${now}
     where state = 'due' and claimed_by is null and next_attempt_at > ${future} and claimed_at > ${future}`.execute(
    db,
  );
  await sql`
    update caseloop.follow_ups set next_look_at = ${now}
     where is_clock and stopped_at is null and recovered_at is null and next_look_at > ${future} and looked_at > ${future}`.execute(
    db,
  );
  for (const table of ['mails', 'case_asks'] as const) {
    await sql`
      update ${sql.table(`${SCHEMA}.${table}`)} m
         set next_attempt_at = case when m.attempts > 0 then ${now}::timestamptz else ${now}::timestamptz + (m.next_attempt_at - s.created_at) end
        from caseloop.surveys s
       where s.id = m.survey_id and m.state = 'due' and m.claimed_by is null and m.next_attempt_at > ${future}
         and (case when m.attempts > 0 then m.claimed_at else s.created_at end) > ${future}`.execute(db);
  }
  await sql`
    update caseloop.vendor_jobs set check_at = ${now} where check_at > ${future} and created_at > ${future}`.execute(
    db,
  );
  await sql`
    update caseloop.confirmations set due_at = ${now} where state = 'settling' and due_at > ${future}`.execute(
    db,
  );
}
