import axios from 'axios';
import { expect, test } from 'vitest';
import { SANDBOX_API_KEY } from './auth.ts';
import { ANA_CASE, startTestAccount } from './test-account.ts';

test("a public HTTP client goes through the documentation's samples: list, create, update, note, rate, search", async () => {
  await using account = await startTestAccount();
  const { sandbox, clock } = account;
  const client = axios.create({
    baseURL: `${sandbox.url}/api/v2`,
    auth: { username: SANDBOX_API_KEY, password: 'X' },
  });
  const id = Number(await sandbox.openCase(ANA_CASE));

  const params = {
    updated_since: '2026-11-21T10:00:00Z',
    order_by: 'updated_at',
    order_type: 'asc',
    per_page: 100,
    page: 1,
    include: 'stats,requester',
  };
  const listed = await client.get('/tickets', { params });
  expect(listed.data).toMatchObject([{ id, requester: { email: ANA_CASE.requester.email }, status: 2 }]);
  expect(listed.headers['x-ratelimit-used-currentrequest']).toBe('5');
  expect(listed.headers.link).toBeUndefined();

  const field = await client.post('/admin/ticket_fields', {
    label: 'CSAT score',
    label_for_customers: 'CSAT score',
    type: 'custom_number',
    displayed_to_customers: false,
    customers_can_edit: false,
    required_for_closure: false,
  });
  expect(field.status).toBe(201);
  const updated = await client.put(`/tickets/${id}`, {
    status: 5,
    custom_fields: { [field.data.name]: 2 },
  });
  expect(updated.data).toMatchObject({ id, status: 5, custom_fields: { [field.data.name]: 2 } });

  const note = await client.post(`/tickets/${id}/notes`, {
    body: '<p>Hi tom, Still Angry</p>',
    private: true,
    notify_emails: ['tom@acme.example'],
  });
  expect(note.status).toBe(201);
  expect(note.data).toMatchObject({ ticket_id: id, private: true, body_text: 'Hi tom, Still Angry' });

  const rating = await client.post(`/tickets/${id}/satisfaction_ratings`, {
    feedback: 'Poor experience',
    ratings: { default_question: -103 },
  });
  expect(rating.status).toBe(201);

  clock.advance(10 * 60_000);
  const found = await client.get('/search/tickets', { params: { query: '"status:4 OR status:5"' } });
  expect(found.data).toMatchObject({ total: 1, results: [{ id }] });
});
