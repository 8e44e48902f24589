import type { ErrorRequestHandler, Request, Response } from 'express';
import { CaseloopError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { httpStatusOf } from '../errors.ts';
import type { Visit } from './route.ts';
import type { StaffPages } from './staff-pages.ts';

const REFUSALS = {
  400: { title: 'This cannot be done', detail: 'The request is not one that Caseloop can read.' },
  401: {
    title: 'Not signed in',
    detail: 'Send an API key as "Authorization: Bearer ...", or sign in.',
  },
  403: { title: 'Not for your role', detail: 'Somebody with a higher role can do this.' },
  404: {
    title: 'There is nothing here',
    detail: 'The address is wrong, or what it led to is not yours to see.',
  },
  413: { title: 'This is too much', detail: 'The form is larger than Caseloop takes.' },
  500: { title: 'This did not work', detail: 'Something failed on our side. Please try again in a minute.' },
} as const;
type RefusalStatus = keyof typeof REFUSALS;

export interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

export function refusalOf(status: RefusalStatus, detail?: string): Refusal {
  return { status, title: REFUSALS[status].title, detail: detail ?? REFUSALS[status].detail };
}

/** Under `/api` as a problem in JSON (RFC 9457), elsewhere as a page. */
export function refuse(
  { pages, visit }: { pages: StaffPages; visit: Visit | null },
  request: Request,
  response: Response,
  { status, title, detail }: Refusal,
): void {
  response.status(status).set('Cache-Control', 'no-store');
  if (isForPrograms(request)) {
    response
      .type('application/problem+json')
      .send(JSON.stringify({ type: 'about:blank', title, status, detail }));
    return;
  }
  const onwards =
    visit === null
      ? { href: '/login', label: 'Go to the sign-in' }
      : { href: '/dashboard', label: 'Go to the overview' };
  response.send(pages.render('staff-notice', { visit, title, paragraphs: [detail], onwards }));
}

export function isForPrograms(request: Request): boolean {
  return /^\/api(?:[/?]|$)/i.test(request.originalUrl);
}

/** What a handler throws. A person is told what an error of ours says and how to fix it; of others nothing is shown. */
export function answerStaffErrors(
  pages: StaffPages,
  log: Log,
  visitOf: (request: Request) => Visit | null,
): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const status = httpStatusOf(error);
    if (status >= 500) log.error({ method: request.method, err: error }, 'staff page could not be served');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const told =
      error instanceof CaseloopError ? [error.message, error.fix].filter(Boolean).join(' ') : undefined;
    const shape = status >= 500 ? refusalOf(500, told) : refusalOf(status === 413 ? 413 : 400, told);
    refuse({ pages, visit: visitOf(request) }, request, response, { ...shape, status });
  };
}
