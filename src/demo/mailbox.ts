import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import express, { type Express } from 'express';
import { type AddressObject, simpleParser } from 'mailparser';
import { type Clock, MINUTE_MS, SECOND_MS } from '../clock.ts';

/** The mails that were written instead of sent, and a page on loopback that shows them as their readers would see them. */
export interface Mailbox {
  readonly url: string;
  /** Newest first. */
  list(): Promise<readonly MailboxMail[]>;
  close(): Promise<void>;
}

export interface MailboxMail {
  /** The file's name without `.eml`. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly date: Date;
  readonly html: string;
  readonly text: string;
  /** By name in lower case; unfolded, as written. */
  readonly headers: Readonly<Record<string, string>>;
  /** With angle brackets. */
  readonly messageId: string;
  readonly source: string;
}

/** Shows the .eml files of `outboxDir`, which need not be there yet. Port 0, the default, lets the system pick one. */
export async function startMailbox(options: {
  outboxDir: string;
  port?: number;
  clock: Clock;
}): Promise<Mailbox> {
  const list = () => readMails(options.outboxDir);
  const server = createServer(mailboxApp(list, options.clock));
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('mailbox: the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    list,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readMails(directory: string): Promise<readonly MailboxMail[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const mails = await Promise.all(
    names
      .filter((name) => name.endsWith('.eml') && !name.startsWith('.'))
      .map((name) => readMail(directory, name)),
  );
  return mails.sort((a, b) => b.date.getTime() - a.date.getTime() || a.id.localeCompare(b.id));
}

async function readMail(directory: string, name: string): Promise<MailboxMail> {
  const source = await readFile(join(directory, name), 'utf8');
  const parsed = await simpleParser(source);
  return {
    id: name.slice(0, -'.eml'.length),
    from: addressText(parsed.from),
    to: addressText(parsed.to),
    subject: parsed.subject ?? '',
    date: parsed.date ?? new Date(0),
    html: parsed.html === false ? '' : parsed.html,
    text: parsed.text ?? '',
    headers: Object.fromEntries(
      parsed.headerLines.map(({ key, line }) => [
        key,
        line
          .slice(line.indexOf(':') + 1)
          .replace(/\r?\n[ \t]+/g, ' ')
          .trim(),
      ]),
    ),
    messageId: parsed.messageId ?? '',
    source,
  };
}

function addressText(field: AddressObject | AddressObject[] | undefined): string {
  return [field ?? []]
    .flat()
    .map((one) => one.text)
    .join(', ');
}

// The mail may open new windows, and nothing else: no scripts, no forms, no access to the page around it.
const MAIL_SANDBOX = 'allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation';
const SHELL_POLICY = "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'";
const MAIL_POLICY = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox ${MAIL_SANDBOX}`;
const VIEWS = ['html', 'text', 'source'] as const;

function mailboxApp(list: () => Promise<readonly MailboxMail[]>, clock: Clock): Express {
  const eta = new Eta({ autoEscape: true, autoTrim: false });
  eta.loadTemplate('@page', readFileSync(new URL('./mailbox/page.eta', import.meta.url), 'utf8'));
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set({
      'Content-Security-Policy': SHELL_POLICY,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
    });
    next();
  });

  app.get('/mailbox.css', (_request, response) => {
    response.sendFile(fileURLToPath(new URL('./mailbox/mailbox.css', import.meta.url)));
  });

  app.get('/mails/:id/body', async (request, response) => {
    const mail = (await list()).find((one) => one.id === request.params.id);
    if (mail === undefined) response.sendStatus(404);
    else response.set('Content-Security-Policy', MAIL_POLICY).send(inNewWindows(mail.html));
  });

  app.get(['/', '/mails/:id'], async (request, response) => {
    const mails = await list();
    const id = 'id' in request.params ? request.params.id : null;
    const mail = id === null ? (mails[0] ?? null) : (mails.find((one) => one.id === id) ?? null);
    const view = VIEWS.find((one) => one === request.query.view) ?? 'html';
    response.status(id !== null && mail === null ? 404 : 200).send(
      eta.render('@page', {
        mails: mails.map((one) => ({
          ...one,
          path: pathOf(one),
          age: ageOf(one.date, clock.now()),
          open: one.id === mail?.id,
        })),
        mail: mail === null ? null : { ...mail, path: pathOf(mail) },
        view,
        views: VIEWS,
        sandbox: MAIL_SANDBOX,
        // New mails appear by themselves, but nobody's place in an open mail is lost.
        refresh: id === null,
      }),
    );
  });
  return app;
}

function pathOf(mail: MailboxMail): string {
  return `/mails/${encodeURIComponent(mail.id)}`;
}

/** Links in a mail open a window of their own, as they do in a mail program. */
function inNewWindows(html: string): string {
  return html.replace('<head>', '<head><base target="_blank">');
}

function ageOf(date: Date, now: Date): string {
  const ageMs = now.getTime() - date.getTime();
  if (ageMs < 0) return date.toISOString();
  if (ageMs < MINUTE_MS) return `${Math.floor(ageMs / SECOND_MS)} s ago`;
  if (ageMs < 60 * MINUTE_MS) return `${Math.floor(ageMs / MINUTE_MS)} min ago`;
  return date.toISOString().slice(0, 16).replace('T', ' ');
}
