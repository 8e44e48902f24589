import type { Ring } from '../src/queue.ts';
import { type AnswerReceipt, type AnswerRules, followUpGatherMs, tellAfterMs } from '../src/store/answers.ts';
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
  await nudgeAfterAnswers(work, [receipt]);
}

/** The same for several at once: each job is rung once for all of them. */
export async function nudgeAfterAnswers(work: Work, receipts: readonly AnswerReceipt[]): Promise<void> {
  const recorded = receipts.filter(({ outcome }) => outcome === 'recorded');
  if (recorded.length === 0) return;
  const { gatherMs } = work.config.writeBack;
  const connectors = new Set(recorded.map(({ connector }) => connector));
  const low = new Set(recorded.filter(({ followUp }) => followUp).map(({ connector }) => connector));
  const nudges: Ring[] = [...connectors].map((connector) => ({
    name: 'write-back',
    payload: { connector },
    delayMs: gatherMs,
  }));
  for (const connector of low)
    nudges.push({ name: 'follow-up', payload: { connector }, delayMs: followUpGatherMs(gatherMs) });
  if (low.size > 0) nudges.push({ name: 'alert-leads', payload: {}, delayMs: tellAfterMs(gatherMs) });
  for (const webhook of work.config.webhooks.keys())
    nudges.push({ name: 'deliver-webhooks', payload: { webhook } });
  await work.queues.addMany(nudges).catch((error: unknown) => {
    work.log.error(
      { err: error, connectors: [...connectors] },
      'an answer is stored but could not be nudged on',
    );
  });
}
