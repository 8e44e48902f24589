import type { Import, Source } from './source-tree.ts';

/** A rule about the source tree, with a tree that breaks it: a rule that cannot fail is none. */
export interface Rule {
  readonly name: string;
  /** What is wrong with one file of product code. */
  look(source: Source): readonly Breach[];
  /** Files that may break it, each with the reason. */
  readonly excused?: Readonly<Record<string, string>>;
  /** Files by path that break the rule, each in at least one place. */
  readonly broken: Readonly<Record<string, string>>;
}

interface Breach {
  readonly line: number;
  readonly what: string;
}

/** Every breach that is not excused, as `path:line what`. */
export function breachesOf(rule: Rule, sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ path }) => rule.excused?.[path] === undefined)
    .filter(isProduct)
    .flatMap((source) => rule.look(source).map(({ line, what }) => `${source.path}:${line} ${what}`));
}

/** Excuses for files that keep the rule by now, or are gone. */
export function staleExcuses(rule: Rule, sources: readonly Source[]): readonly string[] {
  return Object.keys(rule.excused ?? {}).filter((path) => {
    const source = sources.find((one) => one.path === path);
    return source === undefined || rule.look(source).length === 0;
  });
}

/** Files beside the product code that only tests use. Product code may not import them. */
const TEST_SUPPORT: ReadonlySet<string> = new Set([
  'connectors/zendesk/scripted-account.ts',
  'connectors/zendesk/sandbox/test-account.ts',
  'connectors/freshdesk/scripted-account.ts',
  'connectors/freshdesk/sandbox/test-account.ts',
  'connectors/salesforce/scripted-org.ts',
  'connectors/salesforce/scripted-comet.ts',
  'connectors/salesforce/sandbox/test-org.ts',
]);

/** True for code that ships; the rules are about nothing else. */
export function isProduct({ path }: Pick<Source, 'path'>): boolean {
  return !path.endsWith('.test.ts') && !TEST_SUPPORT.has(path);
}

interface Layer {
  readonly name: string;
  readonly holds: (path: string) => boolean;
  /** Layers it may import besides itself. */
  readonly sees: readonly string[];
}

const file =
  (...paths: string[]) =>
  (path: string) =>
    paths.includes(path);
const folder = (prefix: string) => (path: string) => path.startsWith(prefix);

const GROUND = ['clock', 'errors', 'error-facts', 'secret', 'log', 'gather', 'slots'] as const;
const SRC = [
  ...GROUND,
  'domain',
  'contract',
  'sandbox contract',
  'texts',
  'config',
  'links',
  'tones',
  'charts',
  'mail',
  'queue',
  'store',
  'endpoint',
  'chat',
];
const ABOVE = [...SRC, 'explain', 'findings', 'web', 'readiness', 'app', 'serve'];

/** Who may import whom. An arrow that is not listed does not exist; the first layer that holds a file is its layer. */
const LAYERS: readonly Layer[] = [
  { name: 'domain', holds: folder('src/domain/'), sees: [] },
  { name: 'clock', holds: file('src/clock.ts'), sees: [] },
  { name: 'gather', holds: file('src/gather.ts'), sees: [] },
  { name: 'slots', holds: file('src/slots.ts'), sees: [] },
  { name: 'errors', holds: file('src/errors.ts'), sees: [] },
  { name: 'error-facts', holds: file('src/error-facts.ts'), sees: ['errors'] },
  { name: 'secret', holds: file('src/secret.ts'), sees: [] },
  { name: 'log', holds: file('src/log.ts'), sees: ['clock', 'error-facts'] },
  { name: 'contract', holds: file('src/connector.ts', 'src/token-store.ts'), sees: [...GROUND, 'domain'] },
  { name: 'sandbox contract', holds: file('src/sandbox.ts'), sees: [] },
  { name: 'texts', holds: folder('src/texts/'), sees: ['domain'] },
  {
    name: 'config',
    holds: (path) => /^src\/config(\.ts$|\/)/.test(path),
    sees: [...GROUND, 'domain', 'contract', 'texts'],
  },
  { name: 'links', holds: file('src/links.ts'), sees: GROUND },
  { name: 'endpoint', holds: file('src/endpoint.ts'), sees: GROUND },
  { name: 'chat', holds: file('src/chat-message.ts'), sees: ['domain'] },
  { name: 'tones', holds: file('src/tones.ts'), sees: [] },
  { name: 'charts', holds: folder('src/charts/'), sees: ['domain', 'tones'] },
  { name: 'mail', holds: folder('src/mail/'), sees: [...GROUND, 'domain', 'links', 'texts', 'tones'] },
  { name: 'queue', holds: file('src/queue.ts', 'src/queue-backend.ts'), sees: GROUND },
  { name: 'store', holds: folder('src/store/'), sees: [...GROUND, 'domain', 'contract'] },
  {
    name: 'explain',
    holds: file('src/explain.ts', 'src/explain-due.ts', 'src/explain-recovery.ts', 'src/explain-taps.ts'),
    sees: [...GROUND, 'domain', 'store'],
  },
  {
    name: 'web',
    holds: folder('src/web/'),
    // What happened to a case is told in the same words on its page as by the command.
    sees: [
      ...GROUND,
      'domain',
      'contract',
      'charts',
      'explain',
      'links',
      'mail',
      'queue',
      'store',
      'texts',
      'tones',
    ],
  },
  { name: 'jobs', holds: folder('jobs/'), sees: SRC.filter((name) => name !== 'sandbox contract') },
  { name: 'readiness', holds: file('src/readiness.ts'), sees: ABOVE },
  { name: 'findings', holds: file('src/webhook-findings.ts'), sees: SRC },
  { name: 'app', holds: file('src/app.ts'), sees: [...SRC, 'explain', 'findings', 'jobs'] },
  {
    name: 'serve',
    holds: file('src/serve.ts', 'src/serve-staff.ts', 'src/case-actions.ts'),
    sees: [...ABOVE, 'jobs'],
  },
  { name: 'preview', holds: folder('src/preview/'), sees: [...SRC, 'web'] },
  {
    name: 'command',
    holds: file(
      'src/cli/commands.ts',
      'src/cli/suppression-commands.ts',
      'src/cli/quarantine-commands.ts',
      'src/cli/report-command.ts',
      'src/cli/suppression-file.ts',
      'src/cli/user-commands.ts',
      'src/cli/digest-commands.ts',
    ),
    sees: ABOVE,
  },
  { name: 'demo', holds: folder('src/demo/'), sees: [...ABOVE, 'command', 'registry'] },
  { name: 'cli', holds: folder('src/cli/'), sees: [...ABOVE, 'command', 'demo', 'preview', 'registry'] },
  {
    name: 'registry',
    holds: file('connectors/index.ts', 'connectors/sandboxes.ts'),
    sees: ['clock', 'contract', 'sandbox contract', 'connector', 'sandbox'],
  },
  {
    name: 'sandbox',
    holds: (path) => /^connectors\/[^/]+\/sandbox\//.test(path),
    sees: ['clock', 'domain', 'sandbox contract'],
  },
  {
    name: 'connector',
    holds: folder('connectors/'),
    sees: ['clock', 'domain', 'contract', 'errors', 'secret'],
  },
];

function layerOf(path: string): string | null {
  return LAYERS.find((layer) => layer.holds(path))?.name ?? null;
}

const isOurs = ({ target }: Import): boolean => /^(src|jobs|connectors)\//.test(target);

const layering: Rule = {
  name: 'imports point one way',
  look: (source) => {
    const from = LAYERS.find((layer) => layer.holds(source.path));
    if (from === undefined) return [{ line: 1, what: 'is in no layer: say in rules.ts what it may see' }];
    return source.imports.filter(isOurs).flatMap(({ target, line }) => {
      const to = layerOf(target);
      if (to === from.name || (to !== null && from.sees.includes(to))) return [];
      return [{ line, what: `(${from.name}) must not import ${target} (${to ?? 'no layer'})` }];
    });
  },
  broken: {
    'src/domain/a.ts': "import { b } from '../store/b.ts';",
    'src/web/a.ts': "export { run } from '../../jobs/run.ts';",
    'src/store/a.ts': "const { x } = await import('../web/x.ts');",
    'jobs/a.ts': "import type { App } from '../src/app.ts';",
    'src/app.ts': "import { zendesk } from '../connectors/index.ts';",
    'src/readiness.ts': "import { sweep } from '../jobs/sweep.ts';",
    'connectors/acme/a.ts': "import type { Log } from '../../src/log.ts';",
    'connectors/acme/b.ts': "import { startSandbox } from './sandbox/sandbox.ts';",
    'connectors/acme/sandbox/a.ts': "import { BATCH_SIZE } from '../watch.ts';",
    'src/somewhere.ts': '',
  },
};

const ownFolder: Rule = {
  name: 'a connector knows no other connector',
  look: (source) => {
    const own = /^connectors\/[^/]+\//.exec(source.path)?.[0];
    if (own === undefined) return [];
    return source.imports
      .filter(({ target }) => target.startsWith('connectors/') && !target.startsWith(own))
      .map(({ target, line }) => ({ line, what: `must not import ${target}` }));
  },
  broken: { 'connectors/acme/a.ts': "import { retry } from '../zendesk/refusal.ts';" },
};

const testSupport: Rule = {
  name: 'product code imports no tests',
  look: (source) =>
    source.imports
      .filter(({ target }) => isOurs({ target, line: 0 }) && !isProduct({ path: target }))
      .map(({ target, line }) => ({ line, what: `must not import ${target}` })),
  broken: { 'connectors/zendesk/a.ts': "import { scriptAccount } from './scripted-account.ts';" },
};

/** All that the domain needs from outside: a hash, and calendars until Node has Temporal. */
const DOMAIN_PACKAGES = ['node:crypto', 'temporal-polyfill'];

const pureDomain: Rule = {
  name: 'the domain needs nothing but a hash and a calendar',
  look: (source) =>
    source.path.startsWith('src/domain/')
      ? source.imports
          .filter((one) => !isOurs(one) && !DOMAIN_PACKAGES.includes(one.target))
          .map(({ target, line }) => ({ line, what: `must not import ${target}` }))
      : [],
  broken: { 'src/domain/a.ts': "import { readFileSync } from 'node:fs';" },
};

const environment: Rule = {
  name: 'process.env is read in src/config.ts only',
  look: (source) =>
    source.environmentReads.map((line) => ({ line, what: 'must take its values from the config' })),
  excused: { 'src/config.ts': 'it hands the environment on' },
  broken: {
    'src/web/a.ts': 'const port = process.env.PORT;',
    'jobs/a.ts': "import { env } from 'node:process';",
  },
};

const clocks: Rule = {
  name: 'time comes from the clock that is handed in',
  look: (source) =>
    source.calls
      .filter(
        ({ callee, argumentCount }) =>
          callee === 'Date.now' || (callee === 'new Date' && argumentCount === 0),
      )
      .map(({ line }) => ({ line, what: 'must take the time from a Clock' })),
  excused: {
    'src/clock.ts': 'it is the clock',
    'src/cli/watch.ts': 'a progress bar is for a person who looks at it now',
  },
  broken: { 'src/domain/a.ts': 'const now = Date.now();', 'jobs/a.ts': 'const now = new Date();' },
};

const exportsByName: Rule = {
  name: 'every export has a name, and there are no enums',
  look: (source) => [
    ...source.defaultExports.map((line) => ({ line, what: 'must export by name' })),
    ...source.enums.map((line) => ({ line, what: 'must use a union of strings' })),
  ],
  broken: {
    'src/a.ts': 'export default 1;',
    'src/b.ts': 'export default function b() {}',
    'jobs/c.ts': 'enum Colour { Red }',
    'jobs/d.ts': "export { default } from './c.ts';",
  },
};

const fileNames: Rule = {
  name: 'a file is named after its one thing, in kebab-case',
  look: ({ path }) => {
    const name = path.split('/').at(-1) ?? '';
    const what = [
      ...(/^(\d{4}-)?[a-z][a-z0-9]*(-[a-z0-9]+)*\.ts$/.test(name) ? [] : ['must be named in kebab-case']),
      ...(/\b(utils?|helpers?|managers?|common|misc|base)\b/.test(name) ? ['must say what it holds'] : []),
      ...(name === 'index.ts' && !path.startsWith('connectors/') ? ['must not be a barrel'] : []),
    ];
    return what.map((one) => ({ line: 1, what: one }));
  },
  broken: {
    'src/store/index.ts': '',
    'src/mail/mail-utils.ts': '',
    'jobs/job-manager.ts': '',
    'src/web/surveyPage.ts': '',
  },
};

const MOST_LINES = 300;

const fileLengths: Rule = {
  name: `a file has at most ${MOST_LINES} lines`,
  look: ({ lineCount }) =>
    lineCount <= MOST_LINES ? [] : [{ line: lineCount, what: `must say one thing, in ${MOST_LINES} lines` }],
  broken: { 'src/web/long.ts': 'export {};\n'.repeat(MOST_LINES + 1) },
};

const VENDOR = /zendesk|freshdesk|salesforce|jsforce/i;

const vendors: Rule = {
  name: 'the core names no vendor',
  look: (source) => {
    if (source.path.startsWith('connectors/')) return [];
    return source.words
      .filter(({ text }) => VENDOR.test(text))
      .map(({ text, line }) => ({ line, what: `must not know "${text}"` }));
  },
  excused: {
    'src/config/checks.ts': 'a message shows a connector name as an example',
    'src/config/connectors.ts': 'a message shows a type as an example and tells which types come later',
    'src/cli/program.ts': 'help texts show a connector name as an example',
  },
  broken: {
    'jobs/a.ts': "if (type === 'zendesk') throw new Error();",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a source text that holds a template
    'src/web/a.ts': 'const url = `https://${name}.freshdesk.com`;',
    'src/mail/a.ts': 'const salesforceId = 1;',
  },
};

/** Product code must run where only `dependencies` are installed. */
function installed(dependencies: readonly string[]): Rule {
  return {
    name: 'product code imports packages that its users install',
    look: (source) =>
      source.imports
        .filter((one) => !isOurs(one) && !one.target.startsWith('node:'))
        .filter(({ target }) => !dependencies.includes(packageOf(target)))
        .map(({ target, line }) => ({ line, what: `${target} must be one of package.json's dependencies` })),
    broken: { 'src/mail/a.ts': "import nock from 'nock';" },
  };
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Every rule that a reading of the tree can tell. */
export const rulesFor = ({ dependencies }: { dependencies: readonly string[] }): readonly Rule[] => [
  layering,
  ownFolder,
  testSupport,
  pureDomain,
  environment,
  clocks,
  exportsByName,
  fileNames,
  fileLengths,
  vendors,
  installed(dependencies),
];
