import type { WriteBack } from '../../src/connector.ts';
import { ConfigError } from '../../src/errors.ts';
import { Invalid } from './refusal.ts';
import type { AnswerFields, FieldDirectory } from './ticket-fields.ts';

/** The most a paragraph takes as far as we know; the answer itself is kept whole in Caseloop. */
const LONGEST_TEXT = 65_535;
const CUT_MARK = ' [... cut here, the whole text is in Caseloop]';

/** An answer as `custom_fields`. Names that are not sent keep their value (unconfirmed, see README). */
export function fieldValues(item: WriteBack, names: AnswerFields): Readonly<Record<string, unknown>> {
  const reasons = item.reasons.join(', ');
  return {
    [names.score]: item.score,
    [names.rating]: item.rating,
    [names.level]: item.level,
    [names.comment]: item.comment === null ? null : boundText(item.comment),
    [names.reasons]: reasons === '' ? null : boundText(reasons),
    [names.answeredAt]: item.answeredAt.toISOString(),
    [names.link]: item.link,
  };
}

/** Cuts between characters, never inside one, and says that it did. */
function boundText(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  const kept = text.slice(0, LONGEST_TEXT - CUT_MARK.length);
  return `${kept.replace(/[\uD800-\uDBFF]$/, '')}${CUT_MARK}`;
}

/**
 * Sends our fields. When Freshdesk refuses one of them, an admin has removed or changed it: that is a ConfigError and no
 * fault of this answer, and the names are read anew the next time. One that must be filled to close a ticket is the ticket's matter.
 */
export async function withOurFields<T>(
  fields: FieldDirectory,
  names: readonly string[],
  send: () => Promise<T>,
): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const ours = error.refused.find(
      ({ field, code }) => code !== 'missing_field' && names.includes(field.split('.').at(-1) ?? ''),
    );
    if (ours === undefined) throw error;
    fields.forget();
    throw new ConfigError(`${error.message}: the account's field is not as Caseloop made it`, {
      fix: 'Run `caseloop check`, put the CSAT fields right in Freshdesk (or `caseloop provision --apply`), then restart.',
      cause: error,
    });
  }
}
