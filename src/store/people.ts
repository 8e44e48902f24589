import { type Kysely, sql, type Transaction } from 'kysely';
import { HOUR_MS } from '../clock.ts';
import { asksForNewest } from './standing-asks.ts';
import type { Tables } from './tables.ts';

type Store = Kysely<Tables> | Transaction<Tables>;

/**
 * Lets one transaction at a time decide about these people, so that two cases closing at once cannot both ask. Always in
 * one order, so that two transactions cannot wait for each other; take all locks of a transaction by one call.
 */
export async function lockPeople(tx: Store, people: readonly string[]): Promise<void> {
  if (people.length === 0) return;
  // An update of nothing: it locks the row whether it was there or not, in one statement.
  await sql`
    insert into caseloop.people (person) select distinct unnest(${people}::text[]) order by 1
    on conflict (person) do update set person = excluded.person`.execute(tx);
}

/** Which closure is decided on, and whom the ask would go to. */
export interface AskSubject {
  readonly connector: string;
  readonly caseId: string;
  readonly closedAt: Date;
  readonly person: string | null;
}

export interface AskHistory {
  readonly optedOut: boolean;
  /** A mail to this person came back because there is no such address. */
  readonly bounced: boolean;
  readonly personLastAskedAt: Date | null;
  readonly earlierAsks: number;
  readonly newerClosureExists: boolean;
  /** Mails, and asks on cases. Those in flight count as well: they are about to be there. */
  readonly sentInLastHour: number;
}

/**
 * What was asked before, of these people over all connectors and about these cases; one history per subject, in their
 * order. A closure's own ask is left out.
 */
export async function readAskHistories(
  tx: Store,
  subjects: readonly AskSubject[],
  now: Date,
): Promise<readonly AskHistory[]> {
  const hourAgo = new Date(now.getTime() - HOUR_MS);
  const about = subjects.map((subject, nth) => ({
    nth,
    connector: subject.connector,
    case_id: subject.caseId,
    closed_at: subject.closedAt,
    person: subject.person,
  }));
  const { rows } = await sql<{
    opted_out: boolean;
    bounced: boolean;
    last_asked_at: Date | null;
    earlier_asks: number;
    newer_closure: boolean;
    sent: number;
  }>`
    select
      exists (select from caseloop.suppressions where person = about.person and source <> 'bounce') as opted_out,
      exists (select from caseloop.suppressions where person = about.person and source = 'bounce') as bounced,
      (select max(coalesce((select max(m.sent_at) from caseloop.mails m where m.survey_id = s.id), s.asked_at, s.created_at))
         from caseloop.surveys s join caseloop.closures c on c.id = s.closure_id
        where s.person = about.person and s.state in ('pending', 'asked')
          and (c.connector, c.case_id, c.closed_at) <> (about.connector, about.case_id, about.closed_at)) as last_asked_at,
      (select count(*)::int
         from caseloop.surveys s join caseloop.closures c on c.id = s.closure_id
        where s.connector = about.connector and s.case_id = about.case_id and s.state in ('pending', 'asked')
          and c.closed_at <> about.closed_at) as earlier_asks,
      exists (select from caseloop.closures c
               where c.connector = about.connector and c.case_id = about.case_id
                 and c.closed_at > about.closed_at)
        and not exists (select from caseloop.surveys s join caseloop.closures own on own.id = s.closure_id
                         where own.connector = about.connector and own.case_id = about.case_id
                           and own.closed_at = about.closed_at and ${asksForNewest()}) as newer_closure,
      (select count(*)::int from caseloop.mails where state = 'sent' and sent_at > ${hourAgo})
        + (select count(*)::int from caseloop.mails where state = 'bounced' and sent_at > ${hourAgo})
        + (select count(*)::int from caseloop.mails where state = 'sending')
        + (select count(*)::int from caseloop.case_asks where let_go_at > ${hourAgo}) as sent
    from jsonb_to_recordset(${JSON.stringify(about)}::jsonb)
      as about (nth int, connector text, case_id text, closed_at timestamptz, person text)
    order by about.nth`.execute(tx);
  return rows.map((row) => ({
    optedOut: row.opted_out,
    bounced: row.bounced,
    personLastAskedAt: row.last_asked_at,
    earlierAsks: row.earlier_asks,
    newerClosureExists: row.newer_closure,
    sentInLastHour: row.sent,
  }));
}
