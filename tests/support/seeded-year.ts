import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Tables } from '../../src/store/tables.ts';

/** A made-up year of a support desk, always the same for the same options. */
export interface SeededYear {
  readonly closures: number;
  /** The last instant that anything closes. Default: 2026-11-26, 18:00 UTC. */
  readonly until?: Date;
  /** Names of connectors, the busiest first. Default: `zendesk-eu`, `desk`, `sf`. */
  readonly connectors?: readonly [string, string, string];
  /** Another one makes another year. Default: 1. */
  readonly seed?: number;
  /** Told how many closures there are by now. */
  onProgress?(closures: number): void;
}

/** When the seeded year ends unless told otherwise. */
export const SEEDED_UNTIL = new Date('2026-11-26T18:00:00.000Z');

const TOGETHER = 10_000;

/**
 * Fills the store's real tables, so that triggers and fold make the figures as ever: 24 agents in four teams, five channels,
 * two metrics with a change after half a year, cases that are opened again, changed answers, skips, bounces, low scores with
 * recoveries, write-backs that failed. No figures are made: see `foldAll`.
 */
export async function seedYear(db: Kysely<Tables>, year: SeededYear): Promise<void> {
  const { closures, until = SEEDED_UNTIL, connectors = ['zendesk-eu', 'desk', 'sf'], seed = 1 } = year;
  for (const name of connectors)
    await db
      .withSchema('caseloop')
      .insertInto('connectors')
      .values({ name, type: name, started_at: new Date(until.getTime() - 400 * 86_400_000) })
      .onConflict((c) => c.column('name').doNothing())
      .execute();
  for (let first = 1; first <= closures; first += TOGETHER) {
    const last = Math.min(closures, first + TOGETHER - 1);
    await db.transaction().execute(async (tx) => {
      await sql`create temporary table seeded on commit drop as ${rowsOf({ first, last, closures, until, connectors, seed })}`.execute(
        tx,
      );
      for (const statement of STATEMENTS) await sql.raw(statement).execute(tx);
    });
    year.onProgress?.(last);
  }
  await sql`analyze caseloop.closures, caseloop.surveys, caseloop.answers, caseloop.cases, caseloop.follow_ups`.execute(
    db,
  );
}

/** A closure's case was opened again this many closures later. */
const APART = 37;

/** One row per closure, with everything that is drawn for it. */
function rowsOf(of: {
  first: number;
  last: number;
  closures: number;
  until: Date;
  connectors: readonly [string, string, string];
  seed: number;
}): RawBuilder<unknown> {
  /** From 0 to below 1, the same for the same row and purpose. */
  const draw = (row: string, purpose: number) =>
    `(((hashint8extended(${row}, ${of.seed * 1_000 + purpose}) & 2147483647))::float8 / 2147483648.0)`;
  const again = (row: string) => `(${row} > ${APART} and ${draw(row, 1)} < 0.06)`;
  const pick = (of: string, choices: readonly (readonly [value: string | null, below: number])[]) =>
    `case ${choices.map(([value, below]) => `when ${of} < ${below} then ${value === null ? 'null' : `'${value}'`}`).join(' ')} end`;
  return sql`
    with row as (
      select i, ${sql.raw(`case when ${again('i')} and not ${again(`(i - ${APART})`)} then i - ${APART} else i end`)} as nth,
        ${sql.raw(`exists (select where i + ${APART} <= ${of.closures} and ${again(`(i + ${APART})`)} and not ${again('i')})`)} as again_later,
        ${of.until}::timestamptz - make_interval(secs => (${of.closures}::float8 - i) / ${of.closures}::float8 * 31536000) as closed_at
      from generate_series(${of.first}::bigint, ${of.last}::bigint) i),
    drawn as (
      select row.*, floor(${sql.raw(draw('i', 2))} * 24)::int as agent, ${sql.raw(draw('i', 3))} as skip,
        ${sql.raw(draw('i', 4))} as answer, ${sql.raw(draw('i', 5))} as mood, ${sql.raw(draw('i', 6))} as comment,
        ${sql.raw(draw('i', 7))} as pace, ${sql.raw(draw('i', 8))} as changed, ${sql.raw(draw('i', 9))} as recovery,
        ${sql.raw(draw('i', 10))} as write_back, ${sql.raw(draw('nth', 11))} as at,
        ${sql.raw(
          pick(draw('nth', 12), [
            ['email', 0.55],
            ['web', 0.75],
            ['chat', 0.88],
            ['phone', 0.97],
            [null, 1],
          ]),
        )} as channel,
        ${sql.raw(
          pick(draw('nth', 13), [
            ['question', 0.5],
            ['problem', 0.8],
            ['incident', 0.93],
            [null, 1],
          ]),
        )} as topic,
        ${sql.raw(
          pick(draw('nth', 14), [
            ['Acme', 0.6],
            ['Globex', 0.9],
            ['Initech', 1],
          ]),
        )} as brand,
        ${sql.raw(
          pick(draw('nth', 15), [
            ['Free', 0.4],
            ['Business', 0.75],
            ['Enterprise', 0.95],
            [null, 1],
          ]),
        )} as tier,
        ${sql.raw(
          pick(draw('nth', 16), [
            ['en', 0.5],
            ['de-DE', 0.7],
            ['fr', 0.85],
            ['es', 0.95],
            ['nl', 1],
          ]),
        )} as language,
        ${sql.raw(draw('i', 17))} < 0.12 as bot
      from row)
    select drawn.*, md5(${`closure ${of.seed} `} || i)::uuid as id, md5(${`survey ${of.seed} `} || i)::uuid as survey_id,
      case when at < 0.6 then ${of.connectors[0]}::text when at < 0.85 then ${of.connectors[1]}::text else ${of.connectors[2]}::text end as connector,
      (100000 + nth)::text as case_id, i <> nth as is_second, i > ${of.closures}::bigint / 2 as is_new_metric,
      closed_at - make_interval(secs => 1800 + 400000 * pace * pace * pace * (1 + agent % 5)) as opened_at,
      (array['Billing', 'Technical', 'Orders', 'Onboarding'])[1 + agent / 6] as team,
      case when skip < 0.12 then 'skip' when skip < 0.125 then 'hold' else 'ask' end as outcome,
      (case when skip < 0.06 then 'quiet-period' when skip < 0.10 then 'no-public-reply' when skip < 0.12 then 'sampled-out'
        when skip < 0.125 then 'held-by-hand' else 'asked' end) as rule,
      skip >= 0.125 and skip < 0.14 as bounced,
      skip >= 0.14 and answer < (case channel when 'chat' then 0.34 when 'phone' then 0.12 else 0.21 end) as answered,
      -- Some agents are better than others, and what a bot handled is liked less.
      case when mood < 0.05 + 0.004 * (agent % 7) + (case when bot then 0.06 else 0 end) then 1 when mood < 0.10 + 0.006 * (agent % 7) then 2
        when mood < 0.19 then 3 when mood < 0.46 then 4 else 5 end as score
      from drawn`;
}

const SNAPSHOT = `jsonb_build_object('caseId', case_id, 'number', case_id, 'url', 'https://' || connector || '.example/cases/' || case_id,
  'subject', (array['Invoice', 'Cannot sign in', 'Where is my order', 'Import fails', 'Change of plan', 'Refund'])[1 + nth % 6] || ' ' || case_id,
  'state', 'closed', 'changedAt', to_json(closed_at), 'openedAt', to_json(opened_at), 'closedAt', to_json(closed_at),
  'requester', jsonb_build_object('id', 'r' || nth, 'name', 'Customer ' || nth, 'email', 'customer-' || nth || '@customer.example',
    'locale', language, 'timeZone', null, 'isStaff', false),
  'assignee', case when not bot then jsonb_build_object('id', 'a' || agent, 'name', 'Agent ' || chr(65 + agent)) end,
  'team', jsonb_build_object('id', 't' || agent / 6, 'name', team), 'channel', channel, 'brand', brand, 'organisation', null,
  'tier', tier, 'tags', '[]'::jsonb, 'kind', topic, 'language', language, 'priority', null,
  'firstRepliedAt', to_json(opened_at + (closed_at - opened_at) * (0.05 + 0.5 * mood)),
  'reopens', case when is_second then 1 else 0 end,
  'flags', jsonb_build_object('merged', false, 'spam', false, 'outbound', false, 'botHandled', bot, 'ours', false),
  'publicReply', true)`;

const ASKED_AT = `closed_at + interval '2 minutes'`;
const ANSWERED_AT = `closed_at + make_interval(secs => 300 + 200000 * pace * recovery)`;
/** Most are in time, some late, the last fifth never. */
const RECOVERED_AT = `${ANSWERED_AT} + make_interval(secs => 600 + 150000 * recovery * recovery)`;

const STATEMENTS: readonly string[] = [
  ...[false, true].map(
    (isSecond) =>
      `insert into caseloop.cases (connector, case_id, number, state, changed_at, noticed_at, snapshot)
   select connector, case_id, case_id, case when changed < 0.004 and not again_later then 'open' else 'closed' end, closed_at, closed_at, ${SNAPSHOT}
   from seeded where is_second = ${isSecond}
   on conflict (connector, case_id) do update set state = excluded.state, changed_at = excluded.changed_at, snapshot = excluded.snapshot`,
  ),
  `insert into caseloop.closures (id, connector, case_id, closed_at, cycle, noticed_at, noticed_by, person, snapshot, outcome, rule, reason,
     decided_at, credited_id, credited_name, credited_by)
   select id, connector, case_id, closed_at, case when is_second then 2 else 1 end, closed_at + interval '1 minute', 'push', md5(nth::text), ${SNAPSHOT},
     outcome, rule, case outcome when 'ask' then 'Asked: no rule speaks against it.' else 'Not asked: ' || rule || '.' end, closed_at,
     case when not bot then 'a' || agent end, case when not bot then 'Agent ' || chr(65 + agent) end, case when not bot then 'assignee' end
   from seeded`,
  `insert into caseloop.decisions (closure_id, stage, outcome, rule, reason, decided_at)
   select id, 'closing', outcome, rule, case outcome when 'ask' then 'Asked: no rule speaks against it.' else 'Not asked: ' || rule || '.' end, closed_at
   from seeded`,
  `insert into caseloop.surveys (id, closure_id, connector, case_id, name, metric, kind, scale, satisfied_from, follow_up_below, change_within_ms,
     person, email, recipient_name, locale, state, created_at, asked_at, expires_at, held_by_hand)
   select survey_id, id, connector, case_id, 'support', case when is_new_metric then '2026-05' else '2025-11' end, 'csat', '1-5',
     case when is_new_metric then 4 else 5 end, 3, 86400000, md5(nth::text), 'customer-' || nth || '@customer.example', 'Customer ' || nth,
     language || ',en', case when outcome = 'hold' then 'pending' when bounced then 'undeliverable' else 'asked' end, closed_at,
     case when outcome = 'ask' then ${ASKED_AT} end, closed_at + interval '30 days', outcome = 'hold'
   from seeded where outcome <> 'skip'`,
  `insert into caseloop.mails (survey_id, purpose, message_id, state, next_attempt_at, sent_at, bounced_at)
   select survey_id, 'invitation', '<' || survey_id || '.invitation@acme.example>',
     case when outcome = 'hold' then 'held' when bounced then 'bounced' else 'sent' end, closed_at,
     case when outcome = 'ask' then ${ASKED_AT} end, case when bounced then ${ASKED_AT} end
   from seeded where outcome <> 'skip'`,
  `insert into caseloop.answers (survey_id, version, score, comment, reasons, source, answered_at)
   select survey_id, 1, case when changed < 0.02 then 6 - score else score end, case when comment < 0.35 then 'A comment on case ' || case_id || '.' end,
     case when score < 3 then jsonb_build_array((array['person', 'policy', 'product', 'wait'])[1 + nth % 4]) else '[]'::jsonb end, 'form', ${ANSWERED_AT}
   from seeded where answered`,
  `insert into caseloop.answers (survey_id, version, score, comment, reasons, source, answered_at)
   select survey_id, 2, score, case when comment < 0.35 then 'A second comment on case ' || case_id || '.' end, '[]', 'form', ${ANSWERED_AT} + interval '1 minute'
   from seeded where answered and changed < 0.02`,
  `insert into caseloop.write_backs (closure_id, connector, version, state, next_attempt_at, written_version, done_at, last_error, fix, attempts)
   select id, connector, case when changed < 0.02 then 2 else 1 end, case when write_back < 0.004 then 'failed' else 'written' end, ${ANSWERED_AT},
     case when write_back < 0.004 then null when changed < 0.02 then 2 else 1 end, ${ANSWERED_AT},
     case when write_back < 0.004 then 'The CRM refuses the field (422).' end, case when write_back < 0.004 then 'Run caseloop provision.' end, 1
   from seeded where answered`,
  `insert into caseloop.follow_ups (closure_id, connector, key, state, due_at, created_at, next_attempt_at, ref_id, ref_url, done_at, attempts,
     is_clock, low_since, next_look_at, looked_at, recovered_at, recovered_by, escalated_at)
   select id, connector, 'csat:' || substr(md5(id::text), 1, 32), 'made', ${ANSWERED_AT} + interval '1 day', ${ANSWERED_AT}, ${ANSWERED_AT},
     'task-' || i, 'https://' || connector || '.example/tasks/' || i, ${ANSWERED_AT} + interval '10 seconds', 1, true, ${ANSWERED_AT}, ${ANSWERED_AT},
     ${ANSWERED_AT}, case when recovery < 0.8 then ${RECOVERED_AT} end,
     case when recovery < 0.4 then 'reply' when recovery < 0.75 then 'task' when recovery < 0.8 then 'by-hand' end,
     case when recovery > 0.6 then ${ANSWERED_AT} + interval '1 day' end
   from seeded where answered and score < 3`,
];
