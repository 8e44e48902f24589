import type { WriteBack } from '../../src/connector.ts';
import { type FieldIds, LEVEL_VALUES } from './fields.ts';

/** The most a text field takes; the answer itself is kept whole in Caseloop. */
const LONGEST_TEXT = 65_535;
const CUT_MARK = ' [... cut here, the whole text is in Caseloop]';

/** An answer as the values of our ticket fields. */
export function fieldValues(
  item: WriteBack,
  ids: FieldIds,
): readonly { readonly id: number; readonly value: string | number | null }[] {
  const reasons = item.reasons.join(', ');
  return [
    { id: ids.score, value: item.score },
    { id: ids.rating, value: item.rating },
    { id: ids.level, value: LEVEL_VALUES[item.level] },
    { id: ids.comment, value: item.comment === null ? null : boundText(item.comment) },
    { id: ids.reasons, value: reasons === '' ? null : boundText(reasons) },
    { id: ids.answeredAt, value: item.answeredAt.toISOString() },
    { id: ids.link, value: item.link },
  ];
}

/** Cuts between characters, never inside one, and says that it did. */
export function boundText(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  const kept = text.slice(0, LONGEST_TEXT - CUT_MARK.length);
  return `${kept.replace(/[\uD800-\uDBFF]$/, '')}${CUT_MARK}`;
}
