import { describe, expect, test } from 'vitest';
import type { FollowUpTask, Outcome, Receipt, WriteBack } from '../../src/connector.ts';
import { type CaseloopError, ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import {
  AGENT,
  CASE,
  connectTo,
  OTHER_CASE,
  QUEUE,
  RUN_AS,
  refusal,
  type ScriptedOrg,
  startScriptedOrg,
  userRow,
} from './scripted-org.ts';

const answer = (changes: Partial<WriteBack> = {}): WriteBack => ({
  key: 'w1',
  caseId: CASE,
  score: 2,
  scale: '1-5',
  rating: 'Dissatisfied',
  level: 'low',
  comment: 'Nobody called back',
  reasons: ['the wait', 'no solution'],
  answeredAt: new Date('2026-11-21T18:03:00Z'),
  link: 'https://survey.acme.example/dashboard/cases/crm/1',
  note: false,
  tag: true,
  ...changes,
});
const task = (changes: Partial<FollowUpTask> = {}): FollowUpTask => ({
  key: 'csat:1',
  outcomeUnknown: false,
  caseId: CASE,
  subject: 'Low score on case 00001042',
  body: 'Please answer the customer.',
  dueAt: new Date('2026-11-25T01:00:00Z'),
  ownerId: AGENT,
  teamId: null,
  ...changes,
});
const row = (statusCode?: string, id = CASE) =>
  statusCode === undefined
    ? { id, success: true, errors: [] }
    : { success: false, errors: [{ statusCode, message: 'planted words', fields: [] }] };
const outcomesOf = (receipt: Receipt): readonly Outcome[] =>
  'outcomes' in receipt ? receipt.outcomes : expect.fail('expected outcomes');
const errorOf = (outcome: Outcome | undefined): CaseloopError =>
  outcome?.result === 'failed' ? outcome.error : expect.fail(`expected a failure, not ${outcome?.result}`);
const sent = (org: ScriptedOrg, route: string, nth = 0) => JSON.parse(org.calls(route)[nth]?.text ?? 'null');
const UPDATE = 'PATCH ~/composite/sobjects';
const CREATE = 'POST ~/composite/sobjects';

describe('writing answers', () => {
  test('is one call with our fields alone, and says whose change it is', async () => {
    await using org = await startScriptedOrg();
    org.on(UPDATE, { body: [row()] });
    const receipt = await connectTo(org).writeBack([answer()]);
    expect(receipt).toEqual({ outcomes: [{ key: 'w1', result: 'done', ref: null }] });
    expect(sent(org, UPDATE)).toEqual({
      allOrNone: false,
      records: [
        {
          attributes: { type: 'Case' },
          id: CASE,
          CSAT_Score__c: 2,
          CSAT_Rating__c: 'Dissatisfied',
          CSAT_Level__c: 'low',
          CSAT_Comment__c: 'Nobody called back',
          CSAT_Reasons__c: 'the wait, no solution',
          CSAT_Answered_At__c: '2026-11-21T18:03:00.000Z',
          CSAT_Link__c: 'https://survey.acme.example/dashboard/cases/crm/1',
        },
      ],
    });
    expect(org.calls(UPDATE)[0]?.headers['sforce-call-options']).toBe('client=caseloop');
  });

  test.each([
    ['UNABLE_TO_LOCK_ROW', RetryableError],
    ['INSUFFICIENT_ACCESS_OR_READONLY', ConfigError],
    ['FIELD_CUSTOM_VALIDATION_EXCEPTION', ConfigError],
    ['CANNOT_EXECUTE_FLOW_TRIGGER', ConfigError],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', ConfigError],
    ['INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', PermanentError],
    ['ENTITY_IS_DELETED', PermanentError],
    ['INVALID_CROSS_REFERENCE_KEY', PermanentError],
    ['planted words', PermanentError],
  ] as const)('HTTP 200 is no success: a row refused with %s fails alone', async (statusCode, kind) => {
    await using org = await startScriptedOrg();
    org.on(UPDATE, { body: [row(statusCode), row()] });
    const items = [answer(), answer({ key: 'w2', caseId: OTHER_CASE })];
    const [first, second] = outcomesOf(await connectTo(org).writeBack(items));
    expect(errorOf(first)).toBeInstanceOf(kind);
    expect(errorOf(first).message).not.toContain('planted words');
    expect(second?.result).toBe('done');
  });

  test('a record that an approval locks is said to be locked', async () => {
    await using org = await startScriptedOrg();
    org.on(UPDATE, { body: [row('ENTITY_IS_LOCKED')] });
    expect(await connectTo(org).writeBack([answer()])).toEqual({
      outcomes: [{ key: 'w1', result: 'locked' }],
    });
  });

  test('a row that the answer leaves out is tried again', async () => {
    await using org = await startScriptedOrg();
    org.on(UPDATE, { body: [] });
    expect(errorOf(outcomesOf(await connectTo(org).writeBack([answer()]))[0])).toBeInstanceOf(RetryableError);
  });

  test.each([
    ['each row', { body: [row('INVALID_FIELD_FOR_INSERT_UPDATE')] }],
    [
      'the whole call',
      {
        status: 400,
        body: refusal('INVALID_FIELD', "No such column 'CSAT_Score__c' on sobject of type Case"),
      },
    ],
  ])('fields that are missing, said of %s, are for an admin', async (_, answered) => {
    await using org = await startScriptedOrg();
    org.on(UPDATE, answered);
    const error = await connectTo(org)
      .writeBack([answer()])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).fix).toContain('provision');
  });

  test('texts are cut to what the fields take', async () => {
    await using org = await startScriptedOrg();
    org.on(UPDATE, { body: [row()] });
    const link = `https://${'a'.repeat(250)}.example/dashboard`;
    await connectTo(org).writeBack([
      answer({ comment: '👍'.repeat(20_000), reasons: ['x'.repeat(300)], link }),
    ]);
    const [record] = sent(org, UPDATE).records;
    expect(record.CSAT_Comment__c.length).toBeLessThanOrEqual(32_768);
    expect(record.CSAT_Comment__c).toMatch(/👍 \[\.\.\. cut here/);
    expect(record.CSAT_Reasons__c.length).toBeLessThanOrEqual(255);
    expect(record.CSAT_Link__c).toBeNull();
  });

  test('a note is a comment that only staff sees, on cases that were written, within its bytes', async () => {
    await using org = await startScriptedOrg();
    org.on(UPDATE, { body: [row(), row('UNABLE_TO_LOCK_ROW')] });
    org.on(CREATE, { body: [row(undefined, '00axx0000012345AAA')] });
    const items = [
      answer({ note: true, comment: '中'.repeat(3_000) }),
      answer({ key: 'w2', caseId: OTHER_CASE, note: true }),
    ];
    const outcomes = outcomesOf(await connectTo(org).writeBack(items));
    expect(outcomes.map(({ result }) => result)).toEqual(['done', 'failed']);
    const [note, ...others] = sent(org, CREATE).records;
    expect(others).toEqual([]);
    expect(note).toMatchObject({ attributes: { type: 'CaseComment' }, ParentId: CASE, IsPublished: false });
    expect(Buffer.byteLength(note.CommentBody)).toBeLessThanOrEqual(4_000);
  });

  test('more than a batch is refused whole', async () => {
    await using org = await startScriptedOrg();
    const items = Array.from({ length: 201 }, (_, n) => answer({ key: `w${n}` }));
    await expect(connectTo(org).writeBack(items)).rejects.toBeInstanceOf(PermanentError);
    expect(org.seen).toEqual([]);
  });
});

describe('making follow-ups', () => {
  async function openOrg(): Promise<ScriptedOrg> {
    const org = await startScriptedOrg();
    org.onQuery(/FROM User/, [
      userRow(),
      userRow({ Id: RUN_AS, Username: 'lead@acme.example', TimeZoneSidKey: 'Asia/Tokyo' }),
    ]);
    org.onQuery(/FROM TaskPriority/, [{ ApiName: 'Urgent' }]);
    org.on(CREATE, ({ text }) => ({
      body: JSON.parse(text).records.map(() => row(undefined, '00Txx0000012345AAA')),
    }));
    return org;
  }

  test('is one task on the case with no contact, due on the day it is where its owner works', async () => {
    await using org = await openOrg();
    const receipt = await connectTo(org).followUp([task()]);
    expect(outcomesOf(receipt)).toEqual([
      {
        key: 'csat:1',
        result: 'done',
        ref: { id: '00Txx0000012345AAA', url: `${org.url}/00Txx0000012345AAA` },
      },
    ]);
    expect(sent(org, CREATE)).toEqual({
      allOrNone: false,
      records: [
        {
          attributes: { type: 'Task' },
          Subject: 'Low score on case 00001042',
          Description: 'Please answer the customer.\n\nCaseloop csat:1',
          WhatId: CASE,
          ActivityDate: '2026-11-24',
          IsReminderSet: true,
          ReminderDateTime: '2026-11-25T01:00:00.000Z',
          Priority: 'Urgent',
          OwnerId: AGENT,
        },
      ],
    });
  });

  test.each([
    ['a queue owned the case', { ownerId: null, teamId: QUEUE }],
    ['the owner left', { ownerId: '005xx000001X8ZZAA0' }],
  ])('when %s it goes to the configured owner, in their zone', async (_, changes) => {
    await using org = await openOrg();
    await connectTo(org, { followUpOwner: 'Lead@acme.example' }).followUp([task(changes)]);
    expect(sent(org, CREATE).records[0]).toMatchObject({ OwnerId: RUN_AS, ActivityDate: '2026-11-25' });
  });

  test('without a configured owner it goes to the user we act as', async () => {
    await using org = await openOrg();
    await connectTo(org).followUp([task({ ownerId: null })]);
    expect(sent(org, CREATE).records[0]).not.toHaveProperty('OwnerId');
  });

  test('a configured owner who is not active is for an admin, and spoils no other task', async () => {
    await using org = await openOrg();
    const tasks = [task({ key: 'csat:2', ownerId: null }), task()];
    const outcomes = outcomesOf(await connectTo(org, { followUpOwner: 'gone@acme.example' }).followUp(tasks));
    expect(errorOf(outcomes.find(({ key }) => key === 'csat:2'))).toBeInstanceOf(ConfigError);
    expect(outcomes.find(({ key }) => key === 'csat:1')?.result).toBe('done');
  });

  test('an owner who became inactive meanwhile is refused for good, so that the task is tried without', async () => {
    await using org = await openOrg();
    org.on(CREATE, { body: [row('INACTIVE_OWNER_OR_USER')] });
    expect(errorOf(outcomesOf(await connectTo(org).followUp([task()]))[0])).toBeInstanceOf(PermanentError);
  });

  test('one of unknown outcome is found by its whole key line', async () => {
    await using org = await openOrg();
    org.onQuery(/FROM Task /, [
      { Id: '00Txx0000000001AAA', Description: 'x\r\n\r\nCaseloop csat:11' },
      { Id: '00Txx0000000002AAA', Description: 'x\r\n\r\nCaseloop csat:1' },
      { Id: '00Txx0000000003AAA', Description: null },
    ]);
    const [outcome] = outcomesOf(await connectTo(org).followUp([task({ outcomeUnknown: true })]));
    expect(outcome).toMatchObject({ result: 'done', ref: { id: '00Txx0000000002AAA' } });
    expect(org.calls(CREATE)).toEqual([]);
  });
});

describe('opening cases again', () => {
  async function openOrg(isClosed: boolean): Promise<ScriptedOrg> {
    const org = await startScriptedOrg();
    org.onQuery(/SELECT Id, IsClosed FROM Case/, [{ Id: CASE, IsClosed: isClosed }]);
    org.onQuery(/FROM CaseStatus/, [{ ApiName: 'New' }, { ApiName: 'Working' }]);
    org.on(UPDATE, { body: [row()] });
    org.on(CREATE, { body: [row(undefined, '00axx0000012345AAA')] });
    return org;
  }

  test('sets the first open status, then leaves a private comment with the key', async () => {
    await using org = await openOrg(true);
    await connectTo(org).reopen([task()]);
    expect(sent(org, UPDATE).records).toEqual([
      { attributes: { type: 'Case' }, id: CASE, Status: 'New', OwnerId: AGENT },
    ]);
    expect(sent(org, CREATE).records).toMatchObject([
      { ParentId: CASE, IsPublished: false, CommentBody: 'Please answer the customer.\n\nCaseloop csat:1' },
    ]);
  });

  test('takes the configured status, when it is an open one', async () => {
    await using org = await openOrg(true);
    await connectTo(org, { reopenStatus: 'Working' }).reopen([task()]);
    expect(sent(org, UPDATE).records[0].Status).toBe('Working');
    await expect(connectTo(org, { reopenStatus: 'Closed' }).reopen([task()])).rejects.toBeInstanceOf(
      ConfigError,
    );
  });

  test('a case that is open already keeps its status and owner and gets the comment', async () => {
    await using org = await openOrg(false);
    await connectTo(org).reopen([task()]);
    expect(org.calls(UPDATE)).toEqual([]);
    expect(org.calls(CREATE)).toHaveLength(1);
  });

  test('a long text is cut and its key kept whole', async () => {
    await using org = await openOrg(true);
    await connectTo(org).reopen([task({ body: 'ж'.repeat(5_000) })]);
    const [{ CommentBody }] = sent(org, CREATE).records;
    expect(Buffer.byteLength(CommentBody)).toBeLessThanOrEqual(4_000);
    expect(CommentBody).toMatch(/\nCaseloop csat:1$/);
  });
});
