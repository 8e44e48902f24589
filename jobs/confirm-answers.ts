import { settleSurvey } from '../src/store/confirmations.ts';
import { answerRulesOf, nudgeAfterAnswer } from './record-answer.ts';
import type { Work } from './work.ts';

/**
 * Decides on what the page's script confirmed for one survey, once it has settled: one confirmation becomes the answer, or
 * what marks speak against is held. When a younger one is still settling, it comes back for all of them.
 */
export async function confirmAnswers(work: Work, { surveyId }: { surveyId: string }): Promise<void> {
  const { db, clock, log, queues } = work;
  const now = clock.now();
  const { receipt, waitUntil, held } = await settleSurvey(db, surveyId, now, answerRulesOf(work));
  if (held > 0) log.info({ survey: surveyId, held }, 'confirmations held: marks speak against them');
  if (receipt !== null) await nudgeAfterAnswer(work, receipt);
  if (waitUntil !== null)
    await queues.add('confirm-answers', { surveyId }, { delayMs: waitUntil.getTime() - now.getTime() });
}
