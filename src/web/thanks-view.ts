import { REASONS } from '../domain/reasons.ts';
import { levelOf } from '../domain/score.ts';
import type { CurrentAnswer, SurveyPage } from '../store/survey-page.ts';
import { pointsOf, say, type Wording } from '../texts/texts.ts';
import type { Frame, Notice } from './pages.ts';
import { dateIn } from './survey-view.ts';

/** The page after an answer: what was saved, what happens next, and until when it can be changed. */
export function thanksView(
  survey: SurveyPage,
  answer: CurrentAnswer,
  wording: Wording,
  options: { now: Date; asksReasons: boolean },
): Frame & Readonly<Record<string, unknown>> {
  const { page, reasons } = wording.texts;
  const changeable = options.now <= answer.changeUntil;
  const level = levelOf(survey, answer.score);
  const next = { low: page.thanksFollowUp, neutral: page.thanks, high: page.thanksHigh }[level];
  const isAsked = level === 'low' && changeable && options.asksReasons;
  return {
    ...frameOf(survey, wording, page.thanksTitle),
    paragraphs: [next],
    level,
    score: answer.score,
    given: givenIn(survey, answer, wording),
    comment: answer.comment,
    reasons: answer.reasons,
    // One tap each, for whoever had none to tick: the page of the mail's tap may have been left before it was filled in.
    reasonChoices: isAsked ? REASONS.map((id) => ({ id, words: reasons[id] })) : [],
    changeable,
    until: changeable
      ? say(wording.language, page.changeUntil, { date: dateIn(wording.language, answer.changeUntil) })
      : page.final,
    words: page,
  };
}

/** A page that says that a survey is over: the answer that stands when there is one, and what is left to do. */
export function overView(
  survey: SurveyPage,
  wording: Wording,
  why: 'closed' | 'expired',
): Notice & Readonly<Record<string, unknown>> {
  const { page } = wording.texts;
  const { answer } = survey;
  const isKept = why === 'closed' || answer !== null;
  return {
    ...frameOf(survey, wording, why === 'closed' ? page.closedTitle : page.expiredTitle),
    paragraphs: [isKept ? page.closed : page.expired],
    given: answer === null ? null : givenIn(survey, answer, wording),
    after: page.otherWay,
  };
}

function frameOf(survey: SurveyPage, { language, texts }: Wording, title: string): Frame {
  return { language, direction: texts.direction, brand: survey.brand, title };
}

function givenIn(survey: SurveyPage, answer: CurrentAnswer, wording: Wording): string {
  const { language, texts } = wording;
  const point = pointsOf(survey.scale, survey.kind, wording).find((one) => one.score === answer.score);
  return say(language, texts.page.yourAnswer, { score: point?.name ?? String(answer.score) });
}
