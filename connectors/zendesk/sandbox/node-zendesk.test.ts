import { createClient } from 'node-zendesk';
import { expect, test } from 'vitest';
import { ANA_CASE, startTestAccount } from './test-account.ts';

test("the vendor's client library lists, creates, updates and exports", async () => {
  const { sandbox, call, token, clock } = await startTestAccount();
  const client = createClient({
    endpointUri: `${sandbox.url}/api/v2`,
    token: await token('read write'),
    oauth: true,
  });
  const id = Number(await sandbox.openCase(ANA_CASE));

  const listed = await client.tickets.list();
  expect(listed.map((ticket: { id: number }) => ticket.id)).toEqual([id]);

  const created = await client.tickets.create({
    ticket: { subject: 'Call Ana', type: 'task', comment: { body: 'Please', public: false } },
  });
  expect(created.result).toMatchObject({ type: 'task', status: 'new' });

  const updated = await client.tickets.update(id, { ticket: { status: 'solved' } });
  expect(updated.result).toMatchObject({ id, status: 'solved' });

  clock.advance(60_000);
  // The library's first call would send `cursor=undefined`, which is no cursor: start without it, then go on with it.
  const first = await call('GET', '/incremental/tickets/cursor.json?start_time=0&per_page=1');
  const exported = await client.ticketexport.exportCursor(0, first.body.after_cursor);
  expect(exported.result).toMatchObject({ tickets: [{ subject: 'Call Ana' }], end_of_stream: true });

  const started = await client.tickets.updateMany([id], { ticket: { additional_tags: ['a'] } });
  expect(started.result).toMatchObject({ job_status: { status: 'queued' } });
  await sandbox.jobsDone();
  expect((await sandbox.readCase(String(id))).tags).toEqual(['a']);

  const webhooks = await client.webhooks.list();
  expect(webhooks).toEqual([]);
});
