import { z } from 'zod';
import type { Registry } from '../config.ts';
import { COMMON_KEYS } from './connectors.ts';
import { Root } from './schema.ts';

/** The parts of JSON Schema that are used here. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

const VARIABLE: JsonSchema = { $ref: '#/$defs/variable' };
const VARIABLE_DEFINITION: JsonSchema = {
  type: 'string',
  pattern: '\\$\\{',
  description: `A variable: \${NAME} or \${NAME:-default}.`,
};

/** What editors need to help with a config file: every key with its description, and each connector type's own keys. */
export function buildJsonSchema(types: Registry): JsonSchema {
  const root = toJsonSchema(Root);
  const { connectors = {} } = root.properties ?? {};
  const alternatives = Object.values(types).map(({ type, Config }) =>
    connectorSchema(type, toJsonSchema(Config)),
  );
  const schema = allowVariables({
    title: 'Caseloop configuration',
    ...root,
    properties: {
      ...root.properties,
      connectors: { ...connectors, additionalProperties: { oneOf: alternatives } },
    },
  });
  return { ...schema, $defs: { variable: VARIABLE_DEFINITION } };
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

function connectorSchema(type: string, own: JsonSchema): JsonSchema {
  if (own.properties === undefined)
    throw new TypeError(
      `connector type ${type}: its Config must be a map with fixed keys, found ${own.type ?? 'no type'}`,
    );
  const common = toJsonSchema(z.strictObject(COMMON_KEYS));
  return {
    title: type,
    type: 'object',
    properties: {
      ...common.properties,
      type: { ...common.properties?.type, const: type },
      ...own.properties,
    },
    required: ['type', ...(own.required ?? [])],
    additionalProperties: false,
  };
}

/** The same schema, with a variable allowed wherever only certain texts, numbers or words are. */
function allowVariables(schema: JsonSchema): JsonSchema {
  if (schema.anyOf !== undefined) return { ...schema, anyOf: withVariable(schema.anyOf.map(inner)) };
  if (!isRestricted(schema)) return inner(schema);
  const { description, default: fallback, ...rest } = inner(schema);
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [rest, VARIABLE],
  };
}

function withVariable(alternatives: readonly JsonSchema[]): readonly JsonSchema[] {
  const takesAnyText = alternatives.some((each) => each.type === 'string' && !isRestricted(each));
  return takesAnyText || !alternatives.some(isRestricted) ? alternatives : [...alternatives, VARIABLE];
}

/** A scalar that does not take every text. A connector's `type` chooses the alternative and must stand as it is. */
function isRestricted(schema: JsonSchema): boolean {
  if (schema.const !== undefined) return false;
  if (schema.type === 'number' || schema.type === 'integer' || schema.type === 'boolean') return true;
  return schema.type === 'string' && ['enum', 'pattern', 'format'].some((word) => word in schema);
}

/** The schema with its parts treated, its default put into words, and without what says nothing. */
function inner(schema: JsonSchema): JsonSchema {
  const { $schema: _, ...rest } = schema;
  const kept = Object.entries(rest).filter(([word, value]) => !isNoise(word, value));
  return {
    ...Object.fromEntries(kept.map(([word, value]) => [word, treat(word, value)])),
    ...describeDefault(schema),
  };
}

/** Editors show descriptions, but not all of them defaults. */
function describeDefault({ description, default: fallback }: JsonSchema): JsonSchema {
  if (description === undefined || description.includes('Default')) return {};
  if (fallback === undefined || typeof fallback === 'object') return {};
  return { description: `${description} Default: ${fallback}.` };
}

function treat(word: string, value: unknown): unknown {
  switch (word) {
    case 'properties':
      return Object.fromEntries(
        Object.entries(value as Record<string, JsonSchema>).map(([key, each]) => [key, allowVariables(each)]),
      );
    case 'additionalProperties':
    case 'items':
      return typeof value === 'object' && value !== null ? allowVariables(value as JsonSchema) : value;
    case 'prefixItems':
    case 'oneOf':
    case 'anyOf':
      return (value as readonly JsonSchema[]).map(allowVariables);
    default:
      return value;
  }
}

/** Bounds that every whole number has, and the empty maps that sections default to. */
function isNoise(word: string, value: unknown): boolean {
  if (word === 'minimum' || word === 'maximum') return Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
  return word === 'default' && JSON.stringify(value) === '{}';
}
