import type { FieldValue, Ticket, TicketField } from './model.ts';
import { type RefusalDetail, recordInvalid } from './refusal.ts';
import type { State } from './state.ts';

/**
 * Puts values into a ticket's custom fields; the tags of pick lists follow. Values for fields that do not exist or are
 * switched off are dropped. Throws a 422 with one detail per value that the field cannot hold.
 */
export function setFieldValues(
  state: State,
  ticket: Ticket,
  values: readonly { readonly id: number; readonly value: unknown }[],
): void {
  const problems: RefusalDetail[] = [];
  for (const { id, value } of values) {
    const field = state.fields.get(id);
    if (field === undefined || !field.active) continue;
    const accepted = acceptValue(field, value);
    if (accepted === undefined) {
      problems.push({
        description: `${field.title}: is invalid`,
        error: 'InvalidValue',
        ticket_field_id: field.id,
        ticket_field_type: field.type,
      });
      continue;
    }
    const before = ticket.fieldValues.get(id) ?? null;
    ticket.fieldValues.set(id, accepted);
    const gone = new Set(tagsOf(field, before));
    ticket.tags = [
      ...new Set([...ticket.tags.filter((tag) => !gone.has(tag)), ...tagsOf(field, accepted)]),
    ].sort();
  }
  if (problems.length > 0) throw recordInvalid({ base: problems });
}

/** After a ticket's tags were set: a pick list whose tag is gone is emptied, one whose tag appeared is filled. */
export function followTags(state: State, ticket: Ticket): void {
  for (const field of state.fields.values()) {
    if (field.type !== 'tagger' || !field.active) continue;
    const present = field.options.map((option) => option.value).filter((tag) => ticket.tags.includes(tag));
    const current = ticket.fieldValues.get(field.id) ?? null;
    if (typeof current === 'string' && present.includes(current)) continue;
    ticket.fieldValues.set(field.id, present[0] ?? null);
  }
}

/** Refuses (422) when a field that solving requires is empty. */
export function checkRequiredOnSolve(state: State, ticket: Ticket): void {
  const missing: RefusalDetail[] = [];
  for (const id of state.requiredOnSolve) {
    const field = state.fields.get(id);
    const value = ticket.fieldValues.get(id) ?? null;
    if (field === undefined || !field.active || (value !== null && value !== '')) continue;
    missing.push({
      description: `${field.title}: is required when solving a ticket`,
      error: null,
      ticket_field_id: field.id,
      ticket_field_type: field.type,
    });
  }
  if (missing.length > 0) throw recordInvalid({ base: missing });
}

function tagsOf(field: TicketField, value: FieldValue): readonly string[] {
  if (field.type === 'tagger') return typeof value === 'string' ? [value] : [];
  if (field.type === 'multiselect') return Array.isArray(value) ? value : [];
  return [];
}

/** The value as the field keeps it; undefined when it cannot hold it. */
function acceptValue(field: TicketField, value: unknown): FieldValue | undefined {
  if (value === null || value === '') return field.type === 'checkbox' ? false : null;
  switch (field.type) {
    case 'integer':
      return acceptNumber(value, /^-?\d+$/);
    case 'decimal':
      return acceptNumber(value, /^-?\d+(\.\d+)?$/);
    case 'checkbox':
      return value === true || value === 'true'
        ? true
        : value === false || value === 'false'
          ? false
          : undefined;
    case 'date':
      return typeof value === 'string' && isDay(value) ? value : undefined;
    case 'regexp':
      return typeof value === 'string' && new RegExp(field.regexp ?? '').test(value) ? value : undefined;
    case 'tagger':
      return typeof value === 'string' && isOption(field, value) ? value : undefined;
    case 'multiselect':
      return isStringList(value) && value.every((one) => isOption(field, one)) ? value : undefined;
    default:
      return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  }
}

function acceptNumber(value: unknown, form: RegExp): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  return form.test(String(value)) ? Number(value) : undefined;
}

function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isOption(field: TicketField, value: string): boolean {
  return field.options.some((option) => option.value === value);
}

/** A day of the calendar, `YYYY-MM-DD` and nothing behind it. */
function isDay(value: string): boolean {
  const at = new Date(`${value}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value);
}
