import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { connectorTypes } from '../../connectors/index.ts';
import { type Environment, parseConfig } from '../../src/config.ts';
import { readPages } from './pages.ts';

const blocks = readPages().flatMap((page) =>
  page.blocks
    .filter(({ language }) => language === 'yaml')
    .map(({ text, line }) => ({ place: `${page.path}:${line}`, text })),
);

/** What a fragment leaves out. */
const REST = {
  server: { publicUrl: 'https://survey.acme.example', secret: 's'.repeat(32) },
  mail: { from: 'Acme Support <support@acme.example>', replyTo: 'no-reply@acme.example' },
  connectors: {
    desk: {
      type: 'zendesk',
      baseUrl: 'https://acme.zendesk.com',
      auth: { clientId: 'caseloop', clientSecret: 'x' },
    },
  },
  surveys: { support: { metric: '2026-11' } },
};

const ADDRESSES: Environment = {
  DATABASE_URL: 'postgres://caseloop@127.0.0.1/caseloop',
  REDIS_URL: 'redis://127.0.0.1',
  SMTP_URL: 'smtp://127.0.0.1',
  MAILBOX_URL: 'imap://survey@127.0.0.1/INBOX',
  DKIM_KEY: generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
  SLACK_URL: 'https://hooks.slack.example/services/x',
  TEAMS_URL: 'https://flows.teams.example/x',
  WEBHOOK_SECRET: `whsec_${Buffer.from('a key for the tests, long enough').toString('base64')}`,
};

/** A value for every variable that a text asks for. */
function environmentFor(text: string): Environment {
  const names = [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => name);
  return { ...Object.fromEntries(names.map((name) => [name, 'x'.repeat(40)])), ...ADDRESSES };
}

/** A block is a whole file, or top-level keys of one. */
function load(text: string) {
  const keys = parse(text) as Record<string, unknown>;
  const whole = 'server' in keys ? text : stringify({ ...REST, ...keys });
  const file = 'config/caseloop.yaml';
  return parseConfig(whole, { file, env: environmentFor(text), types: connectorTypes });
}

describe('YAML in the docs', () => {
  it('is found', () => {
    expect(blocks.map(({ place }) => place.split(':')[0])).toEqual(
      expect.arrayContaining(['README.md', 'connectors/zendesk/README.md']),
    );
  });

  it.each(blocks)('$place is a valid config without warnings', ({ text }) => {
    expect(load(text).warnings).toEqual([]);
  });

  it('would be noticed if it were not', () => {
    expect(() => load('policy: { delay: 5 }')).toThrow(/policy.delay/);
  });
});
