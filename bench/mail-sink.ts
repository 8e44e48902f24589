import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { monotonicMs } from './monotonic.ts';
import { answerQuestions } from './questions.ts';

/** One recipient's mail. */
export interface Arrival {
  readonly to: string;
  /** When the first one was accepted, on the monotonic clock. */
  readonly atMs: number;
  /** How many were accepted. */
  readonly mails: number;
  readonly bytes: number;
}

const END_OF_TEXT = Buffer.from('\r\n.\r\n');

let arrivals = new Map<string, Arrival>();
let kept: { to: string; text: string }[] = [];
let keepsTexts = false;
let waiting: { recipients: number; resolve(): void }[] = [];

/** A mail relay that takes everything at once: what is measured is the sender. It speaks as much SMTP as pooled senders use. */
const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  let rest: Buffer = Buffer.alloc(0);
  let to = '';
  let inText = false;
  socket.write('220 sink ESMTP\r\n');
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const end = rest.indexOf(inText ? END_OF_TEXT : '\r\n');
      if (end < 0) return;
      const part = rest.subarray(0, end);
      rest = rest.subarray(end + (inText ? END_OF_TEXT.length : 2));
      if (inText) {
        inText = false;
        accept(to, part);
        socket.write('250 taken\r\n');
      } else {
        const line = part.toString('latin1');
        to = /^RCPT TO:<([^>]*)>/i.exec(line)?.[1] ?? to;
        inText = /^DATA$/i.test(line);
        reply(socket, line);
      }
    }
  });
});

function reply(socket: Socket, line: string): void {
  const verb = line.slice(0, 4).toUpperCase();
  if (verb === 'DATA') socket.write('354 go ahead\r\n');
  else if (verb === 'QUIT') socket.end('221 bye\r\n');
  else socket.write('250 ok\r\n');
}

function accept(to: string, text: Buffer): void {
  const earlier = arrivals.get(to);
  const mails = (earlier?.mails ?? 0) + 1;
  arrivals.set(to, { to, atMs: earlier?.atMs ?? monotonicMs(), mails, bytes: text.length });
  if (keepsTexts) kept.push({ to, text: text.toString('latin1') });
  const met = waiting.filter(({ recipients }) => arrivals.size >= recipients);
  if (met.length === 0) return;
  waiting = waiting.filter((one) => !met.includes(one));
  for (const { resolve } of met) resolve();
}

server.listen(0, '127.0.0.1');
await once(server, 'listening');

answerQuestions({
  url: () => `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
  /** Forgets what arrived; `keepsTexts` keeps the texts of what comes. */
  begin(options) {
    ({ keepsTexts } = options as { keepsTexts: boolean });
    arrivals = new Map();
    kept = [];
    waiting = [];
  },
  /** Answers once mails to so many recipients were accepted. */
  until: (recipients) =>
    new Promise<void>((resolve) => {
      if (arrivals.size >= Number(recipients)) resolve();
      else waiting.push({ recipients: Number(recipients), resolve });
    }),
  arrivals: () => [...arrivals.values()],
  texts: () => kept.splice(0),
});
