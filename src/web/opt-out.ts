import express, { type Request, type Response, Router } from 'express';
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Links } from '../links.ts';
import { findSurveyPage, optOut, type SurveyPage } from '../store/survey-page.ts';
import type { Tables } from '../store/tables.ts';
import { textsFor } from '../texts/texts.ts';
import { browserTexts, noticeOf, type Pages } from './pages.ts';
import type { TokenLimit } from './token-limit.ts';

interface OptOutDeps {
  readonly db: Kysely<Tables>;
  readonly links: Links;
  readonly clock: Clock;
}

/**
 * `POST /u/:token` opts out in one click, without a question and without a redirect (RFC 8058, section 3.1); repeating it
 * changes nothing. `GET` shows a button, since programs that look at links must not opt anybody out.
 */
export function optOutRoutes(deps: OptOutDeps, pages: Pages, limit: TokenLimit): Router {
  const router = Router();

  router.get('/u/:token', async (request, response) => {
    const found = await find(request, response);
    if (found === null) return;
    const { language, texts } = textsFor(found.locale, pages.languages);
    const { title, explain, button } = texts.optOut;
    response.send(
      pages.render('opt-out', {
        language,
        direction: texts.direction,
        brand: found.brand,
        title,
        explain,
        button,
      }),
    );
  });

  router.post(
    '/u/:token',
    express.urlencoded({ extended: false, limit: '64kb' }),
    async (request, response) => {
      const found = await find(request, response);
      if (found === null) return;
      const source = request.body?.['List-Unsubscribe'] === 'One-Click' ? 'mail client' : 'opt-out page';
      await optOut(deps.db, { surveyId: found.surveyId, at: deps.clock.now(), source });
      const { language, texts } = textsFor(found.locale, pages.languages);
      const { doneTitle, done } = texts.optOut;
      response.send(
        pages.render('notice', {
          language,
          direction: texts.direction,
          brand: found.brand,
          title: doneTitle,
          paragraphs: [done],
        }),
      );
    },
  );

  /** The survey a link names; null when the request has been answered already. */
  async function find(
    request: Request<{ token: string }>,
    response: Response,
  ): Promise<Pick<SurveyPage, 'surveyId' | 'locale' | 'brand'> | null> {
    response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex, nofollow' });
    const words = browserTexts(request, pages);
    const claims = deps.links.verifyOptOut(request.params.token);
    if (claims !== null && !(await limit.admit(claims.surveyId, response))) {
      response.status(429).send(pages.render('notice', { ...noticeOf(words, 'busyTitle', 'busy') }));
      return null;
    }
    const page = claims === null ? null : await findSurveyPage(deps.db, claims.surveyId);
    if (page === null) {
      response.status(404).send(pages.render('notice', { ...noticeOf(words, 'unknownTitle', 'unknown') }));
      return null;
    }
    return page;
  }

  return router;
}
