import express, { type Request, type Response, Router } from 'express';
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import { levelOf } from '../domain/score.ts';
import type { SurveyDefinition } from '../domain/survey.ts';
import type { Tap } from '../domain/taps.ts';
import { gather } from '../gather.ts';
import { isTrap, type Links } from '../links.ts';
import { findSurveyPages, type SurveyPage } from '../store/survey-page.ts';
import type { Tables } from '../store/tables.ts';
import { type NewTap, recordTaps } from '../store/taps.ts';
import { say, type Wording, wordingFor } from '../texts/texts.ts';
import { type AnswerForm, MOST_COMMENT_CHARACTERS, readAnswerForm, readScore } from './answer-form.ts';
import type { Answers } from './app.ts';
import { browserTexts, noticeOf, type Pages } from './pages.ts';
import { type FormState, surveyView } from './survey-view.ts';
import { readAgent, readTapFacts } from './tap-facts.ts';
import { overView, thanksView } from './thanks-view.ts';
import type { TokenLimit } from './token-limit.ts';

/** Requests that share one statement when many come at once. */
const MOST_TOGETHER = 100;

interface SurveyDeps {
  readonly db: Kysely<Tables>;
  readonly surveys: readonly SurveyDefinition[];
  readonly links: Links;
  readonly answers: Answers;
  readonly hashCaller: (ip: string) => string;
  readonly clock: Clock;
}

/**
 * `GET /s/:token[?score=N]` shows the page and notes a tap: programs that look at links in mails come this way too, so it
 * never stores an answer. A `POST` by the button is an answer; one by the page's own script (`auto=1`) is a confirmation that
 * has to settle. A survey stays answerable until its link expires, whatever became of the case.
 */
export function surveyRoutes(deps: SurveyDeps, pages: Pages, limit: TokenLimit): Router {
  const router = Router();
  const most = MOST_TOGETHER;
  const findPage = gather((ids: readonly string[]) => findSurveyPages(deps.db, ids), { most });
  const recordTap = gather((taps: readonly NewTap[]) => recordTaps(deps.db, taps), { most });

  router.get('/s/:token', async (request, response) => {
    const survey = await find(request, response);
    if (survey === null) return;
    const now = deps.clock.now();
    const isReceipt = request.query.done === '1';
    const tapped = readScore(request.query.score, survey.scale);
    const kind = isTrap(request.query) ? 'trap' : 'page';
    const tapId = isReceipt ? null : await noteTap(request, survey, { kind, score: tapped, at: now });
    const { answer } = survey;
    if (answer !== null && (isReceipt || now > answer.changeUntil))
      response.send(
        pages.render(
          'thanks',
          thanksView(survey, answer, wording(survey), { now, asksReasons: asksReasons(survey) }),
        ),
      );
    else sendForm(response, survey, { tapped, tapId });
  });

  router.options('/s/:token', async (request, response) => {
    const survey = await find(request, response);
    if (survey === null) return;
    await noteTap(request, survey, { kind: 'page', score: readScore(request.query.score, survey.scale) });
    response.set('Allow', 'GET, HEAD, POST').status(204).end();
  });

  router.post(
    '/s/:token',
    express.urlencoded({ extended: false, limit: '64kb' }),
    async (request, response) => {
      const survey = await find(request, response);
      if (survey === null) return;
      const form = readAnswerForm(request.body, survey.scale);
      const problem = problemWith(form, survey);
      if (form.score === null || problem !== null) {
        sendForm(response.status(400), survey, { form, problem });
        return;
      }
      const now = deps.clock.now();
      const { score, comment } = form;
      const noted = noteTap(request, survey, { kind: 'answer', score, at: now });
      // Without :has() the page shows them whatever the score; then they are no answer to anything.
      const reasons = levelOf(survey, score) === 'low' ? form.reasons : [];
      const given = { surveyId: survey.surveyId, score, comment, reasons };
      if (form.source === 'auto') {
        await noted;
        const claim = { ...form.claim, at: now };
        const { state } = await deps.answers.takeConfirmation({ ...given, claim });
        response.json(state === 'held' ? { held: true } : { saved: true });
        return;
      }
      // What a person presses counts whatever its taps look like, so neither waits for the other.
      const recorded = deps.answers.recordAnswer({ ...given, source: 'form', at: now }, survey);
      const [{ outcome }] = await Promise.all([recorded, noted]);
      if (outcome === 'window-closed') {
        response.status(409).send(pages.render('notice', overView(survey, wording(survey), 'closed')));
      } else {
        // A page of its own, so that reloading it does not answer again.
        response.redirect(303, '?done=1');
      }
    },
  );

  function noteTap(
    request: Request,
    { surveyId }: SurveyPage,
    tap: { kind: Tap['kind']; score: number | null; at?: Date },
  ): Promise<string> {
    const { method, headers } = request;
    return recordTap({
      ...tap,
      at: tap.at ?? deps.clock.now(),
      surveyId,
      method,
      agent: readAgent(headers),
      caller: deps.hashCaller(request.ip ?? ''),
      facts: readTapFacts(headers),
    });
  }

  /** The survey a link names; null when the request has been answered already. */
  async function find(request: Request<{ token: string }>, response: Response): Promise<SurveyPage | null> {
    response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex, nofollow' });
    const words = browserTexts(request, pages);
    const claims = deps.links.verifySurvey(request.params.token, deps.clock.now());
    if (claims !== null && !(await limit.admit(claims.surveyId, response))) {
      response.status(429).send(pages.render('notice', { ...noticeOf(words, 'busyTitle', 'busy') }));
      return null;
    }
    const survey = claims === null ? null : await findPage(claims.surveyId);
    if (claims === null || survey === null) {
      response.status(404).send(pages.render('notice', { ...noticeOf(words, 'unknownTitle', 'unknown') }));
      return null;
    }
    if (claims.expired) {
      response.status(410).send(pages.render('notice', overView(survey, wording(survey), 'expired')));
      return null;
    }
    return survey;
  }

  function definitionOf(survey: SurveyPage): SurveyDefinition | null {
    const isIt = (one: SurveyDefinition) => one.name === survey.definition && one.kind === survey.kind;
    return deps.surveys.find(isIt) ?? null;
  }

  function wording(survey: SurveyPage): Wording {
    return wordingFor(definitionOf(survey), survey.kind, survey.locale, pages.languages);
  }

  /** False where the config says so for the survey; one that the config no longer has asks. */
  function asksReasons(survey: SurveyPage): boolean {
    return definitionOf(survey)?.reasons ?? true;
  }

  function sendForm(response: Response, survey: SurveyPage, state: FormState): void {
    const view = surveyView(survey, wording(survey), { ...state, asksReasons: asksReasons(survey) });
    response.send(pages.render('survey', view));
  }

  /** Why a form cannot be saved, in words for the customer; null when it can. */
  function problemWith(form: AnswerForm, survey: SurveyPage): string | null {
    if (form.score !== null && form.commentCharacters <= MOST_COMMENT_CHARACTERS) return null;
    const { language, texts } = wording(survey);
    const { page } = texts;
    if (form.score === null) return page.scoreMissing;
    return say(language, page.commentTooLong, {
      length: form.commentCharacters,
      max: MOST_COMMENT_CHARACTERS,
    });
  }

  return router;
}
