import type { WriteBack } from '../src/connector.ts';
import { levelOf } from '../src/domain/score.ts';
import { ratingWord } from '../src/domain/survey.ts';
import { casePageUrl } from '../src/links.ts';
import type { DueWriteBack } from '../src/store/write-backs.ts';
import type { Work } from './work.ts';

/** An answer as the CRM gets it, wherever it goes. */
export function toWriteBack(
  work: Pick<Work, 'config'>,
  { survey, answer }: DueWriteBack,
  target: { readonly key: string; readonly caseId: string },
): WriteBack {
  const { note, tag } = work.config.writeBack;
  return {
    ...target,
    score: answer.score,
    scale: survey.scale,
    rating: ratingWord(survey, answer.score),
    level: levelOf(
      {
        scale: survey.scale,
        satisfiedFrom: survey.satisfied_from,
        followUpBelow: survey.follow_up_below,
      },
      answer.score,
    ),
    comment: answer.comment,
    reasons: answer.reasons as string[],
    answeredAt: answer.answered_at,
    link: casePageUrl(work.config.server.publicUrl, survey.connector, survey.case_id),
    note,
    tag,
  };
}
