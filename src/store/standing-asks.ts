import { type RawBuilder, sql } from 'kysely';

/**
 * True of a survey (`s`) that still is to go out, about an earlier closing (`own`), when the newest closing of the case was
 * left out on its account: nobody else asks about that one, so whoever calls this ask off leaves the customer unasked. It
 * happens where an ask was being handed over as the case closed once more, and came back. Not where the newest closing is
 * among those whose asks are `calledOff`.
 */
export function asksForNewest(calledOff: readonly Date[] = []): RawBuilder<boolean> {
  const instants = calledOff.map((closedAt) => closedAt.toISOString());
  return sql<boolean>`(s.state = 'pending' and exists (
    select from (select c.closed_at, c.rule from caseloop.closures c
                  where c.connector = own.connector and c.case_id = own.case_id
                  order by c.closed_at desc limit 1) newest
     where newest.closed_at > own.closed_at and newest.rule in ('already-asked', 'quiet-period')
       and newest.closed_at <> all(${instants}::timestamptz[])))`;
}
