import { type Request, type Response, Router } from 'express';
import type { Pages } from './pages.ts';

/** Where every link of a mail from `caseloop send-test` leads. For admins, so in English. Nothing is stored. */
export function testMailRoutes(pages: Pages): Router {
  const router = Router();
  router.get('/test-mail', answer);
  // The mail program's own button to opt out posts.
  router.post('/test-mail', answer);
  return router;

  function answer(request: Request, response: Response): void {
    const score = /^\d{1,2}$/.exec(String(request.query.score ?? ''))?.[0];
    const chosen =
      score === undefined ? 'This link works.' : `This link works, and chose the score ${score}.`;
    response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex, nofollow' }).send(
      pages.render('notice', {
        language: 'en',
        direction: 'ltr',
        title: 'A test mail',
        paragraphs: [
          chosen,
          'The mail was sent by caseloop send-test. It asks nobody, and nothing is stored.',
        ],
      }),
    );
  }
}
