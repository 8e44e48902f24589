import { expect, test } from 'vitest';
import type { RecoveryState } from '../../src/connector.ts';
import {
  AGENT,
  CASE,
  connectTo,
  OTHER_CASE,
  refusal,
  type ScriptedOrg,
  startScriptedOrg,
  userRow,
} from './scripted-org.ts';

const PORTAL_USER = '005xx000001X9VAAA0';
const SCORED_AT = new Date('2026-11-21T10:00:00.500Z');
const TASK = '00Txx0000012345EAA';

async function look(
  script: (org: ScriptedOrg) => void,
): Promise<{ states: readonly RecoveryState[]; soql: readonly string[] }> {
  await using org = await startScriptedOrg();
  org.onQuery(/FROM User/, [userRow()]);
  script(org);
  const item = { since: SCORED_AT, taskId: null };
  const states = await connectTo(org).lookAfter([
    { ...item, key: 'a', caseId: CASE.slice(0, 15), taskId: TASK.slice(0, 15) },
    { ...item, key: 'b', caseId: OTHER_CASE },
  ]);
  return { states, soql: org.soql };
}

const mail = (changes: object) => ({
  ParentId: CASE,
  MessageDate: '2026-11-21T11:00:00.250+0000',
  CreatedById: AGENT,
  ...changes,
});
const comment = (changes: object) => ({
  ...{
    ParentId: CASE,
    CreatedDate: '2026-11-21T10:30:00.000+0000',
    CreatedById: AGENT,
    CommentBody: 'Sorry',
  },
  ...changes,
});

test('one query each for mails, comments and tasks of the whole batch; the first answer counts', async () => {
  const { states, soql } = await look((org) => {
    org.onQuery(/FROM EmailMessage/, [mail({}), mail({ ParentId: OTHER_CASE })]);
    org.onQuery(/FROM CaseComment/, [comment({})]);
    org.onQuery(/FROM Task/, [
      { Id: TASK, IsClosed: true, CompletedDateTime: null, LastModifiedDate: '2026-11-21T12:00:00.000+0000' },
    ]);
  });
  expect(states).toEqual([
    { key: 'a', repliedAt: new Date('2026-11-21T10:30:00Z'), taskDoneAt: new Date('2026-11-21T12:00:00Z') },
    { key: 'b', repliedAt: new Date('2026-11-21T11:00:00.250Z'), taskDoneAt: null },
  ]);
  const [mails = '', comments = '', tasks = '', ...others] = soql.filter((one) => !one.includes('FROM User'));
  expect(others).toEqual([]);
  for (const part of [
    'Incoming = false',
    "Status != '5'",
    `'${CASE}','${OTHER_CASE}'`,
    'MessageDate > 2026-11-21T10:00:00.500Z',
  ])
    expect(mails).toContain(part);
  expect(comments).toContain('IsPublished = true');
  expect(tasks).toContain(`'${TASK}'`);
});

test('what customers write in a portal, and what the org sends by itself, is no answer', async () => {
  const { states } = await look((org) => {
    org.onQuery(/FROM EmailMessage/, [mail({ CreatedById: PORTAL_USER }), mail({ MessageDate: null })]);
    org.onQuery(/FROM CaseComment/, [comment({ CreatedById: PORTAL_USER })]);
  });
  expect(states.map(({ repliedAt }) => repliedAt)).toEqual([null, null]);
});

test('an org without Email-to-Case is looked at by its comments', async () => {
  const { states } = await look((org) => {
    org.onQuery(/FROM EmailMessage/, {
      status: 400,
      body: refusal('INVALID_TYPE', "sObject type 'EmailMessage' is not supported"),
    });
    org.onQuery(/FROM CaseComment/, [comment({})]);
  });
  expect(states[0]?.repliedAt).toEqual(new Date('2026-11-21T10:30:00Z'));
});
