import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import type { Mail } from '../../src/mail/compose.ts';
import { UnknownOutcomeError } from '../../src/mail/delivery-error.ts';
import type { Mailer } from '../../src/mail/mailer.ts';
import { createSmtpMailer } from '../../src/mail/smtp.ts';
import { Secret } from '../../src/secret.ts';
import { type Move, startScriptedRelay, startSmtpSink } from '../support/smtp.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function keep<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

function mailerFor(url: string, options: { concurrency?: number; sendTimeoutMs?: number } = {}): Mailer {
  return keep(createSmtpMailer({ url: new Secret(url), concurrency: 2, ...options }));
}

function mail(number = 1): Mail {
  const raw = Buffer.from(`Message-ID: <m${number}@acme.example>\r\nSubject: x\r\n\r\nbody\r\n`);
  return {
    raw,
    envelope: { from: 'support@acme.example', to: 'ada@customer.example' },
    messageId: `<m${number}@acme.example>`,
  };
}

async function failure(work: Promise<unknown>): Promise<RetryableError | ConfigError | PermanentError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RetryableError || error instanceof ConfigError || error instanceof PermanentError)
      return error;
    throw error;
  }
  throw new Error('expected a failure');
}

/** A relay that answers in the right order, except where told. */
async function relay(except: (line: string) => Move | null) {
  return keep(
    await startScriptedRelay((line) => {
      const move = except(line);
      if (move !== null) return move;
      if (line === '') return '220 relay ready';
      if (line.startsWith('EHLO')) return '250 relay';
      if (line === 'DATA') return '354 go ahead';
      return '250 2.0.0 ok';
    }),
  );
}

describe('a relay that takes mail', () => {
  test('gets the bytes and the envelope as they are', async () => {
    const sink = keep(await startSmtpSink());
    const sent = mail();
    await mailerFor(sink.url).send(sent);
    expect(sink.mails).toEqual([
      { from: 'support@acme.example', to: ['ada@customer.example'], raw: sent.raw },
    ]);
  });

  test('is spoken to over at most `concurrency` connections, used again', async () => {
    const sink = keep(await startSmtpSink());
    const mailer = mailerFor(sink.url, { concurrency: 2 });
    await Promise.all(Array.from({ length: 20 }, (_, index) => mailer.send(mail(index))));
    expect(sink.mails).toHaveLength(20);
    expect(sink.connections).toBe(2);
  });

  test('is logged in to, and check sends nothing', async () => {
    const sink = keep(await startSmtpSink({ login: { user: 'sur@vey', pass: 'p/w:1' } }));
    const mailer = mailerFor(`smtp://sur%40vey:p%2Fw%3A1@127.0.0.1:${sink.port}`);
    await mailer.check();
    expect(sink.mails).toHaveLength(0);
    await mailer.send(mail());
    expect(sink.mails).toHaveLength(1);
  });
});

describe('a refusal', () => {
  test.each([
    ['recipient', 550, PermanentError],
    ['recipient', 451, RetryableError],
    ['text', 554, PermanentError],
    ['text', 452, RetryableError],
    ['sender', 553, ConfigError],
    ['sender', 450, RetryableError],
  ] as const)('of the %s with %i', async (at, code, expected) => {
    const sink = keep(
      await startSmtpSink({ refuse: { at, code, message: '5.1.1 ada@customer.example is unknown here' } }),
    );
    const error = await failure(mailerFor(sink.url).send(mail()));
    expect(error).toBeInstanceOf(expected);
    expect(error).not.toBeInstanceOf(UnknownOutcomeError);
    expect(error.message).toContain(String(code));
    expect(inspect(error, { depth: 10 })).not.toContain('customer.example');
  });

  test('leaves the connection for the next mail', async () => {
    const sink = keep(await startSmtpSink({ refuse: { at: 'recipient', code: 550, message: 'no' } }));
    const mailer = mailerFor(sink.url, { concurrency: 1 });
    await failure(mailer.send(mail(1)));
    await failure(mailer.send(mail(2)));
    expect(sink.connections).toBe(1);
  });

  test('of the credentials is for the admin, in send and in check, and shows no password', async () => {
    const sink = keep(await startSmtpSink({ login: { user: 'survey', pass: 'right' } }));
    const mailer = mailerFor(`smtp://survey:wrongpass@127.0.0.1:${sink.port}`);
    for (const work of [mailer.check(), mailer.send(mail())]) {
      const error = await failure(work);
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.message).toMatch(/^mail\.url: the relay refused the credentials \(AUTH PLAIN 535/);
      expect(error.fix).toBe('Correct the user name and password in mail.url.');
      expect(inspect(error)).not.toContain('wrongpass');
    }
  });

  test('for want of credentials is for the admin', async () => {
    const sink = keep(await startSmtpSink({ login: { user: 'survey', pass: 'right' } }));
    expect(await failure(mailerFor(sink.url).send(mail()))).toBeInstanceOf(ConfigError);
  });

  test('421 makes every mail wait, and is not an unknown outcome even after the text', async () => {
    const busy = await relay((line) => (line === '.' ? '421 4.3.2 closing' : null));
    const error = await failure(mailerFor(busy.url).send(mail()));
    expect(error).toBeInstanceOf(RetryableError);
    expect(error).not.toBeInstanceOf(UnknownOutcomeError);
    expect(error).toMatchObject({ scope: 'account' });
  });
});

describe('a relay that cannot be reached', () => {
  test('refuses connections', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const error = await failure(mailerFor(`smtp://127.0.0.1:${port}`).send(mail()));
    expect(error).toBeInstanceOf(RetryableError);
    expect(error).toMatchObject({ scope: 'account' });
    expect(error.message).toBe('mail.url: the relay cannot be used (CONN ECONNREFUSED)');
  });

  test.each(['', 'EHLO', 'MAIL', 'RCPT', 'DATA'])(
    'drops the connection at %j: known not to have the mail, one attempt',
    async (at) => {
      const dropping = await relay((line) =>
        line.startsWith(at) && (at !== '' || line === '') ? 'drop' : null,
      );
      const error = await failure(mailerFor(dropping.url).send(mail()));
      expect(error).toBeInstanceOf(RetryableError);
      expect(error).not.toBeInstanceOf(UnknownOutcomeError);
      expect(dropping.connections()).toBe(1);
    },
  );

  test.each(['', 'RCPT'])('says nothing at %j', async (at) => {
    const silent = await relay((line) => (line.startsWith(at) && (at !== '' || line === '') ? 'hang' : null));
    const error = await failure(mailerFor(silent.url, { sendTimeoutMs: 300 }).send(mail()));
    expect(error).toBeInstanceOf(RetryableError);
    expect(error).not.toBeInstanceOf(UnknownOutcomeError);
  });
});

describe('a mail lost after its text was handed over', () => {
  test.each(['drop', 'hang'] as const)('%s: nobody knows whether it arrived', async (move) => {
    const losing = await relay((line) => (line === '.' ? move : null));
    const error = await failure(mailerFor(losing.url, { sendTimeoutMs: 500 }).send(mail()));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(losing.connections()).toBe(1);
  });
});

test.each(['http://relay', 'smtp://', 'relay:25', 'smtp://relay?tls.rejectUnauthorized=false'])(
  'the address %s is refused before anything is sent',
  (url) => {
    expect(() => createSmtpMailer({ url: new Secret(url), concurrency: 1 })).toThrow(ConfigError);
  },
);
