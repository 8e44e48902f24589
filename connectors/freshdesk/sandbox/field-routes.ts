import type { ApiRoute } from './api.ts';
import { presentAdminField, presentField } from './field-presenters.ts';
import type { FieldChoice, TicketField } from './model.ts';
import { PAGE_PARAMS, pageReply } from './paging.ts';
import { allowOnly, type BodyReader, isObject, readBody } from './params.ts';
import { conflict, notFound } from './refusal.ts';
import { type State, stamp, takeId } from './state.ts';

const CUSTOM_TYPES = [
  'custom_text',
  'custom_paragraph',
  'custom_number',
  'custom_decimal',
  'custom_checkbox',
  'custom_date',
  'custom_dropdown',
  'custom_url',
  'custom_phone_number',
];

const FLAGS = {
  displayed_to_customers: 'displayedToCustomers',
  customers_can_edit: 'customersCanEdit',
  required_for_customers: 'requiredForCustomers',
  required_for_agents: 'requiredForAgents',
  required_for_closure: 'requiredForClosure',
} as const;

const DEFAULT_FIELDS: readonly (readonly [string, string])[] = [
  ['requester', 'Search a requester'],
  ['subject', 'Subject'],
  ['ticket_type', 'Type'],
  ['source', 'Source'],
  ['status', 'Status'],
  ['priority', 'Priority'],
  ['group', 'Group'],
  ['agent', 'Agent'],
  ['product', 'Product'],
  ['company', 'Company'],
  ['description', 'Description'],
];

/** Puts the fields on the form that every account has. */
export function addDefaultFields(state: State): void {
  for (const [name, label] of DEFAULT_FIELDS) {
    const position = state.fields.size + 1;
    putField(state, { name, label, type: `default_${name}`, isDefault: true, position, choices: [] });
  }
}

/** Fields as agents read them, and as admins read and make them. */
export function fieldRoutes(state: State): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/ticket_fields',
      handle(call) {
        allowOnly(call.query, ['type', ...PAGE_PARAMS]);
        const type = call.query.get('type');
        const fields = inOrder(state).filter((field) => type === null || field.type === type);
        // The whole form at once, unless pages are asked for.
        if (call.query.has('page') || call.query.has('per_page'))
          return pageReply(call, fields, (field) => presentField(state, field));
        return { body: fields.map((field) => presentField(state, field)) };
      },
    },
    {
      method: 'GET',
      path: '/admin/ticket_fields',
      adminOnly: true,
      handle({ query }) {
        allowOnly(query, []);
        return { body: inOrder(state).map((field) => presentAdminField(field, { withChoices: false })) };
      },
    },
    {
      method: 'GET',
      path: '/admin/ticket_fields/:id',
      adminOnly: true,
      handle({ id, query }) {
        allowOnly(query, []);
        return { body: presentAdminField(fieldOf(state, id), { withChoices: true }) };
      },
    },
    {
      method: 'POST',
      path: '/admin/ticket_fields',
      adminOnly: true,
      handle({ query, body }) {
        allowOnly(query, []);
        return { status: 201, body: presentAdminField(createField(state, body), { withChoices: true }) };
      },
    },
    {
      method: 'PUT',
      path: '/admin/ticket_fields/:id',
      adminOnly: true,
      handle({ id, query, body }) {
        allowOnly(query, []);
        const field = fieldOf(state, id);
        updateField(state, field, body);
        return { body: presentAdminField(field, { withChoices: true }) };
      },
    },
  ];
}

function inOrder(state: State): readonly TicketField[] {
  return [...state.fields.values()].sort((a, b) => a.position - b.position || a.id - b.id);
}

function fieldOf(state: State, id: number): TicketField {
  const field = state.fields.get(id);
  if (field === undefined) throw notFound();
  return field;
}

function createField(state: State, body: unknown): TicketField {
  const reader = readBody(body);
  const label = reader.text('label', { longest: 255, isRequired: true }) ?? '';
  const labelForCustomers = reader.text('label_for_customers', { longest: 255, isRequired: true }) ?? '';
  const type = reader.text('type', { isRequired: true }) ?? '';
  if (type !== '' && !CUSTOM_TYPES.includes(type))
    reader.complain('type', `It should be one of these values: '${CUSTOM_TYPES.join(',')}'`);
  const position = reader.integer('position') ?? 1;
  const flags = readFlags(reader);
  const choices = readChoiceList(state, reader, type);
  if (type === 'custom_dropdown' && !reader.has('choices'))
    reader.complain('choices', 'It should not be blank as this is a mandatory field', 'missing_field');
  reader.done();
  demandFreshLabel(state, label, null);
  return putField(state, {
    ...{ name: nameFor(state, label), label, labelForCustomers, type, isDefault: false, position },
    choices: choices ?? [],
    flags,
  });
}

function updateField(state: State, field: TicketField, body: unknown): void {
  const reader = readBody(body);
  const label = reader.text('label', { longest: 255 });
  const labelForCustomers = reader.text('label_for_customers', { longest: 255 });
  const position = reader.integer('position');
  const flags = readFlags(reader);
  const choices = readChoiceList(state, reader, field.type);
  for (const key of ['type', 'name'])
    if (reader.raw(key) !== undefined) reader.complain(key, 'It cannot be changed', 'readonly_field');
  reader.done();
  if (label !== undefined) demandFreshLabel(state, label, field);
  Object.assign(field, flags, { updatedAt: stamp(state) });
  if (label !== undefined) field.label = label;
  if (labelForCustomers !== undefined) field.labelForCustomers = labelForCustomers;
  if (position !== undefined) field.position = position;
  if (choices !== undefined) field.choices = mergeChoices(field.choices, choices);
}

/** Choices with an id or the same value are changed; others are added. Nothing is taken away by leaving it out. */
function mergeChoices(old: readonly FieldChoice[], given: readonly FieldChoice[]): readonly FieldChoice[] {
  const kept = old.map((choice) => {
    const change = given.find(({ id, value }) => id === choice.id || value === choice.value);
    return change === undefined ? choice : { ...change, id: choice.id };
  });
  const added = given.filter(
    (choice) => !old.some(({ id, value }) => id === choice.id || value === choice.value),
  );
  return [...kept, ...added].sort((a, b) => a.position - b.position);
}

function readFlags(reader: BodyReader): Partial<TicketField> {
  const flags: Partial<TicketField> = {};
  for (const [key, name] of Object.entries(FLAGS)) {
    const value = reader.boolean(key);
    if (value !== undefined) flags[name as (typeof FLAGS)[keyof typeof FLAGS]] = value;
  }
  return flags;
}

function readChoiceList(state: State, reader: BodyReader, type: string): readonly FieldChoice[] | undefined {
  const given = reader.raw('choices');
  if (given === undefined) return undefined;
  if (type !== 'custom_dropdown') {
    reader.complain('choices', 'Unexpected/invalid field in request', 'invalid_field');
    return undefined;
  }
  if (!Array.isArray(given)) {
    reader.complain('choices', 'Value set is of type Hash.It should be a/an Array', 'datatype_mismatch');
    return undefined;
  }
  const choices: FieldChoice[] = [];
  for (const [at, entry] of given.entries()) {
    const { id, value, position = at + 1, ...rest } = isObject(entry) ? entry : {};
    const isKnown = id === undefined || Number.isSafeInteger(id);
    if (typeof value !== 'string' || value === '' || !Number.isSafeInteger(position) || !isKnown)
      reader.complain('choices', 'It should have a value and a position', 'invalid_value');
    else if (Object.keys(rest).length > 0)
      reader.complain('choices', 'Unexpected/invalid field in request', 'invalid_field');
    else if (choices.some((choice) => choice.value === value))
      reader.complain('choices', 'It should not have the same value twice', 'duplicate_value');
    else
      choices.push({ id: id === undefined ? takeId(state) : Number(id), value, position: Number(position) });
  }
  return choices;
}

function demandFreshLabel(state: State, label: string, self: TicketField | null): void {
  const same = [...state.fields.values()].find(
    (field) => field !== self && field.label.toLowerCase() === label.toLowerCase(),
  );
  if (same === undefined) return;
  throw conflict({ field: 'label', message: 'It should be a unique value', code: 'duplicate_value' });
}

/** The server's own name for it: every other one gets the account's number. */
function nameFor(state: State, label: string): string {
  const slug = label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '');
  const names = new Set([...state.fields.values()].map(({ name }) => name));
  const plain = `cf_${slug === '' ? 'field' : slug}`;
  const isSuffixed = state.isNextFieldSuffixed || names.has(plain);
  state.isNextFieldSuffixed = !state.isNextFieldSuffixed;
  return isSuffixed ? `${plain}_${state.accountId}` : plain;
}

function putField(
  state: State,
  input: Pick<TicketField, 'name' | 'label' | 'type' | 'isDefault' | 'position' | 'choices'> & {
    readonly labelForCustomers?: string;
    readonly flags?: Partial<TicketField>;
  },
): TicketField {
  const { labelForCustomers = input.label, flags = {}, ...facts } = input;
  const at = stamp(state);
  for (const other of state.fields.values()) if (other.position >= input.position) other.position += 1;
  const field: TicketField = {
    id: takeId(state),
    ...facts,
    labelForCustomers,
    displayedToCustomers: false,
    customersCanEdit: false,
    requiredForCustomers: false,
    requiredForAgents: false,
    requiredForClosure: false,
    createdAt: at,
    updatedAt: at,
    ...flags,
  };
  state.fields.set(field.id, field);
  return field;
}
