import { PLAIN_BRAND } from '../domain/brand.ts';
import { levelOf, SCALES } from '../domain/score.ts';
import { escapeHtml } from '../mail/escape-html.ts';
import type { CurrentAnswer, SurveyPage } from '../store/survey-page.ts';
import { wordingFor } from '../texts/texts.ts';
import { noticeOf, type Pages } from '../web/pages.ts';
import { surveyView } from '../web/survey-view.ts';
import { overView, thanksView } from '../web/thanks-view.ts';
import type { Choice, PageName } from './choice.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const CHANGE_UNTIL = new Date('2026-11-28T12:00:00Z');

/** HTML of a page, made by what makes all pages. `score` is the one that a link in the preview of the mail chose. */
export function previewPage(
  choice: Choice & { readonly what: PageName },
  pages: Pages,
  score: number | null,
): string {
  const { survey, what, language } = choice;
  const wording = wordingFor(survey, survey.kind, language, pages.languages);
  const { texts } = wording;
  const page = surveyPage(choice, null);
  const { max } = SCALES[survey.scale];
  const asksReasons = survey.reasons;
  const answered = (level: 'low' | 'neutral' | 'high') => surveyPage(choice, answerOf(choice, level));
  const thanks = (level: 'low' | 'neutral' | 'high', now = NOW) => {
    const answer = answerOf(choice, level);
    const options = { now, asksReasons: survey.reasons };
    return pages.render('thanks', thanksView(answered(level), answer, wording, options));
  };
  const notice = (...keys: [Parameters<typeof noticeOf>[1], Parameters<typeof noticeOf>[2]]) =>
    pages.render('notice', { ...noticeOf(wording, ...keys), brand: page.brand });
  const frame = { language: wording.language, direction: texts.direction, brand: page.brand };
  switch (what) {
    case 'form':
      return pages.render('survey', surveyView(page, wording, { asksReasons }));
    case 'tapped':
      return pages.render('survey', surveyView(page, wording, { tapped: score ?? max, asksReasons }));
    case 'held':
      return heldPage(surveyView(page, wording, { tapped: score ?? max, asksReasons }), pages);
    case 'problem':
      return pages.render(
        'survey',
        surveyView(page, wording, { problem: texts.page.scoreMissing, asksReasons }),
      );
    case 'thanks-high':
      return thanks('high');
    case 'thanks-neutral':
      return thanks('neutral');
    case 'thanks-low':
      return thanks('low');
    case 'changing':
      return pages.render('survey', surveyView(answered('neutral'), wording, { asksReasons }));
    case 'final':
      return thanks('high', new Date(CHANGE_UNTIL.getTime() + 1));
    case 'closed':
      return pages.render('notice', overView(answered('high'), wording, 'closed'));
    case 'expired':
      return pages.render('notice', overView(page, wording, 'expired'));
    case 'unknown':
      return notice('unknownTitle', 'unknown');
    case 'busy':
      return notice('busyTitle', 'busy');
    case 'failed':
      return notice('failedTitle', 'failed');
    case 'opt-out': {
      const { title, explain, button } = texts.optOut;
      return pages.render('opt-out', { ...frame, title, explain, button });
    }
    case 'opted-out': {
      const { doneTitle: title, done } = texts.optOut;
      return pages.render('notice', { ...frame, title, paragraphs: [done] });
    }
  }
}

/** The page's script puts these words there, once it has heard that the tap is held. */
function heldPage(view: ReturnType<typeof surveyView>, pages: Pages): string {
  return pages
    .render('survey', view)
    .replace('id="held">', () => `id="held">${escapeHtml(String(view.held))}`);
}

function surveyPage({ survey, brand, language }: Choice, answer: CurrentAnswer | null): SurveyPage {
  return {
    surveyId: 'preview',
    closureId: 'preview',
    closedAt: NOW,
    connector: 'preview',
    caseId: '4711',
    caseNumber: '4711',
    brand: brand.key === PLAIN_BRAND.key ? null : brand.key,
    definition: survey.name,
    kind: survey.kind,
    scale: survey.scale,
    satisfiedFrom: survey.satisfiedFrom,
    followUpBelow: survey.followUpBelow,
    locale: language,
    state: 'asked',
    expiresAt: CHANGE_UNTIL,
    answer,
  };
}

/** The lowest score of a level; where the survey has none, the lowest or the highest there is. */
function answerOf({ survey }: Choice, level: 'low' | 'neutral' | 'high'): CurrentAnswer {
  const { min, max } = SCALES[survey.scale];
  const scores = Array.from({ length: max - min + 1 }, (_, at) => min + at);
  const score = scores.find((one) => levelOf(survey, one) === level) ?? (level === 'high' ? max : min);
  return { version: 1, score, comment: null, reasons: [], source: 'form', changeUntil: CHANGE_UNTIL };
}
