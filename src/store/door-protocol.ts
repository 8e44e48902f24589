import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import {
  AuthError,
  CaseloopError,
  ConfigError,
  PermanentError,
  RetryableError,
  type RetryScope,
  SignatureError,
} from '../errors.ts';

/**
 * What guest and owner say to each other, in lines of JSON: the guest one request; the owner any number of events, then
 * one result or one error. A connection carries one command.
 */
interface Request {
  readonly command: string;
  readonly args: unknown;
}

type Reply = { readonly event: unknown } | { readonly result: unknown } | { readonly error: WireError };

interface WireError {
  readonly name: string;
  readonly message: string;
  readonly fix: string | null;
  readonly retryAfterMs?: number | null;
  readonly scope?: RetryScope;
}

/** What the owner does for a guest. `signal` is aborted when the guest is gone; `args` are to be checked. */
export type DoorCommand = (
  args: unknown,
  context: { emit(event: unknown): void; signal: AbortSignal },
) => Promise<unknown>;

export type DoorCommands = Readonly<Record<string, DoorCommand>>;

/** The owner's side of one connection. Resolves when it is over, also when the guest only knocked. */
export async function answer(socket: Socket, serving: Promise<DoorCommands>): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const line = await firstLine(socket);
  if (line === null) return;
  const commands = await serving;
  const send = (reply: Reply) => {
    if (!gone.signal.aborted) socket.write(`${JSON.stringify(reply)}\n`);
  };
  try {
    const { command, args } = JSON.parse(line) as Request;
    const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
    if (run === undefined) throw unknownCommand(command, commands);
    const result = await run(args, { emit: (event) => send({ event }), signal: gone.signal });
    send({ result: result ?? null });
  } catch (error) {
    send({ error: toWire(error) });
  }
  socket.end();
}

/** The guest's side of one connection. Throws what the command threw, or RetryableError when the owner is gone. */
export function ask(socket: Socket, request: Request, onEvent?: (event: unknown) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: socket });
    // 'close' follows and says what it means.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      const message = `door: the owner of the data directory ended before it answered ${request.command}`;
      reject(new RetryableError(message, { fix: 'Run the command again.' }));
    });
    lines.on('line', (line) => {
      const reply = JSON.parse(line) as Reply;
      if ('event' in reply) onEvent?.(reply.event);
      else if ('error' in reply) reject(fromWire(reply.error));
      else resolve(reply.result);
    });
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

function firstLine(socket: Socket): Promise<string | null> {
  return new Promise((resolve, reject) => {
    // The reader stays, so that the socket keeps flowing and the guest's leaving is noticed.
    createInterface({ input: socket }).once('line', resolve);
    socket.once('error', reject);
    socket.once('close', () => resolve(null));
  });
}

function unknownCommand(command: string, commands: DoorCommands): PermanentError {
  const known = Object.keys(commands).join(', ');
  return new PermanentError(`door: the running Caseloop knows no command ${command}, only ${known}`, {
    fix: 'Run the same version as the one that is running, or restart that one.',
  });
}

const CLASSES = { CaseloopError, ConfigError, AuthError, SignatureError, PermanentError };

function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), fix: null };
  const { name, message } = error;
  if (error instanceof RetryableError) {
    return { name, message, fix: error.fix, retryAfterMs: error.retryAfterMs, scope: error.scope };
  }
  return { name, message, fix: error instanceof CaseloopError ? error.fix : null };
}

function fromWire({ name, message, fix, retryAfterMs, scope }: WireError): Error {
  const options = fix === null ? {} : { fix };
  if (name === 'RetryableError') {
    return new RetryableError(message, {
      ...options,
      retryAfterMs: retryAfterMs ?? null,
      scope: scope ?? 'endpoint',
    });
  }
  if (Object.hasOwn(CLASSES, name)) return new CLASSES[name as keyof typeof CLASSES](message, options);
  return Object.assign(new Error(message), { name });
}
