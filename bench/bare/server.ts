import { createHmac, timingSafeEqual } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import express from 'express';
import { Redis } from 'ioredis';
import { createTransport } from 'nodemailer';
import pg from 'pg';
import { request } from 'undici';
import { invitation } from './invitation.ts';

/** Where the bare pipeline runs: one JSON argument on the command line. */
export interface BareSettings {
  readonly port: number;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly smtpUrl: string;
  readonly crmUrl: string;
  readonly webhookSecret: string;
  readonly mailConcurrency: number;
}

interface Ticket {
  readonly id: string;
  readonly subject: string;
  readonly requester: { readonly name: string; readonly email: string };
}

/**
 * What a good engineer writes in an afternoon: a signed push is one row and one job, a job is one mail, an answer is one
 * PUT. It keeps no promise beyond "an acknowledged push is not lost": no policy, no second look, no follow-up, no healing.
 */
const settings = JSON.parse(process.argv[2] ?? '') as BareSettings;
const publicUrl = `http://127.0.0.1:${settings.port}`;

const database = new pg.Pool({ connectionString: settings.databaseUrl, max: 10 });
await database.query(`create table if not exists asked (
  id uuid primary key default gen_random_uuid(), ticket_id text not null, email text not null, at timestamptz not null default now())`);

const connection = new Redis(settings.redisUrl, { maxRetriesPerRequest: null });
const queue = new Queue<Ticket & { readonly askedId: string }>('bare', { connection, prefix: 'bare' });
const mails = createTransport(
  `${settings.smtpUrl}?pool=true&maxConnections=${settings.mailConcurrency}&maxMessages=1000000`,
);

const worker = new Worker<Ticket & { readonly askedId: string }>(
  'bare',
  async ({ data }) => {
    const { email, name } = data.requester;
    await mails.sendMail({
      from: 'Acme Support <support@acme.example>',
      to: { name, address: email },
      messageId: `<${data.askedId}@acme.example>`,
      ...invitation({ id: data.id, subject: data.subject, name }, `${publicUrl}/s/${tokenOf(data.id)}`),
    });
  },
  // As Caseloop has them; BullMQ's own 30 s would leave the jobs of a killed process lying for a minute.
  {
    connection,
    prefix: 'bare',
    concurrency: settings.mailConcurrency,
    lockDuration: 5_000,
    stalledInterval: 2_000,
  },
);
worker.on('error', (error) => process.stderr.write(`${error.stack ?? error.message}\n`));

const app = express();
app.post('/webhooks/zendesk', express.raw({ type: () => true }), async (request, response) => {
  const timestamp = request.get('x-zendesk-webhook-signature-timestamp') ?? '';
  const given = Buffer.from(request.get('x-zendesk-webhook-signature') ?? '', 'base64');
  const expected = createHmac('sha256', settings.webhookSecret)
    .update(timestamp)
    .update(request.body)
    .digest();
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return void response.sendStatus(401);
  const { detail } = JSON.parse(request.body.toString()) as { detail: Ticket };
  const { rows } = await database.query<{ id: string }>(
    'insert into asked (ticket_id, email) values ($1, $2) returning id',
    [detail.id, detail.requester.email],
  );
  const askedId = rows[0]?.id ?? '';
  await queue.add('mail', { ...detail, askedId }, { attempts: 8, backoff: 1_000, removeOnComplete: true });
  response.sendStatus(202);
});
app.post('/s/:token', express.urlencoded({ extended: false }), async (request_, response) => {
  const ticketId = ticketOf(request_.params.token ?? '');
  if (ticketId === null) return void response.sendStatus(404);
  const body = JSON.stringify({
    ticket: { custom_fields: [{ id: 900, value: Number(request_.body.score) }] },
  });
  const written = await request(`${settings.crmUrl}/api/v2/tickets/${ticketId}.json`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: 'Bearer token' },
    body,
  });
  await written.body.dump();
  response.sendStatus(written.statusCode === 200 ? 204 : 502);
});
app.get('/healthz', (_request, response) => void response.sendStatus(200));
app.listen(settings.port, '127.0.0.1');

process.once('SIGTERM', () => process.exit(0));

function tokenOf(ticketId: string): string {
  const mac = createHmac('sha256', settings.webhookSecret).update(`link ${ticketId}`).digest('base64url');
  return `${ticketId}.${mac}`;
}

function ticketOf(token: string): string | null {
  const ticketId = token.split('.')[0] ?? '';
  const expected = Buffer.from(tokenOf(ticketId));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected) ? ticketId : null;
}
