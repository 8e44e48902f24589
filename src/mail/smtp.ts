import type { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import { SECOND_MS } from '../clock.ts';
import { ConfigError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { Mail } from './compose.ts';
import { classifySmtpFailure } from './delivery-error.ts';
import { type Dkim, signerOf } from './dkim.ts';
import type { Mailer } from './mailer.ts';

const CONNECT_TIMEOUT_MS = 10 * SECOND_MS;
const SILENCE_TIMEOUT_MS = 15 * SECOND_MS;
/** The longest one mail can take, waiting for a free connection included. */
const SEND_TIMEOUT_MS = 25 * SECOND_MS;
// Below the idle limits of common relays, so that we close a quiet connection before they do and no mail runs into it.
const IDLE_TIMEOUT_MS = 5 * SECOND_MS;

export interface SmtpOptions {
  readonly url: Secret;
  /** Connections at a time; one mail at a time on each. */
  readonly concurrency: number;
  /** Signs each mail; default: none is signed. */
  readonly dkim?: Dkim | null;
  /** For tests; the default is 25 s. */
  readonly sendTimeoutMs?: number;
}

/** Sends over a pool of SMTP connections. Throws ConfigError when the address is none. */
export function createSmtpMailer(options: SmtpOptions): Mailer {
  const transport = createTransport({
    pool: true,
    ...endpointOf(options.url),
    maxConnections: options.concurrency,
    maxMessages: Number.POSITIVE_INFINITY,
    // Only the job queue tries again.
    maxRequeues: 0,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    idleTimeout: IDLE_TIMEOUT_MS,
    ...(options.dkim == null ? {} : { dkim: signerOf(options.dkim) }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const bodies = new WeakMap<object, Readable>();
  // nodemailer reads a mail's text only once the relay has said "go ahead": whether it was read is what tells a mail that
  // surely did not arrive from one that may have.
  transport.use('stream', (mail, done) => {
    const { message, data } = mail;
    const open = message.createReadStream.bind(message);
    message.createReadStream = (streamOptions) => {
      const body = open(streamOptions);
      if (typeof data.envelope === 'object') bodies.set(data.envelope, body);
      return body;
    };
    done();
  });

  return {
    async send(mail: Mail): Promise<void> {
      const envelope = { from: mail.envelope.from, to: [mail.envelope.to] };
      try {
        await transport.sendMail({
          raw: mail.raw,
          envelope,
          messageId: mail.messageId,
          signal: AbortSignal.timeout(options.sendTimeoutMs ?? SEND_TIMEOUT_MS),
        });
      } catch (error) {
        throw classifySmtpFailure(error, bodies.get(envelope)?.readableDidRead ?? false);
      }
    },

    async check(): Promise<void> {
      try {
        await transport.verify();
      } catch (error) {
        throw classifySmtpFailure(error, false);
      }
    },

    async close(): Promise<void> {
      transport.close();
    },
  };
}

/** Host, port, TLS and credentials of an SMTP address. */
function endpointOf(secret: Secret) {
  const url = URL.parse(secret.reveal());
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '')
    throw new ConfigError(
      'mail.url is not an SMTP address: expected smtp://user:password@host:port or smtps://…',
      {
        fix: 'Correct mail.url; write characters such as @ or / in the password as %40 or %2F.',
      },
    );
  if (url.search !== '')
    throw new ConfigError('mail.url has a part after "?": nothing is allowed there', {
      fix: 'Take the "?" and what follows it out of mail.url.',
    });
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const hasLogin = url.username !== '' || url.password !== '';
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    // A password never crosses a network in the clear.
    requireTLS: hasLogin && !secure && !isLoopback(host),
    ...(hasLogin
      ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
      : {}),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
