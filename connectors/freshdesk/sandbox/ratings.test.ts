import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import { ANA_CASE, startTestAccount } from './test-account.ts';

test('ratings are added and listed, one row for every call', async () => {
  await using account = await startTestAccount();
  const { call, clock, sandbox } = account;
  const id = await sandbox.openCase(ANA_CASE);
  await sandbox.closeCase(id);
  const [survey] = (await call('GET', '/surveys?state=active')).body;
  expect(survey.questions).toMatchObject([{ id: 'default_question', accepted_ratings: [103, 100, -103] }]);
  const rate = (value: number) =>
    call('POST', `/tickets/${id}/satisfaction_ratings`, {
      feedback: 'late',
      ratings: { default_question: value },
    });
  const first = await rate(-103);
  expect([first.status, first.body.id]).toEqual([201, false]);
  clock.advance(MINUTE_MS);
  await rate(100);
  const { body: ticket } = await call('GET', `/tickets/${id}`);
  const { body: listed } = await call('GET', `/tickets/${id}/satisfaction_ratings`);
  expect(listed).toMatchObject([
    {
      ticket_id: Number(id),
      user_id: ticket.requester_id,
      survey_id: survey.id,
      ratings: { default_question: -103 },
    },
    { feedback: 'late', ratings: { default_question: 100 } },
  ]);
  const since = await call('GET', '/surveys/satisfaction_ratings?created_since=2026-11-21T10:01:00Z');
  expect(since.body).toHaveLength(1);
  const others = await call('GET', '/surveys/satisfaction_ratings?user_id=1');
  expect(others.body).toEqual([]);
});

test.each([
  [{}, 'missing_field'],
  [{ ratings: {} }, 'missing_field'],
  [{ ratings: { default_question: 103, question_2: 103 } }, 'invalid_field'],
  [{ ratings: { default_question: 102 } }, 'invalid_value'],
  [{ ratings: { default_question: '103' } }, 'invalid_value'],
  [{ ratings: { default_question: 103 }, user_id: 1 }, 'invalid_field'],
])('refuses %j', async (body, code) => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  const refused = await account.call('POST', `/tickets/${id}/satisfaction_ratings`, body);
  expect([refused.status, refused.body.errors[0].code]).toEqual([400, code]);
});

test('without an active survey ratings are a feature that is missing', async () => {
  await using account = await startTestAccount();
  const id = await account.sandbox.openCase(ANA_CASE);
  account.sandbox.setSurveyActive(false);
  expect((await account.call('GET', '/surveys?state=active')).body).toEqual([]);
  const body = { ratings: { default_question: 103 } };
  const refused = await account.call('POST', `/tickets/${id}/satisfaction_ratings`, body);
  expect([refused.status, refused.body.code]).toEqual([403, 'require_feature']);
});
