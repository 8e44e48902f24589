import type { FaultKind, SandboxFault } from '../../../src/sandbox.ts';
import { accessDenied, conflict, invalidCredentials, invalidValue, notFound, Refusal } from './refusal.ts';

/** Kinds that leave the handler alone and spoil its answer. */
type ReplyFault = 'cut json' | 'reply lost';

/** Which requests are to go wrong. */
export interface FaultSwitch {
  add(fault: SandboxFault): void;
  clear(): void;
  /** The fault that this request must meet, or null. Uses one of its times up. */
  take(method: string, path: string): FaultKind | null;
}

/** Without `on` a fault meets any request of the API. */
export function createFaultSwitch(): FaultSwitch {
  const armed: { kind: FaultKind; on: RegExp; left: number }[] = [];
  return {
    add(fault) {
      armed.push({ kind: fault.kind, on: fault.on ?? /^\S+ \/api\//, left: fault.times ?? 1 });
    },
    clear() {
      armed.length = 0;
    },
    take(method, path) {
      const fault = armed.find((one) => one.left > 0 && `${method} ${path}`.search(one.on) >= 0);
      if (fault === undefined) return null;
      fault.left -= 1;
      return fault.kind;
    },
  };
}

const HTML =
  '<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n';

/** The answer of a fault that never reaches a handler. */
export function refusalOf(kind: Exclude<FaultKind, ReplyFault | 'hang'>): Refusal {
  switch (kind) {
    case '401':
      return invalidCredentials();
    case '403':
      return accessDenied();
    case '404':
      return notFound();
    case '409':
      return conflict({
        field: 'ticket',
        message: 'The resource is in an inconsistent state',
        code: 'inconsistent_state',
      });
    case '422': {
      const { body } = invalidValue('subject', 'It should not be blank as this is a mandatory field');
      return new Refusal(422, body);
    }
    case '429':
      return new Refusal(429, TOO_MANY, { 'Retry-After': '1' });
    case '429 without Retry-After':
      return new Refusal(429, TOO_MANY);
    case '500':
      return new Refusal(500, {
        code: 'internal_error',
        message: 'We are sorry, but something went wrong.',
      });
    case '503':
      return new Refusal(503, undefined, { 'Retry-After': '1' });
    case 'html body':
      return new Refusal(502, HTML, { 'Content-Type': 'text/html; charset=utf-8' });
  }
}

/** The body of the account's own limit; an endpoint's has none. */
export const TOO_MANY = { message: 'You have exceeded the limit of requests per minute' };
