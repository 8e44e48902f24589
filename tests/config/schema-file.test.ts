import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { connectorTypes } from '../../connectors/index.ts';
import { renderSchemaFile } from '../../src/cli/schema-file.ts';
import { buildJsonSchema, type JsonSchema } from '../../src/config/json-schema.ts';
import { parseConfig } from '../../src/config.ts';

const SCHEMA_FILE = new URL('../../config/schema.json', import.meta.url);
const EXAMPLE_FILE = fileURLToPath(new URL('../../config/example.yaml', import.meta.url));
const EXAMPLE = readFileSync(EXAMPLE_FILE, 'utf8');
const PRIVATE_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const ENV = {
  CASELOOP_SECRET: 'planted-secret-of-more-than-32-characters',
  DATABASE_URL: 'postgres://planted:planted@localhost/caseloop',
  REDIS_URL: 'redis://:planted@localhost',
  SMTP_URL: 'smtp://planted:planted@localhost:587',
  ZENDESK_SECRET: 'planted-client-secret',
  ZENDESK_REFRESH_TOKEN: 'planted-refresh-token',
  ZENDESK_HOOK: 'planted-hook-secret',
  OIDC_SECRET: 'planted-oidc-secret',
  ZENDESK_API_TOKEN: 'planted-api-token',
  FRESHDESK_API_KEY: 'planted-api-key',
  FRESHDESK_HOOK: 'planted-hook-secret-of-some-length',
  SF_SECRET: 'planted-consumer-secret',
  SF_PRIVATE_KEY: PRIVATE_KEY,
  DKIM_KEY: PRIVATE_KEY,
  MAILBOX_URL: 'imaps://planted:planted@localhost/INBOX',
  SLACK_URL: 'https://hooks.slack.example/planted',
  WEBHOOK_SECRET: `whsec_${Buffer.from('planted-key-of-32-bytes-in-base64').toString('base64')}`,
};

it('config/schema.json is up to date', () => {
  const committed = readFileSync(SCHEMA_FILE, 'utf8');
  expect(
    committed === renderSchemaFile(connectorTypes),
    'config/schema.json is stale: run `npm run schema`',
  ).toBe(true);
});

it('every key has a description, and every simple key says what is allowed', () => {
  for (const { path, schema } of keysOf(buildJsonSchema(connectorTypes), '')) {
    expect(schema.description, path).toMatch(/\.$/);
    if (!path.startsWith('connectors.')) expect(schema.description, path).toMatch(/Allowed: /);
  }
});

it('config/example.yaml is valid, warns of what an admin should know, and shows no secret', () => {
  const config = parseConfig(EXAMPLE, { file: EXAMPLE_FILE, env: ENV, types: connectorTypes });
  expect([...config.connectors.keys()]).toEqual(['zendesk-eu', 'zendesk-us', 'desk', 'sf', 'sf-jwt']);
  expect(config.warnings.map(({ path }) => path)).toEqual(['connectors.zendesk-us', 'connectors.sf-jwt']);
  const shown = JSON.stringify([config, ...config.connectors]);
  expect(shown).not.toContain('planted');
  expect(shown).not.toContain('PRIVATE KEY');
});

it('config/example.yaml names the schema for editors and has every key', () => {
  expect(EXAMPLE.split('\n')[0]).toBe('# yaml-language-server: $schema=./schema.json');
  const written = new Set(pathsOf(parse(EXAMPLE), ''));
  const missing = keysOf(buildJsonSchema(connectorTypes), '').filter(({ path }) => !written.has(path));
  expect(missing.map(({ path }) => path)).toEqual([]);
});

it('config/example.yaml writes every default as it is', () => {
  const values = new Map(valuesOf(parse(EXAMPLE), ''));
  for (const { path, schema } of keysOf(buildJsonSchema(connectorTypes), '')) {
    const isPlain = schema.default !== undefined && typeof schema.default !== 'object';
    if (isPlain && path !== 'calendar.zone') expect(values.get(path), path).toBe(schema.default);
  }
});

/** Every key the schema knows; names that an admin chooses are `*`. */
function keysOf(schema: JsonSchema, path: string): { path: string; schema: JsonSchema }[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, each]) => {
    const below = join(path, key);
    return [{ path: below, schema: each }, ...keysOf(each, below)];
  });
  const named =
    typeof schema.additionalProperties === 'object'
      ? keysOf(schema.additionalProperties, join(path, '*'))
      : [];
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((each) =>
    keysOf(each, path),
  );
  return [...own, ...named, ...alternatives];
}

/** Sections whose keys are names that an admin chooses. */
const NAMED = new Set(['connectors', 'surveys', 'brands', 'webhooks', 'followUp.lead', 'followUp.alerts']);

function pathsOf(value: unknown, path: string): string[] {
  return valuesOf(value, path).map(([found]) => found);
}

function valuesOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
    const below = join(path, NAMED.has(path) ? '*' : key);
    return [[below, each], ...valuesOf(each, below)];
  });
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
