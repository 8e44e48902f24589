import type { Ring } from '../src/queue.ts';
import { type AnswerReceipt, type AnswerRules, followUpGatherMs } from '../src/store/answers.ts';
import type { Work } from './work.ts';

/** What an answer sets in motion, as configured. */
export function answerRulesOf({ config, installation }: Work): AnswerRules {
  return {
    installationId: installation.id,
    calendar: config.calendar,
    followUpDueIn: config.followUp.dueIn,
    followUpAction: config.followUp.action,
    gatherMs: config.writeBack.gatherMs,
    webhooks: [...config.webhooks.values()],
  };
}

/** Nudges what must follow an answer. A lost nudge costs nothing: the rows are due, and the sweep finds them. */
export async function nudgeAfterAnswer(work: Work, receipt: AnswerReceipt): Promise<void> {
  if (receipt.outcome !== 'recorded') return;
  const { gatherMs } = work.config.writeBack;
  const payload = { connector: receipt.connector };
  const nudges: Ring[] = [{ name: 'write-back', payload, delayMs: gatherMs }];
  if (receipt.followUp) nudges.push({ name: 'follow-up', payload, delayMs: followUpGatherMs(gatherMs) });
  for (const webhook of work.config.webhooks.keys())
    nudges.push({ name: 'deliver-webhooks', payload: { webhook } });
  await work.queues.addMany(nudges).catch((error: unknown) => {
    work.log.error(
      { err: error, connector: receipt.connector },
      'an answer is stored but could not be nudged on',
    );
  });
}
