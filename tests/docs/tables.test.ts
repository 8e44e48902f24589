import { describe, expect, it } from 'vitest';
import { valueAt } from '../../src/config/value-at.ts';
import { CHECKS } from '../../src/domain/checks.ts';
import { LANGUAGES } from '../../src/texts/languages.ts';
import { MESSAGE_PATHS } from '../../src/texts/own-texts.ts';
import { isProduct } from '../architecture/rules.ts';
import type { Source } from '../architecture/source-tree.ts';
import { parseSources, readSourceTree } from '../architecture/source-tree.ts';
import { codeIn, pageAt } from './pages.ts';

const tree = (await readSourceTree()).filter(isProduct);
const core = tree.filter(({ path }) => !path.includes('/sandbox/') && !path.startsWith('src/demo/'));

/** Cells of a page's tables with that head, as code. */
function column(path: string, table: string, cell = 0): string[] {
  return pageAt(path)
    .rows.filter((row) => row.table === table)
    .map((row) => codeIn(row.cells[cell]));
}

describe('README.md', () => {
  it('lists every route and no other', () => {
    expect(column('README.md', 'route').sort()).toEqual(routesIn(core).sort());
  });
});

describe('docs/operating.md', () => {
  it('lists every rule of a decision in its order', () => {
    const policy = tree.find(({ path }) => path === 'src/domain/policy.ts');
    // `asked` is what stands when no rule applies.
    expect([...column('docs/operating.md', 'rule'), 'asked']).toEqual(policy?.properties.rule);
  });

  it('explains every line of the log and no other', () => {
    expect(column('docs/operating.md', 'line').sort()).toEqual(logLinesIn(core).sort());
  });
});

describe('docs/figures.md', () => {
  it('lists every check in its order', () => {
    expect(column('docs/figures.md', 'check')).toEqual(CHECKS.map(({ check }) => check));
  });
});

describe('docs/languages.md', () => {
  it('lists every language with its direction', () => {
    const rows = pageAt('docs/languages.md').rows.filter(({ table }) => table === 'language');
    const listed = rows.map(({ cells }) => `${cells[0]} ${cells[2]}`);
    const words = { ltr: 'left to right', rtl: 'right to left' };
    expect(listed.sort()).toEqual(
      Object.entries(LANGUAGES)
        .map(([tag, { direction }]) => `${tag} ${words[direction]}`)
        .sort(),
    );
  });

  it('lists every text that can be changed', () => {
    const rows = pageAt('docs/languages.md').rows.filter(({ table }) => table === 'path');
    expect(Object.fromEntries(rows.map(({ cells }) => [codeIn(cells[0]), cells[1]]))).toEqual(
      Object.fromEntries(
        MESSAGE_PATHS.map((path) => {
          const [part, name] = path.split('.');
          return [path, valueAt(LANGUAGES.en, [part ?? '', name ?? ''])];
        }),
      ),
    );
  });
});

describe('CONTRIBUTING.md', () => {
  it('lists the members of a connector, and which are optional', () => {
    const contract = tree.find(({ path }) => path === 'src/connector.ts');
    const rows = pageAt('CONTRIBUTING.md').rows.filter(({ table }) => table === 'member');
    const listed = rows.map(({ cells }) => `${codeIn(cells[0])} ${cells[1]}`);
    const members = contract?.interfaces.Connector ?? [];
    expect(listed.sort()).toEqual(
      members.map(({ name, isOptional }) => `${name} ${isOptional ? 'optional' : 'required'}`).sort(),
    );
  });

  it('lists the error classes', () => {
    const errors = tree.find(({ path }) => path === 'src/errors.ts');
    const classes = errors?.classes.filter((name) => name !== 'CaseloopError');
    expect(column('CONTRIBUTING.md', 'class').sort()).toEqual(classes?.toSorted());
  });
});

/** `GET /s/:token` for each route that a router or app of ours answers. */
function routesIn(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => path.startsWith('src/web/'))
    .flatMap(({ calls }) =>
      calls.flatMap(({ callee, texts }) => {
        const method = /^(?:router|app)\.(get|post|put|patch|delete)$/.exec(callee)?.[1];
        const [path] = texts;
        return method === undefined || path === undefined ? [] : [`${method.toUpperCase()} ${path}`];
      }),
    );
}

/** The messages of all log lines. One that is put together counts by its beginning. */
function logLinesIn(sources: readonly Source[]): string[] {
  const lines = sources.flatMap(({ calls }) =>
    calls
      .filter(({ callee }) => /(^|\.)log\.(info|warn|error)$/.test(callee) || callee === 'complain')
      .map(({ message }) => message?.trim()),
  );
  return [...new Set(lines.filter((line) => line !== undefined))];
}

it('a route and a log line are seen where they are', () => {
  const sources = parseSources({
    'src/web/a.ts': "router.get('/x/:id', () => deps.log.warn({ id: 'a' }, 'gone'));",
  });
  expect(routesIn(sources)).toEqual(['GET /x/:id']);
  expect(logLinesIn(sources)).toEqual(['gone']);
});
