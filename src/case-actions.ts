import { type HandOrder, HandRefusal, surveyByHand } from '../jobs/by-hand.ts';
import { ownerOf } from '../jobs/owner.ts';
import { answerRulesOf, nudgeAfterAnswer } from '../jobs/record-answer.ts';
import type { Work } from '../jobs/work.ts';
import { PermanentError } from './errors.ts';
import type { Ring } from './queue.ts';
import type { AnswerReceipt } from './store/answers.ts';
import { markRecoveredByHand } from './store/clocks.ts';
import { retryGivenUp } from './store/given-up-events.ts';
import { acceptHeld, dismissHeld, type Ruling } from './store/quarantine.ts';
import { type RetryWish, retryStuck, type StuckKind } from './store/stuck-rows.ts';

/** What leads do to cases from the pages: each is noted in the audit under who did it, and nudges what must follow. */
export function caseActionsOf(work: Work) {
  return {
    /** Null when it was done; else why not, as the end of a sentence. */
    async surveyByHand(order: HandOrder): Promise<{ why: string; helpsAgain: boolean } | null> {
      try {
        await surveyByHand(work, order);
        return null;
      } catch (error) {
        if (error instanceof HandRefusal) return { why: error.why, helpsAgain: error.helpsAgain };
        throw error;
      }
    },
    /** Counts a held tap; null when it is not held any more. */
    async accept(ruling: Omit<Ruling, 'at'>): Promise<AnswerReceipt['outcome'] | null> {
      const receipt = await ifHeld(() =>
        acceptHeld(work.db, { ...ruling, at: work.clock.now() }, answerRulesOf(work)),
      );
      if (receipt !== null) await nudgeAfterAnswer(work, receipt);
      return receipt?.outcome ?? null;
    },
    /** False when it is not held any more. */
    async dismiss(ruling: Omit<Ruling, 'at'>): Promise<boolean> {
      const done = await ifHeld(async () => {
        await dismissHeld(work.db, { ...ruling, at: work.clock.now() });
        return true;
      });
      return done ?? false;
    },
    /** The customer was answered where the CRM does not show it. False when no clock runs. */
    async recover(mark: { closureId: string; actor: string }): Promise<boolean> {
      const webhooks = [...work.config.webhooks.values()];
      const isNew = await markRecoveredByHand(work.db, { ...mark, at: work.clock.now() }, webhooks);
      if (isNew)
        await ring(
          work,
          webhooks.map(({ name }): Ring => ({ name: 'deliver-webhooks', payload: { webhook: name } })),
        );
      return isNew;
    },
    /** Who is to answer the customer after a low score; null when nobody is known by name. */
    ownerOf: (of: Parameters<typeof ownerOf>[1]): string | null => ownerOf(work.config.followUp, of).name,
    /** Gives how many rows are due again. */
    async retry(wish: RetryWish, actor: string): Promise<number> {
      const { rows, connectors } = await retryStuck(work.db, wish, { actor, at: work.clock.now() });
      const running = connectors.filter((connector) => work.connectors.has(connector));
      await ring(
        work,
        running.map((connector): Ring => ({ name: JOBS[wish.kind], payload: { connector } })),
      );
      return rows;
    },
    /** Gives how many events are due again. */
    async retryEvents(webhook: string, actor: string): Promise<number> {
      const events = await retryGivenUp(work.db, { webhook, actor, at: work.clock.now() });
      if (events > 0 && work.config.webhooks.has(webhook))
        await ring(work, [{ name: 'deliver-webhooks', payload: { webhook } }]);
      return events;
    },
  };
}

const JOBS = {
  'write-back': 'write-back',
  'follow-up': 'follow-up',
  ask: 'ask-in-case',
} as const satisfies Record<StuckKind, Ring['name']>;

async function ifHeld<T>(rule: () => Promise<T>): Promise<T | null> {
  try {
    return await rule();
  } catch (error) {
    if (error instanceof PermanentError) return null;
    throw error;
  }
}

/** A ring that is lost costs ten seconds: the sweep finds what is due. */
async function ring({ queues, log }: Work, rings: readonly Ring[]): Promise<void> {
  await queues.addMany(rings).catch((error: unknown) => {
    log.error({ err: error }, 'what was retried is due, but could not be queued');
  });
}
