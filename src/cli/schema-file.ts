import { buildJsonSchema } from '../config/json-schema.ts';
import type { Registry } from '../config.ts';

/** The text of `config/schema.json`: the same connector types give the same text. */
export function renderSchemaFile(types: Registry): string {
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...buildJsonSchema(types) };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
