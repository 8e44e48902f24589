import { type Kysely, sql, type Transaction } from 'kysely';
import { DAY_MS } from '../clock.ts';
import type { Tables } from './tables.ts';

/** Who was asked longer ago is not reminded any more: after a long stop, or when reminders are switched on. */
const LATEST_MS = 3 * DAY_MS;

/** True of a survey (`s`) that a person answered, or may have: what waits to be confirmed or is held as machine-made counts. */
const IS_ANSWERED = sql`(
  exists (select from caseloop.answers a where a.survey_id = s.id)
  or exists (select from caseloop.confirmations c where c.survey_id = s.id and c.state in ('settling', 'held')))`;

/**
 * Gives each open survey whose first mail left `afterMs` ago its one reminder, due now. Whether it may go is decided when it
 * goes. Safe to repeat and to run from several processes at once.
 */
export async function planReminders(
  db: Kysely<Tables>,
  when: { now: Date; afterMs: number; limit: number },
): Promise<void> {
  const until = new Date(when.now.getTime() - when.afterMs);
  const since = new Date(until.getTime() - LATEST_MS);
  await sql`
    insert into caseloop.mails (survey_id, purpose, message_id, state, next_attempt_at)
    select s.id, 'reminder', replace(m.message_id, '.invitation@', '.reminder@'), 'due', ${when.now}
      from caseloop.surveys s
      join caseloop.mails m on m.survey_id = s.id and m.purpose = 'invitation'
     where s.state = 'asked' and s.asked_at > ${since} and s.asked_at <= ${until} and s.expires_at > ${when.now}
       and not ${IS_ANSWERED}
       and not exists (select from caseloop.mails r where r.survey_id = s.id and r.purpose = 'reminder')
     order by s.asked_at
     limit ${when.limit}
    on conflict (survey_id, purpose) do nothing`.execute(db);
}

/** Which of these surveys a person answered, or may have. */
export async function answeredAmong(
  tx: Transaction<Tables>,
  surveyIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (surveyIds.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select s.id from caseloop.surveys s where s.id = any(${surveyIds}::uuid[]) and ${IS_ANSWERED}`.execute(
    tx,
  );
  return new Set(rows.map(({ id }) => id));
}
