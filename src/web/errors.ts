import type { ErrorRequestHandler, RequestHandler } from 'express';
import { CaseloopError, PermanentError, SignatureError } from '../errors.ts';
import type { Log } from '../log.ts';
import { browserTexts, noticeOf, type Pages } from './pages.ts';

/**
 * The status an error is answered with. Errors of Express' own parsers carry theirs; of ours, the class decides. Whatever
 * is not the caller's fault is 503, because trying again may help.
 */
export function httpStatusOf(error: unknown): number {
  if (error instanceof SignatureError) return 401;
  if (error instanceof PermanentError) return 400;
  if (error instanceof CaseloopError) return 503;
  const status =
    typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : Number.NaN;
  return status >= 400 && status < 500 ? status : 500;
}

/** The last handler for people: a short page in their language. What went wrong is in the log, by class and place only. */
export function answerErrors(pages: Pages, log: Log): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const status = httpStatusOf(error);
    // The path holds a token; its first segment says enough about the place.
    const place = `/${request.path.split('/')[1] ?? ''}`;
    if (status >= 500) log.error({ place, method: request.method, err: error }, 'page could not be served');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const words = browserTexts(request, pages);
    const notice =
      status === 413
        ? noticeOf(words, 'failedTitle', 'tooMuch')
        : status < 500
          ? noticeOf(words, 'unknownTitle', 'unknown')
          : noticeOf(words, 'failedTitle', 'failed');
    response
      .status(status)
      .set('Cache-Control', 'no-store')
      .send(pages.render('notice', { ...notice }));
  };
}

/** 404 for whatever nobody answered. */
export function answerUnknownPath(pages: Pages): RequestHandler {
  return (request, response) => {
    response
      .status(404)
      .set('Cache-Control', 'no-store')
      .send(pages.render('notice', { ...noticeOf(browserTexts(request, pages), 'unknownTitle', 'unknown') }));
  };
}
