import { z } from 'zod';
import type { Outcome, RecordRef } from '../../src/connector.ts';
import { type CaseloopError, ConfigError, PermanentError, RetryableError } from '../../src/errors.ts';
import { BATCH_SIZE } from './read-cases.ts';
import { fieldWords, isPassing, isUnseen, type Refusal, Unseen, unseen } from './refusal.ts';
import { SaveResult } from './schema.ts';

/** The rows of a collection call, in the order in which they were sent. */
export const SaveResults = z.array(SaveResult);

/** Throws PermanentError when there are more items than one collection takes; nothing is written then. */
export function requireBatch(what: string, items: readonly unknown[]): void {
  if (items.length <= BATCH_SIZE) return;
  throw new PermanentError(`Salesforce ${what} of ${items.length} items: at most ${BATCH_SIZE} at once`);
}

/** A row that was refused, as the error it means; null for one that went well. Rows of HTTP 200 answers may all be refused. */
export function errorOf(what: string, row: SaveResult | undefined): CaseloopError | 'locked' | null {
  if (row === undefined) return new RetryableError(`Salesforce ${what}: nothing is said of this item`);
  if (row.success) return null;
  const [first] = row.errors ?? [];
  const code = first?.statusCode ?? first?.errorCode ?? null;
  if (code === 'ENTITY_IS_LOCKED') return 'locked';
  const refusal: Refusal = { code, fields: first?.fields ?? [], words: first?.message ?? '' };
  return toRowError(`Salesforce ${what}: ${isName(code) ? code : 'refused'}`, refusal);
}

/** The outcome of one item. `ref`: the record it made, when that is not the case itself. */
export function outcomeOf(
  key: string,
  error: CaseloopError | 'locked' | null,
  ref: RecordRef | null,
): Outcome {
  if (error === null) return { key, result: 'done', ref };
  return error === 'locked' ? { key, result: 'locked' } : { key, result: 'failed', error };
}

/** A field that is missing spoils every row alike, so it is the whole call's error. */
export function throwWhenUnseen(errors: readonly (CaseloopError | 'locked' | null)[]): void {
  const [first] = errors;
  if (first instanceof Unseen && errors.every((error) => error instanceof Unseen)) throw first;
}

/** What admins have set up, so that every later attempt meets it until they change it. */
const RULES_OF_THE_ORG: ReadonlySet<string> = new Set([
  'CANNOT_EXECUTE_FLOW_TRIGGER',
  'FIELD_CUSTOM_VALIDATION_EXCEPTION',
  'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
  'REQUIRED_FIELD_MISSING',
]);

function toRowError(where: string, refusal: Refusal): CaseloopError {
  const { code } = refusal;
  const message = [where, ...fieldWords(refusal)].join(', ');
  if (isPassing(code)) return new RetryableError(`${message}, try later`);
  if (code === 'REQUEST_LIMIT_EXCEEDED') return new RetryableError(message, { scope: 'account' });
  if (isUnseen(code)) return unseen(where, refusal);
  if (code !== null && RULES_OF_THE_ORG.has(code)) {
    return new ConfigError(`${message}, a rule or an automation of the org forbids it`, {
      fix: 'Let validation rules, required fields, flows and triggers of cases and tasks leave out the user Caseloop acts as.',
    });
  }
  if (isForbidden(code)) {
    return new ConfigError(`${message}, our user may not write it`, {
      fix: 'Let the user Caseloop acts as edit all cases and make tasks, and assign it the permission set "Caseloop".',
    });
  }
  return new PermanentError(message);
}

/** A right that our user lacks. On a record that is referred to it may as well not exist: that is no matter of rights alone. */
function isForbidden(code: string | null): boolean {
  if (code === 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY') return true;
  return (
    code?.startsWith('INSUFFICIENT_ACCESS') === true &&
    code !== 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY'
  );
}

function isName(code: string | null): boolean {
  return code !== null && /^[A-Z][A-Z0-9_]{0,79}$/.test(code);
}
