import { expect, test } from 'vitest';
import { ANA_CASE, startTestAccount, type TestAccount } from './test-account.ts';

async function finish(account: TestAccount, started: { body: { job_status: { id: string } } }) {
  await account.sandbox.jobsDone();
  const answer = await account.call('GET', `/job_statuses/${started.body.job_status.id}.json`);
  return answer.body.job_status;
}

test('update_many is queued, then completed, with one result per ticket; completed is not succeeded', async () => {
  const account = await startTestAccount();
  const { call, sandbox } = account;
  const [open, locked] = [
    await sandbox.openCase({ ...ANA_CASE, tags: ['vip'] }),
    await sandbox.openCase(ANA_CASE),
  ];
  await sandbox.lockCase(locked);
  sandbox.holdJobs();
  const started = await call('PUT', '/tickets/update_many.json', {
    tickets: [
      { id: Number(open), priority: 'high', additional_tags: ['csat_low'], nonsense: 1 },
      { id: Number(locked), priority: 'high' },
      { id: 7, priority: 'high' },
    ],
  });
  expect(started.status).toBe(200);
  expect(started.body.job_status).toMatchObject({
    status: 'queued',
    total: 3,
    progress: null,
    results: null,
  });
  expect(started.headers.get('zendesk-ratelimit-inflight-jobs')).toBe('total=30; remaining=29; resets=60');
  expect(started.headers.get('x-zendesk-api-warn')).toContain('"ticket.nonsense"');
  expect((await call('GET', `/tickets/${open}`)).body.ticket.priority).toBeNull();
  sandbox.releaseJobs();
  const job = await finish(account, started);
  expect(job.status).toBe('completed');
  expect(job.results).toEqual([
    { action: 'update', status: 'Updated', success: true, id: Number(open) },
    {
      index: 1,
      id: Number(locked),
      action: 'update',
      success: false,
      status: 'Failed',
      error: 'RecordInvalid',
      details: 'Status: closed prevents ticket update',
    },
    expect.objectContaining({ index: 2, id: 7, success: false, error: 'RecordNotFound' }),
  ]);
  expect((await call('GET', `/tickets/${open}`)).body.ticket).toMatchObject({
    priority: 'high',
    tags: ['csat_low', 'vip'],
  });
});

test('update_many takes one ticket for many ids', async () => {
  const account = await startTestAccount();
  const ids = [
    await account.sandbox.openCase(ANA_CASE),
    await account.sandbox.openCase({ ...ANA_CASE, tags: ['a'] }),
  ];
  const body = { ticket: { remove_tags: ['a'], additional_tags: 'b' } };
  const job = await finish(account, await account.call('PUT', `/tickets/update_many.json?ids=${ids}`, body));
  expect(job.results).toHaveLength(2);
  for (const id of ids) expect((await account.sandbox.readCase(id)).tags).toEqual(['b']);
});

test('create_many names what it made by index', async () => {
  const account = await startTestAccount();
  const ticket = { subject: 'Call Ana', external_id: 'k1', comment: { body: 'x', public: false } };
  const started = await account.call('POST', '/tickets/create_many.json', {
    tickets: [ticket, { subject: 'y' }],
  });
  const job = await finish(account, started);
  const made = (await account.call('GET', '/tickets.json?external_id=k1')).body.tickets[0];
  expect(job.results[0]).toEqual({ index: 0, id: made.id, account_id: 18_525_119 });
  expect(job.results[1]).toMatchObject({ index: 1, success: false, error: 'RecordInvalid' });
  const shown = await account.call('GET', `/job_statuses/show_many.json?ids=${job.id}`);
  expect(shown.body.job_statuses).toEqual([job]);
});

test.each([
  ['PUT', '/tickets/update_many.json'],
  ['POST', '/tickets/create_many.json'],
])('%s %s takes at most 100', async (method, path) => {
  const { call } = await startTestAccount();
  const tickets = Array.from({ length: 101 }, (_, index) => ({ id: index + 1 }));
  const answer = await call(method, path, { tickets });
  expect(answer.status).toBe(400);
  expect(answer.body).toEqual({
    error: 'TooManyValues',
    description: 'Parameter  cannot specify more than 100 values',
    max_count: 100,
  });
});

test('a wrong type refuses the whole batch at once', async () => {
  const { call, sandbox } = await startTestAccount();
  const id = Number(await sandbox.openCase(ANA_CASE));
  const answer = await call('PUT', '/tickets/update_many', { tickets: [{ id, custom_fields: 'x' }] });
  expect(answer.status).toBe(400);
});

test('30 jobs may be in flight', async () => {
  const account = await startTestAccount();
  const { call, sandbox } = account;
  const id = Number(await sandbox.openCase(ANA_CASE));
  sandbox.holdJobs();
  const start = () => call('PUT', '/tickets/update_many', { tickets: [{ id, priority: 'low' }] });
  const ids: string[] = [];
  for (let count = 0; count < 30; count += 1) ids.push((await start()).body.job_status.id);
  const refused = await start();
  expect([refused.status, refused.body.error]).toEqual([429, 'TooManyJobs']);
  expect(refused.body.current_job_ids).toEqual(ids);
  expect(refused.headers.get('retry-after')).toBe('60');
  sandbox.releaseJobs();
  await sandbox.jobsDone();
  expect((await start()).status).toBe(200);
});

test('a job is forgotten after a day', async () => {
  const account = await startTestAccount();
  const id = Number(await account.sandbox.openCase(ANA_CASE));
  const started = await account.call('PUT', '/tickets/update_many', { tickets: [{ id, priority: 'low' }] });
  await account.sandbox.jobsDone();
  account.clock.advance(25 * 3_600_000);
  const headers = { Authorization: `Bearer ${await account.token('read')}` };
  const path = `/api/v2/job_statuses/${started.body.job_status.id}`;
  expect((await account.raw('GET', path, undefined, headers)).status).toBe(404);
});
