import {
  AuthError,
  type CaseloopError,
  ConfigError,
  PermanentError,
  RetryableError,
} from '../../../src/errors.ts';
import type { FaultKind } from '../../../src/sandbox.ts';

/** What a kind of fault means to whoever must act on it. */
export type Meaning = 'credentials' | 'not allowed' | 'not there' | 'refused' | 'later';

export type ErrorClass = abstract new (...args: never[]) => CaseloopError;

/** The classes that say so. */
export const CLASSES: Readonly<Record<Meaning, readonly ErrorClass[]>> = {
  credentials: [AuthError],
  'not allowed': [AuthError, ConfigError],
  'not there': [PermanentError, ConfigError],
  refused: [PermanentError],
  later: [RetryableError],
};

/** One column of the table. */
export interface FaultRow {
  readonly title: string;
  readonly kind: FaultKind;
  readonly meaning: Meaning;
  /** The fault goes on after a token was renewed; else it passes with the first request. */
  readonly outlivesRenewal?: boolean;
  /** What `retryAfterMs` must be: the vendor's word, or null when it gave none. Left out: not looked at. */
  readonly retryAfterMs?: number | null;
}

/** Sandboxes name one second where they name a wait. */
const NAMED_WAIT_MS = 1_000;

/** Every fault that a sandbox can play. */
export const FAULT_ROWS: readonly FaultRow[] = [
  { title: '401', kind: '401', meaning: 'credentials' },
  { title: '401 again', kind: '401', meaning: 'credentials', outlivesRenewal: true },
  { title: '403', kind: '403', meaning: 'not allowed' },
  { title: '404', kind: '404', meaning: 'not there' },
  { title: '409', kind: '409', meaning: 'later' },
  { title: '422', kind: '422', meaning: 'refused' },
  { title: '429', kind: '429', meaning: 'later', retryAfterMs: NAMED_WAIT_MS },
  { title: '429 bare', kind: '429 without Retry-After', meaning: 'later', retryAfterMs: null },
  { title: '500', kind: '500', meaning: 'later', retryAfterMs: null },
  { title: '503', kind: '503', meaning: 'later', retryAfterMs: NAMED_WAIT_MS },
  { title: 'HTML', kind: 'html body', meaning: 'later' },
  { title: 'cut', kind: 'cut json', meaning: 'later' },
  { title: 'hang', kind: 'hang', meaning: 'later' },
  { title: 'lost', kind: 'reply lost', meaning: 'later' },
];
