import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * What figures are made of: one fact per closure, and per day of the report their columns. Triggers note which closures
 * changed, so that no way of writing can forget it.
 */
export const report: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

/** A trigger for whole statements, that notes the closures which `changed` selects from `new_rows` or `old_rows`. */
function noting(table: string, event: 'insert' | 'update' | 'delete', changed: string): readonly string[] {
  const name = `report_${table}_${event}`;
  const rows = {
    insert: 'new table as new_rows',
    update: 'old table as old_rows new table as new_rows',
    delete: 'old table as old_rows',
  };
  return [
    `create function caseloop.${name}() returns trigger language plpgsql as $$
     begin
       insert into caseloop.report_changes (closure_id) ${changed};
       return null;
     end $$`,
    `create trigger ${name} after ${event} on caseloop.${table} referencing ${rows[event]}
     for each statement execute function caseloop.${name}()`,
  ];
}

/** A closing tells of the ones before it that the case was opened again. */
const ofSameCase = (rows: string) =>
  `select c.id from caseloop.closures c
     join (select distinct connector, case_id from ${rows}) r on r.connector = c.connector and r.case_id = c.case_id`;

const whereSurveyDiffers = `where (n.state, n.asked_at, n.metric, n.kind, n.scale, n.satisfied_from, n.follow_up_below, n.locale)
  is distinct from (o.state, o.asked_at, o.metric, o.kind, o.scale, o.satisfied_from, o.follow_up_below, o.locale)`;

const ofAnswered = (rows: string) =>
  `select s.closure_id from caseloop.surveys s where s.id in (select survey_id from ${rows})`;

/** By name, since a later migration adds most of them. */
const clockOf = (row: string) =>
  `array[${['is_clock', 'due_at', 'low_since', 'recovered_at'].map((name) => `to_jsonb(${row})->'${name}'`).join(', ')}]`;

const STATEMENTS = [
  `create table caseloop.report_changes (
    id bigint primary key generated always as identity,
    closure_id uuid not null
  )`,
  `create table caseloop.report_values (
    id integer primary key generated always as identity,
    dimension text not null,
    value text not null,
    label text not null,
    label_at timestamptz not null,
    unique (dimension, value)
  )`,
  `create table caseloop.report_metrics (
    id integer primary key generated always as identity,
    key text not null unique,
    name text not null,
    kind text not null,
    scale text not null,
    satisfied_from integer not null
  )`,
  `create table caseloop.report_facts (
    closure_id uuid primary key,
    closed_at timestamptz not null,
    day date not null,
    agent integer not null,
    team integer not null,
    channel integer not null,
    topic integer not null,
    brand integer not null,
    tier integer not null,
    language integer not null,
    connector integer not null,
    handled_by integer not null,
    metric integer,
    score smallint,
    satisfied boolean not null,
    low boolean not null,
    commented boolean not null,
    reopened boolean not null,
    recovered boolean not null,
    first_reply_s integer,
    resolution_s integer,
    recovery_s integer,
    due_at timestamptz
  )`,
  'create index report_facts_day on caseloop.report_facts (day, closed_at, closure_id)',
  // Few of very many, and looked for most.
  'create index report_facts_low on caseloop.report_facts (day, closed_at, closure_id) where low',
  `create table caseloop.report_titles (closure_id uuid primary key, subject text not null)`,
  'create index report_titles_subject on caseloop.report_titles (subject text_pattern_ops)',
  `create table caseloop.report_days (
    day date primary key,
    closures integer not null,
    value_ids integer[] not null,
    metric_ids integer[] not null,
    asked integer[] not null
  )`,
  `create table caseloop.report_columns (
    day date not null references caseloop.report_days on delete cascade,
    name text not null,
    data bytea not null,
    primary key (day, name)
  )`,
  // They are read whole and often, and are small as they are.
  'alter table caseloop.report_columns alter column data set storage external',
  'insert into caseloop.report_changes (closure_id) select id from caseloop.closures order by closed_at',
  ...noting('closures', 'insert', ofSameCase('new_rows')),
  ...noting('closures', 'update', 'select id from new_rows'),
  ...noting('closures', 'delete', `select id from old_rows union ${ofSameCase('old_rows')}`),
  ...noting('surveys', 'insert', 'select closure_id from new_rows where asked_at is not null'),
  ...noting(
    'surveys',
    'update',
    `select n.closure_id from new_rows n join old_rows o on o.id = n.id ${whereSurveyDiffers}`,
  ),
  ...noting('surveys', 'delete', 'select closure_id from old_rows'),
  ...noting('answers', 'insert', ofAnswered('new_rows')),
  ...noting('answers', 'update', ofAnswered('new_rows')),
  ...noting('answers', 'delete', ofAnswered('old_rows')),
  ...noting('follow_ups', 'insert', 'select closure_id from new_rows'),
  ...noting(
    'follow_ups',
    'update',
    `select n.closure_id from new_rows n join old_rows o on o.id = n.id
      where ${clockOf('n')} is distinct from ${clockOf('o')}`,
  ),
  ...noting('follow_ups', 'delete', 'select closure_id from old_rows'),
  ...noting(
    'cases',
    'update',
    `select c.id from new_rows n join old_rows o on o.connector = n.connector and o.case_id = n.case_id
       join caseloop.closures c on c.connector = n.connector and c.case_id = n.case_id
      where n.state is distinct from o.state or n.snapshot->'reopens' is distinct from o.snapshot->'reopens'`,
  ),
];
