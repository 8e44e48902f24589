import { z } from 'zod';
import type { Endpoint } from './endpoint.ts';
import type { Parameter } from './query.ts';
import * as shapes from './shapes.ts';

/** The document of the API (OpenAPI 3.1), made from what the answers are made from. */
export function openApiOf(endpoints: readonly Endpoint[], publicUrl: string): Record<string, unknown> {
  const schemas = componentsOf(shapes);
  const nameOf = (schema: z.ZodType): string =>
    Object.entries(shapes).find(([, one]) => one === schema)?.[0] ?? '';
  return {
    openapi: '3.1.0',
    info: {
      title: 'Caseloop',
      version: 'v1',
      description:
        'Figures, closures and answers. Instants are ISO 8601 in UTC, days are YYYY-MM-DD in the zone of reports, durations are whole milliseconds.',
    },
    servers: [{ url: publicUrl }],
    security: [{ key: [] }],
    paths: Object.fromEntries(
      endpoints.map((one) => [one.path.replace(/:(\w+)/g, '{$1}'), { get: operationOf(one, nameOf) }]),
    ),
    components: {
      schemas,
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key.' } },
    },
  };
}

function operationOf({ path, about, parameters, answer }: Endpoint, nameOf: (schema: z.ZodType) => string) {
  const content =
    answer === null
      ? { 'text/csv': { schema: { type: 'string' } } }
      : { 'application/json': { schema: ref(nameOf(answer)) } };
  const refused = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: ref('Problem') } },
  });
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    summary: about,
    parameters: [...inPath, ...parameters.map(parameterOf)],
    responses: {
      200: { description: 'The answer.', content },
      400: refused('The query cannot be answered; `problems` says why.'),
      401: refused('No key, or one that is not valid any more.'),
      ...(inPath.length > 0 ? { 404: refused('There is none, or it is not for this key.') } : {}),
    },
  };
}

function parameterOf({ name, about, isList = false, schema = { type: 'string' } }: Parameter) {
  return {
    name,
    in: 'query',
    description: about,
    schema: isList ? { type: 'array', items: schema } : schema,
    ...(isList ? { style: 'form', explode: true } : {}),
  };
}

function ref(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}

function componentsOf(named: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named))
    if (schema instanceof z.ZodType) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    io: 'output',
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  );
}
