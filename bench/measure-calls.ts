import { setTimeout as delay } from 'node:timers/promises';
import { simpleParser } from 'mailparser';
import { request } from 'undici';
import type { Traffic } from './crm.ts';
import { monotonicMs } from './monotonic.ts';
import type { Pipeline } from './pipelines.ts';
import type { CrmStub, MailSink } from './surroundings.ts';

/** Closings and answers spread evenly. The number of calls depends on it, so it is printed beside them. */
export interface Pattern {
  readonly closures: number;
  /** Pushes are sent over this time; after that, answers over the same time. */
  readonly spreadMs: number;
  /** Every so-manyth answer is low. */
  readonly lowEvery: number;
  /** The CRM has been told everything when it hears nothing for so long: longer than answers are gathered. */
  readonly quietMs: number;
}

const LONGEST_MS = 60_000;

/** Lets every closing be pushed, mailed and answered, and counts what the CRM was asked meanwhile. */
export async function measureCalls(
  pipeline: Pipeline,
  { crm, sink }: { crm: CrmStub; sink: MailSink },
  pattern: Pattern,
  ticketIds: readonly number[],
): Promise<Traffic> {
  await sink.begin({ keepsTexts: true });
  await crm.begin();
  await spread(ticketIds, pattern.spreadMs, async (ticketId) => {
    await pipeline.pusher.push(ticketId);
  });
  await sink.until(ticketIds.length, LONGEST_MS);
  const mails = await sink.texts();
  await spread(mails, pattern.spreadMs, async (mail, nth) => {
    await answer(mail.text, pipeline.url, nth % pattern.lowEvery === 0 ? 1 : 5);
  });
  const traffic = await untilQuiet(crm, pattern.quietMs);
  if (traffic.ticketsWritten !== ticketIds.length) {
    throw new Error(`${traffic.ticketsWritten} of ${ticketIds.length} answers were written`);
  }
  return traffic;
}

/** Starts one piece of work after the other at an even pace and waits for all of them. */
export async function spread<T>(
  items: readonly T[],
  spreadMs: number,
  work: (item: T, nth: number) => Promise<void>,
): Promise<void> {
  const startedAtMs = monotonicMs();
  const running: Promise<void>[] = [];
  for (const [nth, item] of items.entries()) {
    await delay(Math.max(0, startedAtMs + (nth * spreadMs) / items.length - monotonicMs()));
    running.push(work(item, nth));
  }
  await Promise.all(running);
}

/** Presses a score as the survey page's form does. */
export async function answer(mail: string, serverUrl: string, score: number): Promise<void> {
  const { text } = await simpleParser(mail);
  const path = /\/s\/[\w.-]+/.exec(text ?? '')?.[0];
  if (path === undefined) throw new Error('a mail holds no link to a survey');
  const response = await request(`${serverUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ score: String(score) }).toString(),
  });
  await response.body.dump();
  if (response.statusCode >= 400) throw new Error(`an answer was refused with ${response.statusCode}`);
}

async function untilQuiet(crm: CrmStub, quietMs: number): Promise<Traffic> {
  let last = await crm.traffic();
  for (let quietSince = monotonicMs(); monotonicMs() - quietSince < quietMs; await delay(250)) {
    const now = await crm.traffic();
    if (total(now) !== total(last)) quietSince = monotonicMs();
    last = now;
  }
  return last;
}

const total = ({ calls }: Traffic): number => Object.values(calls).reduce((sum, count) => sum + count, 0);
