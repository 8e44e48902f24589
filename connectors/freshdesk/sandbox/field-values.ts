import type { FieldValue, Ticket, TicketField } from './model.ts';
import { type BodyReader, isObject } from './params.ts';
import type { FieldErrorCode } from './refusal.ts';
import type { State } from './state.ts';
import { isDone } from './tickets.ts';

const LONGEST_TEXT = 255;
const LONGEST_PARAGRAPH = 65_535;

type Verdict = { readonly value: FieldValue } | { readonly wrong: string; readonly code: FieldErrorCode };

/** The values of `custom_fields` by name; wrong ones become complaints of the reader. */
export function readFieldValues(
  state: State,
  reader: BodyReader,
): ReadonlyMap<string, FieldValue> | undefined {
  const given = reader.raw('custom_fields');
  if (given === undefined) return undefined;
  if (!isObject(given)) {
    reader.complain('custom_fields', 'It should be a/an Hash', 'datatype_mismatch');
    return undefined;
  }
  const fields = new Map([...state.fields.values()].map((field) => [field.name, field]));
  const values = new Map<string, FieldValue>();
  for (const [name, value] of Object.entries(given)) {
    const field = fields.get(name);
    const where = `custom_fields.${name}`;
    if (field === undefined || field.isDefault) {
      reader.complain(where, 'Unexpected/invalid field in request', 'invalid_field');
      continue;
    }
    const verdict = judge(field, value);
    if ('wrong' in verdict) reader.complain(where, verdict.wrong, verdict.code);
    else values.set(name, verdict.value);
  }
  return values;
}

/** Complains about fields that must hold something before a ticket can be resolved or closed. */
export function demandForClosure(
  state: State,
  reader: BodyReader,
  before: Pick<Ticket, 'status' | 'fieldValues'> | null,
  after: { readonly status: number; readonly values: ReadonlyMap<string, FieldValue> | undefined },
): void {
  if (!isDone(after.status) || (before !== null && isDone(before.status))) return;
  for (const field of state.fields.values()) {
    if (!field.requiredForClosure || field.isDefault) continue;
    const value = after.values?.has(field.name)
      ? after.values.get(field.name)
      : before?.fieldValues.get(field.name);
    if (value === undefined || value === null || value === '')
      reader.complain(
        `custom_fields.${field.name}`,
        'It should not be blank as this is a mandatory field',
        'missing_field',
      );
  }
}

function judge(field: TicketField, value: unknown): Verdict {
  if (value === null) return { value };
  switch (field.type) {
    case 'custom_number':
      return Number.isSafeInteger(value) ? { value: Number(value) } : mismatch(value, 'Integer');
    case 'custom_decimal':
      return typeof value === 'number' ? { value } : mismatch(value, 'Number');
    case 'custom_checkbox':
      return typeof value === 'boolean' ? { value } : mismatch(value, 'Boolean');
    case 'custom_paragraph':
      return judgeText(value, LONGEST_PARAGRAPH);
    case 'custom_date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)
        ? { value }
        : { wrong: "It should be in the 'yyyy-mm-dd' format", code: 'invalid_value' };
    case 'custom_dropdown': {
      const choices = field.choices.map((choice) => choice.value);
      if (typeof value !== 'string') return mismatch(value, 'String');
      if (choices.includes(value)) return { value };
      return { wrong: `It should be one of these values: '${choices.join(',')}'`, code: 'invalid_value' };
    }
    default:
      return judgeText(value, LONGEST_TEXT);
  }
}

function judgeText(value: unknown, longest: number): Verdict {
  if (typeof value !== 'string') return mismatch(value, 'String');
  const { length } = [...value];
  if (length <= longest) return { value };
  return {
    wrong: `Has ${length} characters, it can have maximum of ${longest} characters`,
    code: 'invalid_value',
  };
}

function mismatch(value: unknown, wanted: string): Verdict {
  const kind = typeof value === 'number' ? 'Number' : typeof value === 'string' ? 'String' : 'Other';
  return { wrong: `Value set is of type ${kind}.It should be a/an ${wanted}`, code: 'datatype_mismatch' };
}
