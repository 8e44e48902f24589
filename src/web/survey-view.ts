import type { CurrentAnswer, SurveyPage } from '../store/survey-page.ts';
import { pointsOf, say, type Wording } from '../texts/texts.ts';
import type { AnswerForm } from './answer-form.ts';
import type { Frame } from './pages.ts';

/** What the form is filled with. */
export interface FormState {
  readonly tapped?: number | null;
  /** The tap that this page answers. */
  readonly tapId?: string | null;
  readonly form?: AnswerForm;
  readonly problem?: string | null;
}

/** What the survey form shows: what was typed before anything else, then the tap, then the answer that counts now. */
export function surveyView(
  survey: SurveyPage,
  wording: Wording,
  state: FormState,
): Frame & Readonly<Record<string, unknown>> {
  const { page } = wording.texts;
  const points = pointsOf(survey.scale, survey.kind, wording);
  const answered = survey.answer;
  const chosen = state.form === undefined ? (state.tapped ?? answered?.score ?? null) : state.form.score;
  const submit = answered === null ? page.submit : page.update;
  const tapped = points.find((point) => point.score === state.tapped);
  return {
    language: wording.language,
    direction: wording.texts.direction,
    title: wording.question,
    question: wording.question,
    request: say(wording.language, page.request, { number: survey.caseNumber }),
    points: points.map((point) => ({ ...point, chosen: point.score === chosen })),
    // Words fit beside a number in a list; plain numbers go side by side, with words at the ends only.
    layout: points.every((point) => point.label !== '') ? 'list' : 'row',
    ends: [points[0]?.name ?? '', points.at(-1)?.name ?? ''],
    comment: (state.form === undefined ? answered?.comment : state.form.comment) ?? '',
    reasons: (state.form === undefined ? answered?.reasons : state.form.reasons) ?? [],
    problem: state.problem ?? null,
    changing:
      answered === null
        ? null
        : say(wording.language, page.changing, { date: dateIn(wording.language, answered.changeUntil) }),
    // The script saves a tap by itself; what it says afterwards is written here, in the survey's language.
    saved: tapped === undefined ? null : say(wording.language, page.saved, { score: tapped.name }),
    held: say(wording.language, page.held, { button: submit }),
    tapId: state.tapId ?? state.form?.claim.tapId ?? null,
    submit,
    words: page,
  };
}

/** The page after an answer: what was saved, what happens next, and until when it can be changed. */
export function thanksView(
  survey: SurveyPage,
  answer: CurrentAnswer,
  wording: Wording,
  options: { now: Date; followUp: boolean },
): Frame & Readonly<Record<string, unknown>> {
  const { page } = wording.texts;
  const point = pointsOf(survey.scale, survey.kind, wording).find((one) => one.score === answer.score);
  const changeable = options.now <= answer.changeUntil;
  return {
    language: wording.language,
    direction: wording.texts.direction,
    title: page.thanksTitle,
    next: options.followUp ? page.thanksFollowUp : page.thanks,
    score: say(wording.language, page.yourAnswer, { score: point?.name ?? answer.score }),
    comment: answer.comment,
    changeable,
    until: changeable
      ? say(wording.language, page.changeUntil, { date: dateIn(wording.language, answer.changeUntil) })
      : page.final,
    words: page,
  };
}

function dateIn(language: string, date: Date): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}
