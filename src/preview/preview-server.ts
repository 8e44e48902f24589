import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import express, { type Express, type Request, type Response } from 'express';
import { escapeHtml } from '../mail/escape-html.ts';
import { createBrandLooks } from '../web/brand-looks.ts';
import { createPages } from '../web/pages.ts';
import {
  type Choice,
  FORMS,
  frameUrl,
  isMail,
  MAILS,
  type MailName,
  PAGES,
  type PageName,
  readChoice,
  SCHEMES,
  WIDTHS,
} from './choice.ts';
import { previewMail } from './preview-mail.ts';
import { previewPage } from './preview-page.ts';
import type { PreviewSet } from './preview-set.ts';

const TOOL_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'";
const FRAME_POLICY =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/** Serves every mail and page on loopback. Nothing is stored, sent or answered. Port 0 lets the system pick one. */
export async function startPreview(
  set: PreviewSet,
  options: { port: number },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(previewApp(set));
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('preview: the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function previewApp(set: PreviewSet): Express {
  const eta = new Eta({ autoEscape: true, autoTrim: false });
  eta.loadTemplate('@tool', readFileSync(new URL('./tool.eta', import.meta.url), 'utf8'));
  const looks = createBrandLooks(set.brands);
  const pages = createPages(set.languages, looks);
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set({
      'Content-Security-Policy': TOOL_POLICY,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
    });
    next();
  });

  for (const name of ['tool.css', 'tool.js'])
    app.get(`/${name}`, (_request, response) => {
      response.sendFile(fileURLToPath(new URL(`./${name}`, import.meta.url)));
    });

  app.get('/', async (request, response) => {
    const choice = readChoice(request.query, set);
    response.send(eta.render('@tool', { choice, ...(await shownOf(choice)), ...menusOf(set) }));
  });

  /** For the script of the tool: what the page would say of another choice. */
  app.get('/shown', async (request, response) => {
    response.json(await shownOf(readChoice(request.query, set)));
  });

  async function shownOf(choice: Choice) {
    const facts = isMail(choice.what) ? await factsOf({ ...choice, what: choice.what }) : [];
    return { src: frameUrl(choice), facts };
  }

  async function factsOf(choice: Choice & { readonly what: MailName }) {
    const { subject, from, replyTo, bytes } = await previewMail(choice, set);
    return [
      ['Subject', subject],
      ['From', from],
      ['Reply-To', replyTo],
      ['Size', `${(bytes / 1_000).toFixed(1)} KB as sent`],
    ] as const;
  }

  // The pages' own files, wherever their relative addresses lead to.
  app.get(/^\/(light|dark)\/.+\/assets\/looks\/([0-9a-f]{6})$/, (request, response, next) => {
    const css = looks.stylesheet(request.params[1] ?? '');
    if (css === null) next();
    else response.type('css').send(inScheme(css, request.params[0] ?? ''));
  });

  app.get('/:scheme/:what/:survey/:brand/:language', async (request: Request, response: Response) => {
    const choice = readChoice({ ...request.params, form: request.query.form }, set);
    const images = choice.form === 'no-images' ? "'none'" : 'https: http: data:';
    response.set('Content-Security-Policy', `${FRAME_POLICY}; img-src ${images}`);
    const { what } = choice;
    if (!isMail(what)) {
      const score = /^\d{1,2}$/.test(String(request.query.score)) ? Number(request.query.score) : null;
      response.send(
        inScheme(previewPage({ ...choice, what: what satisfies PageName }, pages, score), choice.scheme),
      );
      return;
    }
    const mail = await previewMail({ ...choice, what }, set);
    response.send(choice.form === 'text' ? textPage(mail, choice) : inScheme(mail.html, choice.scheme));
  });
  return app;
}

function menusOf(set: PreviewSet) {
  const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]));
  const display = new Intl.DisplayNames('en', { type: 'language' });
  return {
    mails: MAILS,
    pages: PAGES,
    menus: {
      survey: ['Survey', named(set.surveys.map(({ name }) => name))],
      brand: ['Brand', Object.fromEntries(set.brands.map(({ key, name }) => [key, name ?? key]))],
      language: [
        'Language',
        Object.fromEntries(
          Object.keys(set.languages).map((tag) => [tag, `${display.of(tag) ?? tag} (${tag})`]),
        ),
      ],
    },
    switches: { scheme: ['Colours', SCHEMES], width: ['Width', WIDTHS], form: ['Mail as', FORMS] },
  };
}

/**
 * Shows a document as a device in the other scheme would. The browser's own preference cannot be set from outside, so the
 * document's questions about it are answered here.
 */
export function inScheme(text: string, scheme: string): string {
  const holds = (asked: string) => (asked === scheme ? '(min-width:0)' : '(max-width:0)');
  return text
    .replace(/\(prefers-color-scheme:\s*(light|dark)\)/g, (_, asked: string) => holds(asked))
    .replace(/color-scheme:\s*light dark/g, `color-scheme:${scheme}`)
    .replace(/(name="(?:supported-)?color-schemes?" content=)"light dark"/g, `$1"${scheme}"`);
}

function textPage(
  { subject, text }: { subject: string; text: string },
  { language, scheme }: Choice,
): string {
  return `<!doctype html>
<html lang="${escapeHtml(language)}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title>
<style>:root{color-scheme:${scheme}}body{margin:0;padding:16px;font:14px/1.5 ui-monospace,monospace}pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;font:inherit}</style></head>
<body><main><pre>${escapeHtml(text)}</pre></main></body></html>`;
}
