import type { FaultKind, SandboxFault } from '../../../src/sandbox.ts';
import { forbidden, invalidToken, Refusal, recordInvalid, recordNotFound } from './refusal.ts';

/** Kinds that leave the handler alone and spoil its answer. */
type ReplyFault = 'cut json' | 'reply lost';

/** Which requests are to go wrong. */
export interface FaultSwitch {
  add(fault: SandboxFault): void;
  clear(): void;
  /** The fault that this request must meet, or null. Uses one of its times up. */
  take(method: string, path: string): FaultKind | null;
}

/** Without `on` a fault meets requests under /api/v2 only: minting a token goes wrong only when it is named. */
export function createFaultSwitch(): FaultSwitch {
  const armed: { kind: FaultKind; on: RegExp; left: number }[] = [];
  return {
    add(fault) {
      armed.push({ kind: fault.kind, on: fault.on ?? /^\S+ \/api\/v2\//, left: fault.times ?? 1 });
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
      return invalidToken();
    case '403':
      return forbidden();
    case '404':
      return recordNotFound();
    case '409':
      return new Refusal(409, { error: 'DatabaseConflict', description: 'Database collision' });
    case '422':
      return recordInvalid({ base: [{ description: 'Subject: is invalid', error: 'InvalidValue' }] });
    case '429':
      return new Refusal(429, RATE_LIMIT_BODY, { 'Retry-After': '1' });
    case '429 without Retry-After':
      return new Refusal(429, RATE_LIMIT_BODY);
    case '500':
      return new Refusal(500, 'Internal Server Error');
    case '503':
      return new Refusal(
        503,
        { error: 'DatabaseDeadlock', description: 'Database deadlock detected, please retry' },
        { 'Retry-After': '1' },
      );
    case 'html body':
      return new Refusal(502, HTML, { 'Content-Type': 'text/html; charset=utf-8' });
  }
}

const RATE_LIMIT_BODY = {
  error: 'APIRateLimitExceeded',
  description: 'Number of allowed API requests per minute exceeded',
};
