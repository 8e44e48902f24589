import { setTimeout as wait } from 'node:timers/promises';
import type { Explanation } from '../../src/explain.ts';
import type { Random } from './soak-random.ts';
import { CONNECTOR, type SoakSite } from './soak-site.ts';

/** One closed case and who gets its survey. */
export interface SoakCase {
  readonly caseId: string;
  readonly address: string;
  readonly score: number;
}

/** The cases of one run, each of a customer of its own. One in ten answers low. */
export interface SoakCases {
  readonly all: readonly SoakCase[];
  /**
   * Opens and closes so many; every other one without a word, so that only the watch can find it. With `low`, all of their
   * customers are unhappy.
   */
  close(count: number, answers?: { low: true }): Promise<void>;
  scoreOf(address: string): number;
}

const LOW_SHARE = 0.1;
const LOW_SCORES = [1, 2];
const OTHER_SCORES = [3, 4, 5];

export function openSoakCases({ crm }: SoakSite, random: Random): SoakCases {
  const all: SoakCase[] = [];
  const scores = new Map<string, number>();
  return {
    all,
    async close(count, answers) {
      for (let n = 0; n < count; n += 1) {
        const number = all.length + 1;
        const address = `customer-${number}@elsewhere.example`;
        // The first is always low, so that a short run has one as well.
        const isLow = answers?.low === true || number === 1 || random.next() < LOW_SHARE;
        const score = random.pick(isLow ? LOW_SCORES : OTHER_SCORES);
        scores.set(address, score);
        crm.setWebhooks('off');
        const caseId = await crm.openCase({
          subject: `Question ${number}`,
          requester: { name: `Customer ${number}`, email: address },
        });
        crm.setWebhooks(number % 2 === 1 ? 'once' : 'off');
        await crm.closeCase(caseId);
        all.push({ caseId, address, score });
      }
    },
    scoreOf(address) {
      const score = scores.get(address);
      if (score === undefined) throw new Error('a mail went to somebody who asked nothing');
      return score;
    },
  };
}

/** How long a run may take, from its last kill, to finish everything. */
const FINISHED_WITHIN_MS = 150_000;
const LOOK_EVERY_MS = 500;

/**
 * Moves the CRM's clock so that the watch sees what the CRM withheld, then waits until nothing is due for any case. Gives
 * what each case's history says; fails with the first unfinished ones.
 */
export async function untilFinished(
  site: SoakSite,
  cases: readonly SoakCase[],
  isFinished: (explanation: Explanation) => boolean = ({ closures }) =>
    closures.length > 0 && closures.every(({ due }) => due.length === 0),
): Promise<readonly Explanation[]> {
  const reached = await site.openReach();
  try {
    const end = performance.now() + FINISHED_WITHIN_MS;
    const finished = new Map<string, Explanation>();
    let last: Explanation | null = null;
    for (;;) {
      for (const { caseId } of cases) {
        if (finished.has(caseId)) continue;
        const explanation = (await reached.call('explain', {
          connector: CONNECTOR,
          case: caseId,
        })) as Explanation;
        if (isFinished(explanation)) finished.set(caseId, explanation);
        else last = explanation;
      }
      if (finished.size === cases.length) return [...finished.values()];
      if (performance.now() > end) {
        throw new Error(
          `${cases.length - finished.size} of ${cases.length} cases are not finished after ${FINISHED_WITHIN_MS / 1_000} s, such as:\n${JSON.stringify(last, null, 1)}\n${site.slots.map((slot) => slot.tell()).join('\n')}`,
        );
      }
      await wait(LOOK_EVERY_MS);
    }
  } finally {
    await reached.close();
  }
}
