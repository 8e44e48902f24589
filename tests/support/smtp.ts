import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

export interface SmtpSink {
  readonly port: number;
  readonly url: string;
  /** Every mail taken, oldest first. */
  readonly mails: readonly ReceivedMail[];
  /** Connections opened since the start. */
  readonly connections: number;
  close(): Promise<void>;
}

/** A real SMTP server on loopback that keeps what it takes. `refuse` answers the recipient or the text with an SMTP code. */
export async function startSmtpSink(
  options: {
    refuse?: { at: 'sender' | 'recipient' | 'text'; code: number; message: string };
    /** Answers a recipient with an SMTP code; null takes it. */
    judge?: (address: string) => { code: number; message: string } | null;
    login?: { user: string; pass: string };
    beforeTaking?: () => Promise<void>;
  } = {},
): Promise<SmtpSink> {
  const mails: ReceivedMail[] = [];
  let connections = 0;
  const refusal = (at: string): Error | null =>
    options.refuse?.at === at
      ? Object.assign(new Error(options.refuse.message), { responseCode: options.refuse.code })
      : null;
  const settings: SMTPServerOptions = {
    authOptional: options.login === undefined,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onConnect(_session, done) {
      connections += 1;
      done();
    },
    onAuth(auth, _session, done) {
      const known = auth.username === options.login?.user && auth.password === options.login?.pass;
      if (known) done(null, { user: auth.username });
      else done(Object.assign(new Error('5.7.8 Authentication failed'), { responseCode: 535 }));
    },
    onMailFrom: (_address, _session, done) => done(refusal('sender')),
    onRcptTo: ({ address }, _session, done) => {
      const verdict = options.judge?.(address) ?? null;
      if (verdict === null) return done(refusal('recipient'));
      done(Object.assign(new Error(verdict.message), { responseCode: verdict.code }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        await options.beforeTaking?.();
        const error = refusal('text');
        if (error !== null) return done(error);
        const sender = session.envelope.mailFrom;
        mails.push({
          from: sender === false ? '' : sender.address,
          to: session.envelope.rcptTo.map((recipient) => recipient.address),
          raw: Buffer.concat(chunks),
        });
        done();
      });
    },
  };
  const server = new SMTPServer(settings);
  // A client that goes away is part of the tests.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const port = portOf(server.server.address());
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    mails,
    get connections() {
      return connections;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** What a relay does on a line from the client: a reply, silence, or cutting the connection. */
export type Move = string | 'hang' | 'drop';

/** A relay that misbehaves as told. `script` sees each command line, `.` for the end of the text, and '' for the connect. */
export async function startScriptedRelay(
  script: (line: string) => Move,
): Promise<{ url: string; connections: () => number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let inText = false;
    let rest = '';
    const act = (line: string): void => {
      const move = script(line);
      if (move === 'drop') socket.destroy();
      else if (move !== 'hang') {
        if (move.startsWith('354')) inText = true;
        socket.write(`${move}\r\n`);
      }
    };
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      const lines = `${rest}${chunk.toString()}`.split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (inText && line !== '.') continue;
        if (inText) inText = false;
        act(line);
      }
    });
    act('');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `smtp://127.0.0.1:${portOf(server.address())}`,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function parseMail(raw: Buffer): Promise<ParsedMail> {
  return simpleParser(raw);
}

function portOf(address: unknown): number {
  if (typeof address === 'object' && address !== null && 'port' in address) return Number(address.port);
  throw new Error('the server has no port');
}
