import type { Outcome, Receipt, WriteBack } from '../../src/connector.ts';
import { answerNote } from '../../src/domain/answer-note.ts';
import { PermanentError } from '../../src/errors.ts';
import type { SalesforceApi } from './client.ts';
import { addPrivateComments } from './comments.ts';
import { FIELD_API_NAMES, LONGEST_COMMENT, LONGEST_LINK, LONGEST_REASONS } from './fields.ts';
import { toId } from './ids.ts';
import { errorOf, outcomeOf, requireBatch, SaveResults, throwWhenUnseen } from './rows.ts';
import { boundUnits } from './texts.ts';

/** The latest answer for a case, on behalf of all items of the batch that are about it. */
interface Update {
  item: WriteBack;
  readonly keys: string[];
}

/**
 * Puts answers on cases by one collection call; closed cases take them too. Only our fields are sent, so the rest of the
 * case, its status among it, stays as it is, and nothing mails the customer. The same input twice leaves the same fields;
 * a note would stand twice. Every row has an outcome of its own.
 *
 * Throws ConfigError when a field is missing or hidden. https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_update.htm (2026-11-22)
 */
export async function writeBackAll(api: SalesforceApi, items: readonly WriteBack[]): Promise<Receipt> {
  requireBatch('write-back', items);
  const { updates, outcomes } = latestPerCase(items);
  if (updates.size === 0) return { outcomes };
  const records = [...updates].map(([Id, { item }]) => ({ Id, ...fieldValues(item) }));
  const rows = await api.call(SaveResults, (salesforce) => salesforce.update('Case', records));
  const written = [...updates].map(([caseId, update], index) => ({
    caseId,
    ...update,
    error: errorOf('write-back', rows[index]),
  }));
  throwWhenUnseen(written.map(({ error }) => error));
  const noted = written.filter(({ item, error }) => item.note && error === null);
  const comments = noted.map(({ caseId, item }) => ({ caseId, text: answerNote(item) }));
  const errors = await addPrivateComments(api, comments);
  const noteErrors = new Map(noted.map(({ caseId }, index) => [caseId, errors[index] ?? null]));
  for (const { caseId, keys, error } of written)
    outcomes.push(...keys.map((key) => outcomeOf(key, error ?? noteErrors.get(caseId) ?? null, null)));
  return { outcomes };
}

/** A case may stand once in a call (unconfirmed, 2026-11-22). What names no case fails alone. */
function latestPerCase(items: readonly WriteBack[]): { updates: Map<string, Update>; outcomes: Outcome[] } {
  const updates = new Map<string, Update>();
  const outcomes: Outcome[] = [];
  for (const item of items) {
    const caseId = toId('case', item.caseId);
    const other = caseId === null ? undefined : updates.get(caseId);
    if (caseId === null) outcomes.push(outcomeOf(item.key, noSuchCase('write-back'), null));
    else if (other === undefined) updates.set(caseId, { item, keys: [item.key] });
    else {
      other.keys.push(item.key);
      if (item.answeredAt >= other.item.answeredAt) other.item = item;
    }
  }
  return { updates, outcomes };
}

/** For an id that no case can have. */
export function noSuchCase(what: string): PermanentError {
  return new PermanentError(`Salesforce ${what}: the id is not one of a case`);
}

function fieldValues(item: WriteBack): Record<string, string | number | null> {
  const reasons = item.reasons.join(', ');
  return {
    [FIELD_API_NAMES.score]: item.score,
    [FIELD_API_NAMES.rating]: item.rating,
    [FIELD_API_NAMES.level]: item.level,
    [FIELD_API_NAMES.comment]: item.comment === null ? null : boundUnits(item.comment, LONGEST_COMMENT),
    [FIELD_API_NAMES.reasons]: reasons === '' ? null : boundUnits(reasons, LONGEST_REASONS),
    [FIELD_API_NAMES.answeredAt]: item.answeredAt.toISOString(),
    // Half an address leads nowhere, and none must keep the score from the record.
    [FIELD_API_NAMES.link]: item.link.length > LONGEST_LINK ? null : item.link,
  };
}
