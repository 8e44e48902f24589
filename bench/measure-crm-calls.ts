import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sandboxes } from '../connectors/sandboxes.ts';
import { systemClock } from '../src/clock.ts';
import type { Sandbox } from '../src/sandbox.ts';
import { startChild } from './child.ts';
import { answer, type Pattern, spread } from './measure-calls.ts';
import { monotonicMs } from './monotonic.ts';
import { answers, freePort } from './pipelines.ts';
import { createDatabase } from './servers.ts';
import type { MailSink } from './surroundings.ts';

/** What one type of CRM was asked for, polling apart. */
export interface CrmCalls {
  readonly type: string;
  /** Calls by what they are, such as `PUT /api/v2/tickets/ID`. */
  readonly calls: Readonly<Record<string, number>>;
}

interface Asked {
  readonly type: string;
  readonly crm: Sandbox;
  readonly caseId: string;
  readonly email: string;
  readonly score: number;
}

const CASELOOP = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
/** A stream is polled whatever happens, and no vendor counts that as a call: Salesforce counts the events that it delivers. */
const STREAM = /^\/cometd\//;
/** Vendors that take so many writes a minute and no more need some minutes for a thousand. */
const LONGEST_MS = 8 * 60_000;

/**
 * Connects Caseloop to a simulated CRM of every type and lets customers of all of them close, be asked and answer at once.
 * The CRMs push by themselves. Throws when an answer is not written or a low one not followed up once.
 */
export async function measureCrmCalls(
  sink: MailSink,
  pattern: Pattern,
  around: { readonly dir: string; onEnd(error: Error): void },
): Promise<readonly CrmCalls[]> {
  const crms = new Map<string, Sandbox>();
  for (const [type, start] of Object.entries(sandboxes)) crms.set(type, await start({ clock: systemClock }));
  const database = await createDatabase();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const dir = join(around.dir, 'crm-calls');
  await mkdir(dir);
  const file = join(dir, 'caseloop.yaml');
  await writeFile(file, JSON.stringify(configFor({ port, url, sink, databaseUrl: database.url, crms })));
  await promisify(execFile)(process.execPath, [CASELOOP, 'provision', '--apply', '--config', file]);
  for (const [type, crm] of crms) await crm.finishByHand?.({ webhookUrl: `${url}/webhooks/${type}` });
  const child = startChild({
    script: CASELOOP,
    args: ['start', '--config', file],
    logFile: join(dir, 'caseloop.log'),
    onEnd: around.onEnd,
  });
  try {
    await answers(`${url}/healthz`);
    const asked = await openCases(crms, pattern);
    // The first watch and the first check are polling.
    await delay(pattern.quietMs);
    const before = new Map([...crms].map(([type, { requests }]) => [type, requests.length]));
    await sink.begin({ keepsTexts: true });
    await spread(asked, pattern.spreadMs, ({ crm, caseId }) => crm.closeCase(caseId));
    await sink.until(asked.length, LONGEST_MS);
    const scores = new Map(asked.map(({ email, score }) => [email, score]));
    await spread(await sink.texts(), pattern.spreadMs, ({ to, text }) =>
      answer(text, url, scores.get(to) ?? Number.NaN),
    );
    await untilDone(asked);
    await delay(pattern.quietMs);
    return [...crms].map(([type, { requests }]) => ({
      type,
      calls: byKind(requests.slice(before.get(type))),
    }));
  } finally {
    await child.end('SIGTERM');
    for (const crm of crms.values()) await crm.close();
    await database.drop();
  }
}

function configFor(options: {
  port: number;
  url: string;
  sink: MailSink;
  databaseUrl: string;
  crms: ReadonlyMap<string, Sandbox>;
}): Record<string, unknown> {
  const { port, url, sink, databaseUrl, crms } = options;
  return {
    server: { publicUrl: url, port, secret: 'a secret that only the benchmark uses, long enough' },
    dataDir: 'data',
    database: { url: databaseUrl },
    mail: { from: 'Acme Support <support@acme.example>', url: sink.url },
    connectors: Object.fromEntries(
      [...crms].map(([type, { settings }]) => [type, { type, ...settings, pollEvery: '1h' }]),
    ),
    policy: { maxPerHour: 1_000_000 },
  };
}

async function openCases(crms: ReadonlyMap<string, Sandbox>, pattern: Pattern): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  for (let nth = 0; nth < pattern.closures; nth += 1) {
    for (const [type, crm] of crms) {
      const email = `${type}-${nth}@customers.example`;
      const caseId = await crm.openCase({ subject: 'Question', requester: { name: 'Customer', email } });
      asked.push({ type, crm, caseId, email, score: nth % pattern.lowEvery === 0 ? 1 : 5 });
    }
  }
  return asked;
}

async function untilDone(asked: readonly Asked[]): Promise<void> {
  const end = monotonicMs() + LONGEST_MS;
  let left = asked;
  while (left.length > 0) {
    if (monotonicMs() > end) {
      const types = [...new Set(left.map(({ type }) => type))].join(', ');
      throw new Error(`${left.length} answers were not written or not followed up (${types})`);
    }
    await delay(500);
    const done = await Promise.all(left.map(isDone));
    left = left.filter((_, nth) => done[nth] === false);
  }
}

async function isDone({ crm, caseId, score }: Asked): Promise<boolean> {
  if ((await crm.readCase(caseId)).score !== score) return false;
  const tasks = score > 2 ? [] : await crm.followUpsOf(caseId);
  if (tasks.length > 1) throw new Error('a low score was followed up twice');
  return score > 2 || tasks.length === 1;
}

function byKind(requests: Sandbox['requests']): Readonly<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const { method, path } of requests.filter((one) => !STREAM.test(one.path))) {
    const place = path
      .replace(/\?.*/, '')
      .replace(/\/(?:V3-\w+|\d+|\w{26}|\w{15}(?:\w{3})?)(?=[/.]|$)/g, '/ID');
    const kind = `${method} ${place}`;
    counted[kind] = (counted[kind] ?? 0) + 1;
  }
  return counted;
}
