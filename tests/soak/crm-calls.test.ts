import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { engines } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { answerSurvey } from '../support/survey-mail.ts';
import { openWorld } from '../support/world.ts';

const CLOSURES = 1_000;
const LOW = 100;
const MINUTE_MS = 60_000;
/** Polling apart: the scheduled watch costs what it costs, however much happens. */
const POLLING = /\/incremental\//;

const engine = engines.find(({ name, available }) => name === 'PostgreSQL' && available) ?? engines[0];

test(`${CLOSURES} closures rung within a minute and answered within another cost at most 80 calls`, async () => {
  if (engine === undefined) throw new Error('there is no engine');
  const open = await engine.open();
  const world = await openWorld({ engine: open, config: { writeBack: { gather: '5s' } } });
  const { crm, smtp } = world;
  try {
    const customers = Array.from({ length: CLOSURES }, (_, n) => ({
      email: `calls-${n}@elsewhere.example`,
      score: n % (CLOSURES / LOW) === 0 ? 1 : 5,
    }));
    const caseIds: string[] = [];
    for (const { email } of customers) {
      caseIds.push(await crm.openCase({ subject: 'Question', requester: { name: 'Customer', email } }));
    }
    const before = crm.requests.length;

    const closedAt = new Map<string, number>();
    const waitsMs: number[] = [];
    const noted = setInterval(() => {
      for (const { to } of smtp.mails.slice(waitsMs.length)) {
        waitsMs.push(performance.now() - (closedAt.get(to[0] ?? '') ?? Number.NaN));
      }
    }, 20);
    await withinAMinute(customers, async ({ email }, n) => {
      closedAt.set(email, performance.now());
      await crm.closeCase(caseIds[n] ?? '');
    });
    await eventually('every mail', () => waitsMs.length === CLOSURES);
    clearInterval(noted);
    await withinAMinute(customers, async ({ email, score }) => {
      const [mail] = await world.mailsTo(email);
      if (mail === undefined) throw new Error(`there is no mail to ${email}`);
      await answerSurvey(mail, score);
    });
    await eventually('every answer written, every low one followed up', async () => {
      const read = await Promise.all(caseIds.map((caseId) => crm.readCase(caseId)));
      const low = caseIds.filter((_, n) => customers[n]?.score === 1);
      const tasks = await Promise.all(low.map((caseId) => crm.followUpsOf(caseId)));
      return (
        read.every(({ score }, n) => score === customers[n]?.score) &&
        tasks.every((made) => made.length === 1)
      );
    });
    // What is still asked after, such as the job behind the last task, counts too.
    await wait(5_000);

    const calls = crm.requests.slice(before).filter(({ path }) => !POLLING.test(path));
    const byKind = new Map<string, number>();
    for (const { method, path } of calls) {
      const kind = `${method} ${path.replace(/\/V3-\w+|\/\d+/g, '/ID')}`;
      byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
    }
    const sorted = waitsMs.toSorted((a, b) => a - b);
    process.stdout.write(
      `${JSON.stringify({
        engine: open.backend.kind === 'redis' ? 'redis' : engine.name,
        arrivals: `${CLOSURES} closings at random instants of one minute, then as many answers in the next`,
        calls: calls.length,
        byKind: Object.fromEntries([...byKind].sort(([, a], [, b]) => b - a)),
        closingToMailMs: { p50: Math.round(at(sorted, 0.5)), p95: Math.round(at(sorted, 0.95)) },
      })}\n`,
    );
    expect(calls.length).toBeLessThanOrEqual(80);
  } finally {
    await world.close();
    await open.close();
  }
});

/** Does something with each at a random instant of a minute, and waits for all. */
async function withinAMinute<T>(all: readonly T[], act: (one: T, n: number) => Promise<void>): Promise<void> {
  await Promise.all(
    all.map(async (one, n) => {
      await wait(Math.random() * MINUTE_MS);
      await act(one, n);
    }),
  );
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? 0;
}
