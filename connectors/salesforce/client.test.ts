import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  AuthError,
  type CaseloopError,
  ConfigError,
  PermanentError,
  RetryableError,
} from '../../src/errors.ts';
import {
  CASE,
  caseRow,
  connectTo,
  refusal,
  rows,
  type ScriptedAnswer,
  startScriptedOrg,
} from './scripted-org.ts';

async function fetchFrom(answer: ScriptedAnswer, settings: Record<string, unknown> = {}) {
  await using org = await startScriptedOrg();
  org.on('GET ~/queryAll', answer);
  const outcome = await connectTo(org, settings)
    .fetch([CASE])
    .catch((error: unknown) => error as CaseloopError);
  return { outcome, asked: org.calls('GET ~/queryAll').length };
}

describe('what a refusal means', () => {
  test.each([
    ['403', { status: 403, body: refusal('INSUFFICIENT_ACCESS_OR_READONLY') }, ConfigError],
    ['403 of an org without the API', { status: 403, body: refusal('API_DISABLED_FOR_ORG') }, ConfigError],
    [
      '403 with the calls of the day used up',
      { status: 403, body: refusal('REQUEST_LIMIT_EXCEEDED') },
      RetryableError,
    ],
    ['404', { status: 404, body: refusal('NOT_FOUND') }, PermanentError],
    ['404 of no org at all', { status: 404, body: '<html>' }, ConfigError],
    ['409', { status: 409, body: '' }, RetryableError],
    ['420', { status: 420, body: "<html>We've hit a snag" }, RetryableError],
    ['422', { status: 422, body: '' }, PermanentError],
    ['429', { status: 429, body: '' }, RetryableError],
    ['500', { status: 500, body: refusal('UNKNOWN_EXCEPTION') }, RetryableError],
    ['503', { status: 503, body: refusal('SERVER_UNAVAILABLE') }, RetryableError],
    [
      'a hidden field',
      { status: 400, body: refusal('INVALID_FIELD', "No such column 'CSAT_Score__c' on entity") },
      ConfigError,
    ],
    ['a query that takes too long', { status: 400, body: refusal('QUERY_TIMEOUT') }, RetryableError],
    ['a query that is wrong', { status: 400, body: refusal('MALFORMED_QUERY') }, PermanentError],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://elsewhere.example/' }, body: '' },
      ConfigError,
    ],
    [
      'a page in place of an answer',
      { body: '<html>', headers: { 'content-type': 'text/html' } },
      RetryableError,
    ],
    ['a body that is cut', { body: '{"done":true,"rec' }, RetryableError],
    ['another shape', { body: { done: true } }, PermanentError],
    ['a case of another shape', rows([{ Id: CASE }]), PermanentError],
  ] as const)('%s', async (_, answer, kind) => {
    const { outcome, asked } = await fetchFrom(answer);
    expect(outcome).toBeInstanceOf(kind);
    expect(outcome).not.toBeInstanceOf(AuthError);
    expect(asked).toBe(1);
  });

  test('an answer that never comes is given up', async () => {
    const { outcome, asked } = await fetchFrom({ hang: true }, { timeout: '50ms' });
    expect(outcome).toBeInstanceOf(RetryableError);
    expect(asked).toBe(1);
  });

  test('the calls of the day hold up the account, and Retry-After is heeded', async () => {
    const { outcome } = await fetchFrom({ status: 403, body: refusal('REQUEST_LIMIT_EXCEEDED') });
    expect(outcome).toMatchObject({ scope: 'account', retryAfterMs: null });
    const asked = await fetchFrom({ status: 429, headers: { 'retry-after': '7' }, body: '' });
    expect(asked.outcome).toMatchObject({ scope: 'account', retryAfterMs: 7_000 });
  });

  test('names the missing field, and quotes nothing else of the vendor', async () => {
    const planted = [
      refusal('INVALID_FIELD', "No such column 'CSAT_Score__c' on entity 'Case'. ana@example.org"),
      refusal('STRING_TOO_LONG', 'CSAT Comment: data value too large: planted words of a customer'),
      [{ errorCode: 'planted words', message: 'x', fields: ['planted words', 'CSAT_Score__c'] }],
    ];
    for (const body of planted) {
      const { outcome } = await fetchFrom({ status: 400, body });
      expect(inspect(outcome, { depth: 9, showHidden: true })).not.toMatch(/ana@|planted/);
      if (body !== planted[1]) expect(String(outcome)).toContain('CSAT_Score__c');
    }
  });
});

test('pages of a query are followed inside the org, and nowhere else', async () => {
  await using org = await startScriptedOrg();
  org.on('GET ~/queryAll', rows([caseRow()], '/services/data/v67.0/query/01g-2000'));
  org.on('GET ~/query/01g-2000', rows([caseRow({ Id: '500xx000001abcEAAQ' })]));
  expect(await connectTo(org).fetch([CASE])).toHaveLength(2);
  org.on('GET ~/queryAll', rows([caseRow()], 'https://elsewhere.example/services/data/v67.0/query/01g'));
  await expect(connectTo(org).fetch([CASE])).rejects.toBeInstanceOf(PermanentError);
});

test('calls made at the same time do not mix', async () => {
  await using org = await startScriptedOrg();
  org.on('GET ~/queryAll', async ({ query }) => {
    const id = /'(500\w+)'/.exec(query.get('q') ?? '')?.[1];
    await new Promise((resolve) => setTimeout(resolve, id === CASE ? 30 : 0));
    return rows([caseRow({ Id: id })]);
  });
  const connector = connectTo(org);
  const ids = [CASE, '500xx000001abcEAAQ'];
  const found = await Promise.all(ids.map((id) => connector.fetch([id])));
  expect(found.map(([one]) => one?.caseId)).toEqual(ids);
});
