import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Connector } from '../connector.ts';
import type { Brand } from '../domain/brand.ts';
import type { SurveyDefinition } from '../domain/survey.ts';
import type { Links } from '../links.ts';
import type { Log } from '../log.ts';
import type { Queues } from '../queue.ts';
import type { AnswerInput, AnswerReceipt } from '../store/answers.ts';
import type { ConfirmationInput, ConfirmationReceipt } from '../store/confirmations.ts';
import type { PressedSurvey } from '../store/first-answers.ts';
import type { Tables } from '../store/tables.ts';
import type { Languages } from '../texts/languages.ts';
import { createBrandLooks } from './brand-looks.ts';
import { answerErrors, answerUnknownPath } from './errors.ts';
import { healthRoutes, type Readiness } from './health.ts';
import { optOutRoutes } from './opt-out.ts';
import { createPages } from './pages.ts';
import type { StaffArea } from './staff/area.ts';
import { surveyRoutes } from './survey-page.ts';
import { testMailRoutes } from './test-mail.ts';
import { createTokenLimit } from './token-limit.ts';
import { webhookRoutes } from './webhook.ts';

/** Everything the web needs from the rest of the program. */
export interface WebDeps {
  readonly db: Kysely<Tables>;
  readonly queues: Pick<Queues, 'add'>;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly surveys: readonly SurveyDefinition[];
  readonly languages: Languages;
  readonly brands: readonly Brand[];
  readonly links: Links;
  readonly answers: Answers;
  /** Turns an address into a key that stands for it. */
  hashCaller(ip: string): string;
  readonly server: { readonly trustProxy: boolean | number | string };
  ready(): Promise<Readiness>;
  /** Sign-in, dashboard and API. */
  readonly staff: StaffArea;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Answers {
  /** Stores an answer and sets going what follows from it. The same answer again is `unchanged`. */
  recordAnswer(input: AnswerInput, survey: PressedSurvey): Promise<AnswerReceipt>;
  /** Takes in what the page's own script sent, and sees to it that it is decided on. */
  takeConfirmation(input: ConfirmationInput): Promise<ConfirmationReceipt>;
}

/** The whole web server but for listening: pushes, survey pages, opt-out, health and what is for staff. No I/O until a request comes. */
export function createWebApp(deps: WebDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', deps.server.trustProxy);
  const looks = createBrandLooks(deps.brands);
  app.use(securityHeaders(looks.logoOrigins));
  app.use(healthRoutes({ ...deps, isAdmin: deps.staff.isAdmin }));
  app.use(webhookRoutes(deps));

  const pages = createPages(deps.languages, looks);
  const limit = createTokenLimit();
  app.use('/assets', express.static(ASSETS, { index: false, maxAge: '1h', redirect: false }));
  app.get('/assets/looks/:colour', (request, response, next) => {
    const sheet = looks.stylesheet(request.params.colour);
    if (sheet === null) next();
    else response.type('css').set('Cache-Control', 'public, max-age=3600').send(sheet);
  });
  app.use(surveyRoutes(deps, pages, limit));
  app.use(optOutRoutes(deps, pages, limit));
  app.use(testMailRoutes(pages));
  app.use(deps.staff.router);
  app.use(answerUnknownPath(pages));
  app.use(answerErrors(pages, deps.log));
  return app;
}

const ASSETS = fileURLToPath(new URL('./assets/', import.meta.url));

/** Only our own files and the brands' logos, no frames around us, and no address of ours told to others: it holds the customer's token. */
export function securityHeaders(logoOrigins: readonly string[]) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        // The empty icon, so that browsers ask for none.
        imgSrc: ['data:', ...logoOrigins],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
  });
}
