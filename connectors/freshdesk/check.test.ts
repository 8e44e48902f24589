import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/connector.ts';
import { AuthError, RetryableError } from '../../src/errors.ts';
import {
  connectTo,
  failureOf,
  ME,
  NOW,
  openScriptedAccount,
  type ScriptedAccount,
  TICKET_FIELDS,
  ticketWith,
  WEBHOOK_SECRET,
  WEBHOOK_URL,
} from './scripted-account.ts';

const pushed = { pushedAt: async () => NOW };

let account: ScriptedAccount;
beforeEach(() => {
  account = openScriptedAccount();
  account.on('GET /tickets', { body: [ticketWith()] });
});
afterEach(() => account.close());

async function findingsOf(settings: Record<string, unknown> = {}, context = {}): Promise<readonly Finding[]> {
  return (await connectTo(settings, { ...pushed, ...context }).check()).findings;
}

/** What is not well, as level, name and detail. */
async function wrongOf(settings = {}, context = {}): Promise<readonly string[]> {
  const wrong = (await findingsOf(settings, context)).filter(({ level }) => level !== 'ok');
  for (const { fix } of wrong) expect(fix).toMatch(/^[A-Z].*\.$/);
  return wrong.map(({ level, what, detail }) => `${level} ${what}: ${detail}`);
}

describe('check', () => {
  test('is content with an account that has everything', async () => {
    expect(await wrongOf()).toEqual([]);
    expect((await connectTo().check()).name).toBe('acme.freshdesk.com');
  });

  test('says when no push has ever come, and that is no error', async () => {
    expect(await wrongOf({}, { pushedAt: async () => null })).toEqual([
      'warning pushes: none has come yet, so closed tickets are noticed by polling alone',
    ]);
    expect(await wrongOf({ webhookSecret: undefined })).toEqual([
      'warning pushes: webhookSecret is not set, so closed tickets are noticed by polling alone',
    ]);
  });

  test('says when the agent does not see all tickets', async () => {
    account.on('GET /agents/me', { body: { ...ME, ticket_scope: 2 } });
    expect(await wrongOf()).toEqual([
      expect.stringMatching(/^error credentials: .*only tickets of their groups/),
    ]);
  });

  test('says when the agent is no administrator, and looks at the rest', async () => {
    account.on('GET /admin/ticket_fields', { status: 403, body: { code: 'access_denied' } });
    expect(await wrongOf()).toEqual([expect.stringMatching(/^error administrator: .*403 access_denied/)]);
  });

  test.each([
    ['missing', TICKET_FIELDS.slice(0, -1), 'missing: "CSAT reference"'],
    [
      'of another type',
      TICKET_FIELDS.map((one) => (one.label === 'CSAT level' ? { ...one, type: 'custom_text' } : one)),
      'of another type: "CSAT level" (must be custom_dropdown)',
    ],
    [
      'without all choices',
      TICKET_FIELDS.map((one) => (one.label === 'CSAT level' ? { ...one, choices: ['Low', 'high'] } : one)),
      '"CSAT level" does not offer low, neutral',
    ],
  ])('says when fields are %s', async (_, fields, detail) => {
    account.on('GET /ticket_fields', { body: fields });
    expect(await wrongOf()).toEqual([`error ticket fields: ${detail}`]);
  });

  test('says when the configuration names a status that the account has not', async () => {
    expect(await wrongOf({ closedStatuses: ['done by phone', 'Sorted'] })).toEqual([
      'error closedStatuses: the account has no status "Sorted"',
    ]);
  });

  test('looks for a survey only where ratings are given', async () => {
    account.on('GET /surveys', { body: [] });
    expect(await wrongOf({ nativeRating: true })).toEqual([
      'error survey: nativeRating is on, but no survey is active',
    ]);
    const before = account.calls('GET /surveys').length;
    await findingsOf();
    expect(account.calls('GET /surveys')).toHaveLength(before);
  });

  test('a refused key and a vendor that cannot be asked end it', async () => {
    account.on('GET /agents/me', { status: 401, body: { code: 'invalid_credentials' } });
    expect(await failureOf(connectTo().check())).toBeInstanceOf(AuthError);
    account.on('GET /agents/me', { status: 403, body: { code: 'access_denied' } });
    expect(await failureOf(connectTo().check())).toBeInstanceOf(AuthError);
    account.on('GET /agents/me', { status: 503 });
    expect(await failureOf(connectTo().check())).toBeInstanceOf(RetryableError);
  });
});

describe('provision', () => {
  const own = [
    'CSAT score',
    'CSAT rating',
    'CSAT level',
    'CSAT comment',
    'CSAT reasons',
    'CSAT answered at',
    'CSAT link',
    'CSAT reference',
  ];

  test('makes eight fields that customers do not see', async () => {
    account.on('GET /admin/ticket_fields', { body: TICKET_FIELDS.slice(0, 1) });
    account.on('POST /admin/ticket_fields', { status: 201, body: TICKET_FIELDS[1] });
    const steps = await connectTo().provision('apply');
    expect(steps.filter(({ action }) => action === 'create').map(({ what }) => what)).toEqual(
      own.map((label) => `ticket field "${label}"`),
    );
    const made = account.calls('POST /admin/ticket_fields').map(({ body }) => body);
    expect(made[2]).toEqual({
      label: 'CSAT level',
      label_for_customers: 'CSAT level',
      type: 'custom_dropdown',
      displayed_to_customers: false,
      customers_can_edit: false,
      required_for_closure: false,
      choices: [
        { value: 'low', position: 1 },
        { value: 'neutral', position: 2 },
        { value: 'high', position: 3 },
      ],
    });
    expect(made).toHaveLength(8);
  });

  test('prints how to make the rule, with address, header and body, and never the secret', async () => {
    const steps = await connectTo().provision('plan');
    expect(steps.map(({ action }) => action)).toEqual(['manual', 'manual']);
    const [rule] = steps;
    expect(rule?.what).toBe(`automation rule that calls ${WEBHOOK_URL}`);
    for (const part of ['Ticket Updates', WEBHOOK_URL, 'X-Caseloop-Secret: ', '"ticket_id": "{{ticket.id}}"'])
      expect(rule?.detail).toContain(part);
    expect(JSON.stringify(steps)).not.toContain(WEBHOOK_SECRET);
  });

  test('leaves the rule out once a push has come, and says what is missing without a secret', async () => {
    expect((await connectTo({}, pushed).provision('plan')).map(({ what }) => what)).toEqual([
      'view "Low CSAT"',
    ]);
    const [rule] = await connectTo({ webhookSecret: undefined }).provision('plan');
    expect(rule?.detail).toContain('set it, and provision again');
  });

  test('leaves to a person what Freshdesk cannot change', async () => {
    const fields = TICKET_FIELDS.map((one) => {
      if (one.label === 'CSAT score') return { ...one, type: 'custom_text' };
      return one.label === 'CSAT level' ? { ...one, choices: [{ value: 'high' }] } : one;
    });
    account.on('GET /admin/ticket_fields', { body: fields });
    const steps = await connectTo({}, pushed).provision('apply');
    expect(steps.map(({ action, detail }) => [action, detail]).slice(0, 2)).toEqual([
      ['manual', expect.stringContaining('of type custom_text')],
      ['manual', 'add the choices low, neutral, in small letters'],
    ]);
    expect(account.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});
