// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the config's own variables.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Config, ConfigFileError, loadConfig, parseConfig, type Registry } from '../../src/config.ts';
import { chooseBrand, PLAIN_BRAND, signatureFor } from '../../src/domain/brand.ts';
import { ConfigError } from '../../src/errors.ts';
import { fakeConnector } from './fake-connector.ts';

const TYPES: Registry = { fake: fakeConnector };
const ENV = { SECRET: 'planted-secret-of-more-than-32-characters', TOKEN: 'planted-token' };
const SMALLEST = `
server: { publicUrl: https://survey.acme.example, secret: "\${SECRET}" }
mail: { from: support@acme.example, replyTo: no-reply@acme.example }
connectors:
  desk: { type: fake, baseUrl: https://acme.example, token: "\${TOKEN}" }
`;

function parse(text: string, env: Readonly<Record<string, string>> = {}): Config {
  return parseConfig(text, { file: 'config/caseloop.yaml', env: { ...ENV, ...env }, types: TYPES });
}

function problemsOf(text: string, env: Readonly<Record<string, string>> = {}): string[] {
  try {
    parse(text, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigFileError)
      return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
}

describe('the smallest file', () => {
  const config = parse(SMALLEST);

  it('gets every default', () => {
    expect(config).toMatchObject({
      file: resolve('config/caseloop.yaml'),
      server: { publicUrl: 'https://survey.acme.example', host: '127.0.0.1', port: 7878, trustProxy: false },
      dataDir: resolve('config/.caseloop'),
      database: { url: null },
      queue: { url: null },
      mail: {
        from: 'support@acme.example',
        replyTo: 'no-reply@acme.example',
        url: null,
        concurrency: 10,
        afterCrash: 'resend',
      },
      calendar: { zone: 'UTC', holidays: [] },
      policy: {
        delayMs: 0,
        quietPeriodMs: 14 * 86_400_000,
        again: 'never',
        sampleRatio: 1,
        skip: {
          staff: true,
          merged: true,
          spam: true,
          outbound: true,
          ours: true,
          noPublicReply: true,
          botHandled: false,
          domains: [],
          tags: [],
        },
        maxPerHour: 2000,
        hours: 'always',
        quietHours: null,
        remindAfterMs: null,
      },
      followUp: {
        action: 'task',
        dueIn: { unit: 'business-days', amount: 1 },
        owner: 'assignee',
        lead: {},
        notify: [],
      },
      brands: [],
      writeBack: { gatherMs: 5000, note: false, tag: true },
      signIn: {
        password: true,
        idleMs: 28_800_000,
        lifetimeMs: 604_800_000,
        oidc: null,
        agentsSee: { comments: 'released' },
      },
      report: { zone: 'UTC', minimum: 10, goal: null, baselineDays: 30 },
      credit: 'assignee',
      warnings: [],
    });
    expect(config.calendar.hours[1]).toEqual([{ from: '09:00', to: '17:00' }]);
    expect(config.calendar.hours[6]).toEqual([]);
  });

  it('gets one survey named support on the scale 1-5', () => {
    expect(config.surveys).toEqual([
      {
        name: 'support',
        when: { brand: [], channel: [], tag: [], team: [], language: [] },
        kind: 'csat',
        scale: '1-5',
        satisfiedFrom: 4,
        metric: '2026-11',
        question: { en: 'How would you rate the support you received?' },
        labels: {},
        icons: [],
        followUpBelow: 3,
        expiresMs: 30 * 86_400_000,
        changeWithinMs: 7 * 86_400_000,
        via: 'mail',
        reasons: true,
      },
    ]);
  });

  it("hands the type's own keys to its schema and keeps the common ones apart", () => {
    expect(config.connectors.get('desk')).toMatchObject({
      name: 'desk',
      type: 'fake',
      pollEveryMs: 120_000,
      startFrom: 'now',
      late: 'keep',
      settings: { baseUrl: 'https://acme.example', region: 'eu', pages: 10 },
    });
  });

  it('prints no secret', () => {
    expect(config.server.secrets.map((secret) => secret.reveal())).toEqual([ENV.SECRET]);
    const printed =
      inspect(config, { depth: null, showHidden: true }) + JSON.stringify([config, ...config.connectors]);
    expect(printed).toContain('[secret]');
    expect(printed).not.toContain('planted');
  });
});

describe('values', () => {
  it('takes a trailing slash off the public address and http on loopback', () => {
    const loopback = SMALLEST.replace('https://survey.acme.example', 'http://127.0.0.1:7878/');
    expect(parse(loopback).server.publicUrl).toBe('http://127.0.0.1:7878');
  });

  it('keeps a list of secrets in order', () => {
    const old = 'planted-older-secret-of-more-than-32-characters';
    const rotated = parse(SMALLEST.replace('"${SECRET}"', '["${SECRET}", "${OLD}"]'), { OLD: old });
    expect(rotated.server.secrets.map((secret) => secret.reveal())).toEqual([ENV.SECRET, old]);
  });

  it('reads an instant to start from', () => {
    const dated = SMALLEST.replace('type: fake', 'type: fake, startFrom: "2026-11-01T01:00:00+01:00"');
    expect(parse(dated).connectors.get('desk')?.startFrom).toEqual(new Date('2026-11-01T00:00:00Z'));
  });

  it('takes followUp.below for surveys on 1-5 that say nothing', () => {
    const surveys =
      'surveys: { a: { metric: m }, b: { metric: m, followUpBelow: 2 }, c: { metric: m, scale: stars, followUpBelow: 4 } }';
    const config = parse(`${SMALLEST}followUp: { below: 5 }\n${surveys}\n`);
    expect(config.surveys.map(({ name, followUpBelow }) => [name, followUpBelow])).toEqual([
      ['a', 5],
      ['b', 2],
      ['c', 4],
    ]);
  });

  it("counts the scale's top two points as satisfied unless told otherwise", () => {
    const config = parse(`${SMALLEST}surveys: { a: { metric: m, scale: 0-10, followUpBelow: 0 } }\n`);
    expect(config.surveys[0]).toMatchObject({ satisfiedFrom: 9, followUpBelow: 0 });
  });

  it('fills the defaults of a brand, and takes one signature for every language', () => {
    const brands =
      'brands: { acme: {}, "north-wind": { when: [North Wind], signature: "One\\n Two ", colour: "#ABCDEF" } }';
    const { brands: found } = parse(`${SMALLEST}${brands}\n`);
    expect(found[0]).toEqual({ ...PLAIN_BRAND, key: 'acme' });
    expect(found[1]).toMatchObject({
      when: ['North Wind'],
      signature: { und: 'One\n Two' },
      colour: '#abcdef',
    });
    expect(signatureFor(chooseBrand(found, 'north wind'), 'ja')).toEqual(['One', 'Two']);
  });

  it('warns of each sender that replies would go back to', () => {
    const brands =
      'brands: { a: { from: a@acme.example }, b: { from: b@acme.example, replyTo: r@acme.example } }';
    const pathsOf = (text: string) => parse(text).warnings.map(({ path }) => path);
    expect(pathsOf(`${SMALLEST}${brands}\n`)).toEqual([]);
    const unanswered = SMALLEST.replace(', replyTo: no-reply@acme.example', '');
    expect(pathsOf(`${unanswered}${brands}\n`)).toEqual(['mail.from', 'brands.a.from']);
  });

  it('reads a share in percent', () => {
    expect(parse(`${SMALLEST}policy: { sample: 12.5% }\n`).policy.sampleRatio).toBe(0.125);
  });

  it('reads anchors and aliases', () => {
    const text = `${SMALLEST}followUp: { lead: { default: &lead lead@acme.example, billing: *lead } }\n`;
    const lead = { mail: 'lead@acme.example', name: null, ids: {} };
    expect(parse(text).followUp.lead).toEqual({ default: lead, billing: lead });
  });
});

describe('variables', () => {
  const withHost = (host: string) =>
    SMALLEST.replace('secret:', () => `host: ${JSON.stringify(host)}, secret:`);

  it.each([
    ['${NAME}', { NAME: 'set' }, 'set'],
    ['a${NAME}b${OTHER}c', { NAME: '1', OTHER: '2' }, 'a1b2c'],
    ['${NAME:-default}', {}, 'default'],
    ['${NAME:-default}', { NAME: '' }, 'default'],
    ['${NAME:-default}', { NAME: 'set' }, 'set'],
    ['$${NAME}', { NAME: 'set' }, '${NAME}'],
    ['${NAME}', { NAME: '${OTHER}', OTHER: 'never filled' }, '${OTHER}'],
    ['$NAME costs $5', { NAME: 'set' }, '$NAME costs $5'],
  ])('%s with %o is %s', (written, env, filled) => {
    expect(parse(withHost(written), env).server.host).toBe(filled);
  });

  it('are numbers and booleans where the schema asks for them, in connectors too', () => {
    const text = SMALLEST.replace('secret:', 'port: "${PORT}", trustProxy: "${PROXIES}", secret:').replace(
      'type: fake',
      'type: fake, pages: "${PAGES}", sandbox: "${SANDBOX}"',
    );
    const config = parse(text, { PORT: '8080', PROXIES: '1', PAGES: '7', SANDBOX: 'true' });
    expect(config.server).toMatchObject({ port: 8080, trustProxy: 1 });
    expect(config.connectors.get('desk')?.settings).toMatchObject({ pages: 7, sandbox: true });
  });

  it('stay text where the schema asks for text, and quoted numbers are not numbers', () => {
    expect(parse(withHost('${HOST}'), { HOST: '7' }).server.host).toBe('7');
    expect(problemsOf(SMALLEST.replace('secret:', 'port: "8080", secret:'))).toEqual([
      'server.port: this is text, not a number',
    ]);
  });

  it('are checked like any other value', () => {
    const text = SMALLEST.replace('secret:', 'port: "${PORT}", secret:');
    expect(problemsOf(text, { PORT: '70000' })).toEqual(['server.port: the number is too large']);
  });
});

describe('warnings', () => {
  it('name leads whose user no CRM knows, where tasks are to be theirs', () => {
    const text = (owner: string) => `${SMALLEST}followUp:
  owner: ${owner}
  lead:
    default: lead@acme.example
    Billing: { mail: sam@acme.example, name: Sam, ids: { desk: "7" } }
`;
    const warning = expect.objectContaining({ path: 'followUp.lead.default', line: 9 });
    expect(parse(text('lead')).warnings).toEqual([warning]);
    expect(parse(text('assignee')).warnings).toEqual([]);
    const billing = { mail: 'sam@acme.example', name: 'Sam', ids: { desk: '7' } };
    expect(parse(text('lead')).followUp.lead.Billing).toEqual(billing);
  });

  it('are none for a chat, whose address is a secret', () => {
    const text = `${SMALLEST}followUp: { alerts: { leads: { kind: slack, url: "https://hooks.example/secret-part" } } }\n`;
    expect(JSON.stringify([...parse(text).followUp.chats])).not.toContain('secret-part');
    expect(problemsOf(text.replace('https://hooks', 'http://hooks'))).toEqual([
      'followUp.alerts.leads.url: the address is not https, and not on this machine',
    ]);
    expect(problemsOf(text.replace('leads', 'My leads'))).toEqual([
      'followUp.alerts.My leads: this cannot be a name',
    ]);
  });

  it.each([
    ['How do you like our product?', 1],
    ['Is our pricing fair?', 1],
    ['Wie gefällt Ihnen unser Produkt?', 1],
    ['How would you rate the support you received?', 0],
    ['How productive was our help?', 0],
  ])('%s: %i', (question, count) => {
    const { warnings } = parse(`${SMALLEST}surveys: { a: { metric: m, question: { en: "${question}" } } }\n`);
    expect(warnings.map(({ path }) => path)).toEqual(Array(count).fill('surveys.a.question.en'));
  });

  it.each([
    ['en', 'How was it? And would you come again?', [/more than one question/]],
    ['es', '¿Cómo fue?', []],
    ['eo', 'Kiel estis?', [/everything around the question is in English/]],
    ['de-AT', 'Wie war es?', []],
  ])('%s, %s', (language, question, expected) => {
    const { warnings } = parse(
      `${SMALLEST}surveys: { a: { metric: m, question: { ${language}: "${question}" } } }\n`,
    );
    expect(warnings.map(({ message }) => message)).toEqual(
      expected.map((words) => expect.stringMatching(words)),
    );
  });

  it("come from a connector's type as well", () => {
    const { warnings } = parse(SMALLEST.replace('type: fake', 'type: fake, sandbox: true'));
    expect(warnings).toEqual([
      { line: 5, column: 9, path: 'connectors.desk', message: 'sandbox: this is a test account.' },
    ]);
  });
});

describe('loadConfig', () => {
  it('reads a file and starts relative paths at its folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'caseloop-config-'));
    const file = join(folder, 'caseloop.yaml');
    await writeFile(file, `${SMALLEST}dataDir: ../data\n`);
    const config = await loadConfig({ file, env: ENV, types: TYPES });
    expect(config.file).toBe(file);
    expect(config.dataDir).toBe(join(folder, '../data'));
  });

  it('says what to do when there is no file', async () => {
    const loading = loadConfig({ file: 'no/such.yaml', env: ENV, types: TYPES });
    await expect(loading).rejects.toThrow(ConfigError);
    await expect(loading).rejects.toMatchObject({
      message: 'Config file no/such.yaml: there is no such file.',
      fix: 'Copy config/example.yaml to no/such.yaml and edit it, or name another file with --config.',
    });
  });

  it('says so when the file is a folder', async () => {
    await expect(loadConfig({ file: tmpdir(), env: ENV, types: TYPES })).rejects.toThrow(
      /cannot be read \(EISDIR\)/,
    );
  });
});
