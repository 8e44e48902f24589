import { REASONS } from '../domain/reasons.ts';
import { levelOf, type Scale } from '../domain/score.ts';
import type { SurveyPage } from '../store/survey-page.ts';
import { type Point, pointsOf, say, type Wording } from '../texts/texts.ts';
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
  state: FormState & { readonly asksReasons: boolean },
): Frame & Readonly<Record<string, unknown>> {
  const { page, reasons } = wording.texts;
  const points = pointsOf(survey.scale, survey.kind, wording);
  const answered = survey.answer;
  const chosen = state.form === undefined ? (state.tapped ?? answered?.score ?? null) : state.form.score;
  const submit = answered === null ? page.submit : page.update;
  const tapped = points.find((point) => point.score === state.tapped);
  return {
    language: wording.language,
    direction: wording.texts.direction,
    title: wording.question,
    brand: survey.brand,
    question: wording.question,
    request: say(wording.language, page.request, { number: survey.caseNumber }),
    points: points.map((point) => ({
      ...point,
      chosen: point.score === chosen,
      low: levelOf(survey, point.score) === 'low',
    })),
    layout: layoutOf(survey.scale, points),
    ends: [points[0]?.name ?? '', points.at(-1)?.name ?? ''],
    comment: (state.form === undefined ? answered?.comment : state.form.comment) ?? '',
    reasons: (state.form === undefined ? answered?.reasons : state.form.reasons) ?? [],
    reasonChoices: state.asksReasons ? REASONS.map((id) => ({ id, words: reasons[id] })) : [],
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

export function dateIn(language: string, date: Date): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}

type Layout = 'tiles' | 'stars' | 'list' | 'row';

/** Pictures are large and side by side. Words fit beside a number in a list; plain numbers have words at the ends only. */
function layoutOf(scale: Scale, points: readonly Point[]): Layout {
  if (scale === 'stars') return 'stars';
  if (scale === 'thumbs' || scale === 'faces') return 'tiles';
  return points.every((point) => point.label !== '') ? 'list' : 'row';
}
