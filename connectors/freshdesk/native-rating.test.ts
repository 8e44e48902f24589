import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Scale } from '../../src/domain/score.ts';
import { mapScore } from './native-rating.ts';
import {
  ANSWER,
  connectTo,
  openScriptedAccount,
  type ScriptedAccount,
  ticketWith,
} from './scripted-account.ts';

const RATINGS = '/tickets/21/satisfaction_ratings';
const survey = {
  id: 1,
  questions: [
    { id: 'question_2', accepted_ratings: [-101, 101] },
    { id: 'default_question', accepted_ratings: [-103, 100, 103] },
  ],
};

let account: ScriptedAccount;
beforeEach(() => {
  account = openScriptedAccount();
  account.on('PUT /tickets/21', { body: ticketWith() });
  account.on('GET /surveys', { body: [survey] });
  account.on(`GET ${RATINGS}`, { body: [] });
  account.on(`POST ${RATINGS}`, { status: 201, body: { id: false } });
});
afterEach(() => account.close());

test.each([
  ['three points', [-103, 100, 103], '1-5', [-103, -103, 100, 103, 103]],
  ['three points in another order', [103, -103, 100], '1-5', [-103, -103, 100, 103, 103]],
  ['seven points', [-103, -102, -101, 100, 101, 102, 103], '1-7', [-103, -102, -101, 100, 101, 102, 103]],
  ['seven points', [-103, -102, -101, 100, 101, 102, 103], '1-5', [-103, -102, 100, 102, 103]],
  ['five points', [-103, -101, 100, 101, 103], 'faces', [-103, -101, 100, 101, 103]],
  ['two points', [-103, 103], '1-5', [-103, -103, 103, 103, 103]],
  ['the classic survey', [1, 2, 3], '1-5', [3, 3, 2, 1, 1]],
  ['the classic survey', [1, 2, 3], 'thumbs', [3, 1]],
  ['no survey', [], '1-5', [null, null, null, null, null]],
] as const)('%s, %j, on %s', (_, accepted, scale, expected) => {
  const min = scale === 'thumbs' ? 0 : 1;
  const mapped = expected.map((_one, at) =>
    mapScore({ ...ANSWER, scale: scale as Scale, score: min + at }, accepted),
  );
  expect(mapped).toEqual(expected);
});

test('is off by default', async () => {
  await connectTo().writeBack([ANSWER]);
  expect(account.seen.filter(({ path }) => /survey|rating/.test(path))).toEqual([]);
});

test('is given once, on the question that every survey has', async () => {
  await connectTo({ nativeRating: true }).writeBack([ANSWER]);
  expect(account.calls(`POST ${RATINGS}`).map(({ body }) => body)).toEqual([
    { ratings: { default_question: -103 }, feedback: 'Slow & <rude>' },
  ]);
});

test('is never given twice, whoever gave the first', async () => {
  account.on(`GET ${RATINGS}`, { body: [{ id: 7, ticket_id: 21 }] });
  const receipt = await connectTo({ nativeRating: true }).writeBack([{ ...ANSWER, score: 5, level: 'high' }]);
  expect(receipt).toMatchObject({ outcomes: [{ result: 'done' }] });
  expect(account.calls(`POST ${RATINGS}`)).toEqual([]);
});

test('without an active survey the admin must act; the fields are written all the same', async () => {
  account.on('GET /surveys', { body: [] });
  const receipt = await connectTo({ nativeRating: true }).writeBack([ANSWER]);
  expect(receipt).toMatchObject({ outcomes: [{ result: 'failed', error: { name: 'ConfigError' } }] });
  expect(account.calls('PUT /tickets/21')).toHaveLength(1);
});
