import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { killLeftProcesses } from './process.ts';
import { openSoakCases, type SoakCases, untilFinished } from './soak-cases.ts';
import { checkPromises } from './soak-check.ts';
import { type Customers, letCustomersAnswer } from './soak-customers.ts';
import { type EngineName, openSoakEngine } from './soak-engine.ts';
import { openRandom, type Random } from './soak-random.ts';
import { CONNECTOR, openSoakSite, type SiteOptions, type SoakSite } from './soak-site.ts';
import { summarise } from './soak-summary.ts';

/** One long run: an installation whose processes serve, cases to close, and customers who answer. It ends with its test. */
export interface SoakRun {
  readonly site: SoakSite;
  readonly random: Random;
  readonly cases: SoakCases;
  readonly customers: Customers;
  /** Notes how long it took to be back after something was killed or stopped, and for how long its claims stood. */
  readonly backMs: number[];
  readonly freedMs: number[];
  /** Lets the CRM's export show what it withheld so far. At most three times a run. */
  reveal(): void;
  /** Waits until everything is finished, holds it against the promises and adds a row to the table. */
  finish(outcome: {
    kills: number;
    mailsTwiceAtMost: number;
    /** Ends what else runs, after everything is finished. */
    before?: () => Promise<void>;
  }): Promise<void>;
  /** Runs a watch on top of those on schedule. Let a process serve first. */
  watchNow(): Promise<void>;
}

/** What the CRM withholds from its export, and a little more. */
const WITHHELD_MS = 65_000;

export async function openSoakRun(
  title: string,
  engineName: EngineName,
  options: SiteOptions = {},
): Promise<SoakRun> {
  const random = openRandom(`${title} on ${engineName}`);
  const engine = await openSoakEngine(engineName);
  onTestFinished(() => engine.close());
  const site = await openSoakSite(engine, options);
  onTestFinished(() => site.close());
  const cases = openSoakCases(site, random);
  onTestFinished(killLeftProcesses);
  await Promise.all(site.slots.map((slot) => slot.start()));
  const customers = letCustomersAnswer(site.smtp, cases.scoreOf);
  const backMs: number[] = [];
  const freedMs: number[] = [];
  const reveal = (): void => site.crmClock.advance(WITHHELD_MS);
  return {
    site,
    random,
    cases,
    customers,
    backMs,
    freedMs,
    reveal,
    async watchNow() {
      const reached = await site.openReach();
      await reached.call('watch', { connector: CONNECTOR });
      await reached.close();
    },
    async finish({ kills, mailsTwiceAtMost, before }) {
      reveal();
      await untilFinished(site, cases.all);
      await customers.stop();
      await before?.();
      const mailsTwice = await checkPromises(site, cases.all, { mailsTwice: mailsTwiceAtMost });
      await summarise({
        run: title,
        engine: engineName,
        seed: random.seed,
        closures: cases.all.length,
        kills,
        mailsTwice,
        backMs,
        freedMs,
      });
    },
  };
}

/** A moment of any kind: at some time, while mails are being handed over, or right when the CRM is being written to. */
export async function aMoment({ site, random }: Pick<SoakRun, 'site' | 'random'>): Promise<void> {
  const pauseMs = random.next();
  switch (random.below(3)) {
    case 0:
      return await wait(pauseMs * 2_500);
    case 1:
      await soon(() => site.mailsUnderWay() > 0);
      return await wait(pauseMs * 60);
    default: {
      const { requests } = site.crm;
      const seen = requests.length;
      await soon(() => requests.slice(seen).some(({ method }) => method !== 'GET'));
      return await wait(pauseMs * 60);
    }
  }
}

/** Waits for something that most likely happens; a moment without it is as good. */
async function soon(happens: () => boolean): Promise<void> {
  const end = performance.now() + 3_000;
  while (!happens() && performance.now() < end) await wait(1);
}
