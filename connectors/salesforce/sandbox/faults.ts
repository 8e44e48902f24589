import type { FaultKind, SandboxFault } from '../../../src/sandbox.ts';
import { tokenRefusal } from './auth.ts';
import { insufficientAccess, invalidSession, limitExceeded, notFound, Refusal, refuse } from './refusal.ts';

/** What can go wrong in this vendor's own ways, beside what every sandbox plays. */
export type SalesforceFaultKind =
  | FaultKind
  /** 401s that no new token heals. */
  | '401 not attached'
  | '401 not for REST'
  /** 420 as JSON; `html body` is the same as a page. */
  | '420'
  /** The allowance of the day is used up. */
  | 'limit exceeded'
  | 'row locked'
  /** The org moved to another instance. */
  | 'moved';

/** As the contract's, with the vendor's own kinds. */
export interface SalesforceFault extends Omit<SandboxFault, 'kind'> {
  readonly kind: SalesforceFaultKind;
}

/** Kinds that leave the handler alone and spoil its answer. */
type ReplyFault = 'cut json' | 'reply lost';

/** Kinds that answer in place of the handler. */
export type SpoilingFault = Exclude<SalesforceFaultKind, ReplyFault | 'hang'>;

/** Which requests are to go wrong. */
export interface FaultSwitch {
  add(fault: SalesforceFault): void;
  /** The fault that this request must meet, or null. Uses one of its times up. */
  take(method: string, path: string): SalesforceFaultKind | null;
  clear(): void;
}

/** Without `on` a fault meets calls of the API only: minting a token and streaming go wrong only when they are named. */
export function createFaultSwitch(): FaultSwitch {
  const armed: { kind: SalesforceFaultKind; on: RegExp; left: number }[] = [];
  return {
    add(fault) {
      const on = fault.on ?? /^\S+ \/services\/(data|Soap)\//;
      armed.push({ kind: fault.kind, on, left: fault.times ?? 1 });
    },
    take(method, path) {
      const fault = armed.find((one) => one.left > 0 && `${method} ${path}`.search(one.on) >= 0);
      if (fault === undefined) return null;
      fault.left -= 1;
      return fault.kind;
    },
    clear() {
      armed.length = 0;
    },
  };
}

const HTML_TYPE = { 'Content-Type': 'text/html; charset=utf-8' };
const SNAG =
  "<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>We've hit a snag</h1></body></html>\n";
const GONE =
  '<!DOCTYPE html>\n<html><head><title>URL No Longer Exists</title></head><body>URL No Longer Exists</body></html>\n';
const UNAVAILABLE =
  'The server is unavailable to handle the request. The server is down for maintenance or is overloaded.';

/**
 * The answer of a fault that never reaches a handler. Salesforce has no 422 and its limits are no 429: those kinds are
 * played by what means the same. A 429 with a named wait is the network edge's.
 */
export function refusalOf(kind: SpoilingFault): Refusal {
  switch (kind) {
    case '401':
      return invalidSession();
    case '401 not attached':
      return refuse(401, 'INVALID_SESSION_ID', 'Connected app is not attached to Agent');
    case '401 not for REST':
      return refuse(401, 'INVALID_SESSION_ID', 'This session is not valid for use with the REST API');
    case '403':
      return insufficientAccess();
    case '404':
      return notFound();
    case '409':
    case 'row locked':
      return refuse(400, 'UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access to this record');
    case '420':
      return refuse(420, 'SERVER_UNAVAILABLE', "We've hit a snag");
    case '422':
      return refuse(400, 'FIELD_CUSTOM_VALIDATION_EXCEPTION', 'A rule of this org does not allow it');
    case '429':
      return new Refusal(429, [{ message: 'Too many requests', errorCode: 'REQUEST_LIMIT_EXCEEDED' }], {
        'Retry-After': '1',
      });
    case '429 without Retry-After':
    case 'limit exceeded':
      return limitExceeded();
    case '500':
      return refuse(
        500,
        'UNKNOWN_EXCEPTION',
        'An unexpected error occurred. Please include this ErrorId if you contact support: 1-1',
      );
    case '503':
      return new Refusal(503, [{ message: UNAVAILABLE, errorCode: 'SERVER_UNAVAILABLE' }], {
        'Retry-After': '1',
      });
    case 'html body':
      return new Refusal(420, SNAG, HTML_TYPE);
    case 'moved':
      return new Refusal(302, '', { Location: '/services/moved' });
  }
}

/** As `refusalOf`, in the words of the token endpoint. */
export function tokenRefusalOf(kind: SpoilingFault): Refusal {
  switch (kind) {
    case '401':
    case '401 not attached':
    case '401 not for REST':
      return tokenRefusal('invalid_client', 'invalid client credentials');
    case '403':
      return tokenRefusal('invalid_app_access', 'user is not admin approved to access this app');
    case '404':
      return new Refusal(404, GONE, HTML_TYPE);
    case '409':
    case 'row locked':
      return tokenRefusal('unknown_error', 'retry your request', 409);
    case '422':
      // The description may be absent.
      return new Refusal(400, { error: 'invalid_request' });
    case '429':
      return new Refusal(429, { error: 'rate_limit_exceeded' }, { 'Retry-After': '1' });
    case '429 without Retry-After':
    case 'limit exceeded':
      return new Refusal(429, { error: 'rate_limit_exceeded' });
    default:
      return refusalOf(kind);
  }
}
