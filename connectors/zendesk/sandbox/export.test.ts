import { expect, test } from 'vitest';
import { ANA_CASE, startTestAccount } from './test-account.ts';

const EPOCH = Date.parse('2026-11-21T10:00:00Z') / 1000;
const FIRST = '/incremental/tickets/cursor.json?start_time=0';
const next = (cursor: string) => `/incremental/tickets/cursor.json?cursor=${encodeURIComponent(cursor)}`;
const ids = (answer: { body: { tickets: { id: number }[] } }) =>
  answer.body.tickets.map(({ id }) => String(id));

test('the last minute is withheld, and the cursor at the end of the stream resumes', async () => {
  const { call, sandbox, clock } = await startTestAccount();
  const first = await sandbox.openCase(ANA_CASE);
  clock.advance(59_000);
  const early = await call('GET', FIRST);
  expect([ids(early), early.body.end_of_stream]).toEqual([[], true]);
  clock.advance(1_000);
  const second = await sandbox.openCase(ANA_CASE);
  const page = await call('GET', next(early.body.after_cursor));
  expect([ids(page), page.body.end_of_stream]).toEqual([[first], true]);
  expect(Buffer.from(page.body.after_cursor, 'base64').toString()).toBe(`${EPOCH}.0||${first}|`);
  expect((await call('GET', next(page.body.after_cursor))).body.tickets).toEqual([]);
  clock.advance(60_000);
  const later = await call('GET', next(page.body.after_cursor));
  expect(ids(later)).toEqual([second]);
  expect(later.body.after_url).toContain('cursor=');
});

test('a ticket comes again after each change, in the order of changes, deleted ones too', async () => {
  const { call, sandbox, clock } = await startTestAccount();
  const [a, b, c] = [
    await sandbox.openCase(ANA_CASE),
    await sandbox.openCase(ANA_CASE),
    await sandbox.openCase(ANA_CASE),
  ];
  clock.advance(5_000);
  await sandbox.closeCase(b);
  clock.advance(5_000);
  await sandbox.deleteCase(a);
  clock.advance(60_000);
  const all = await call('GET', FIRST);
  expect(ids(all)).toEqual([c, b, a]);
  expect(all.body.tickets.map((ticket: { status: string }) => ticket.status)).toEqual([
    'open',
    'solved',
    'deleted',
  ]);
  const kept = await call('GET', `${FIRST}&exclude_deleted=true`);
  expect(ids(kept)).toEqual([c, b]);
  await sandbox.reopenCase(b);
  clock.advance(60_000);
  expect(ids(await call('GET', next(all.body.after_cursor)))).toEqual([b]);
});

test('pages of one second do not lose a ticket', async () => {
  const { call, sandbox, clock } = await startTestAccount();
  const made = await Promise.all(Array.from({ length: 5 }, () => sandbox.openCase(ANA_CASE)));
  clock.advance(60_000);
  const seen: string[] = [];
  let path = `${FIRST}&per_page=2`;
  for (;;) {
    const page = await call('GET', path);
    seen.push(...ids(page));
    if (page.body.end_of_stream) break;
    path = `${next(page.body.after_cursor)}&per_page=2`;
  }
  expect(seen).toEqual(made);
});

test('a start less than five minutes ago is refused', async () => {
  const { call } = await startTestAccount();
  const at = (second: number) => call('GET', `/incremental/tickets/cursor.json?start_time=${second}`);
  const refused = await at(EPOCH - 299);
  expect([refused.status, refused.body.error]).toEqual([422, 'InvalidValue']);
  expect(refused.body.description).toContain('Too recent start_time');
  expect((await at(EPOCH - 300)).status).toBe(200);
  expect((await call('GET', '/incremental/tickets/cursor.json')).status).toBe(400);
  expect((await call('GET', next('bm9uc2Vuc2U='))).status).toBe(400);
});

test('users, groups and metrics ride along in lists of their own', async () => {
  const { call, sandbox, clock } = await startTestAccount();
  const id = await sandbox.openCase(ANA_CASE);
  clock.advance(3_600_000);
  await sandbox.closeCase(id, { comment: 'Try again now.' });
  clock.advance(3_600_000);
  await sandbox.reopenCase(id);
  clock.advance(3_600_000);
  await sandbox.closeCase(id);
  clock.advance(3_600_000);
  await sandbox.lockCase(id);
  clock.advance(3_600_000);
  const { body } = await call('GET', `${FIRST}&include=users,groups,metric_sets,last_audits`);
  expect(body.users.map((user: { name: string }) => user.name)).toEqual(['Ana Example', 'Maya Lindqvist']);
  expect(body.groups.map((group: { name: string }) => group.name)).toEqual(['Support']);
  expect(body.metric_sets).toHaveLength(1);
  expect(body.metric_sets[0]).toMatchObject({
    ticket_id: Number(id),
    reopens: 1,
    replies: 1,
    solved_at: '2026-11-21T13:00:00Z',
    reply_time_in_minutes: { calendar: 60 },
    first_resolution_time_in_minutes: { calendar: 60 },
    full_resolution_time_in_minutes: { calendar: 180 },
  });
  expect(body.tickets[0].status).toBe('closed');
  expect(body.last_audits).toBeUndefined();
  const many = await call('GET', `/tickets/show_many.json?ids=${id},1&include=users,metric_sets`);
  expect([many.body.count, many.body.metric_sets[0].reopens]).toEqual([1, 1]);
});
