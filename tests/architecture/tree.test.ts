import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { breachesOf, isProduct, rulesFor, staleExcuses } from './rules.ts';
import { parseSources, ROOT, readSourceTree } from './source-tree.ts';

const Package = z.object({ dependencies: z.record(z.string(), z.string()) });
const manifest = Package.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
const rules = rulesFor({ dependencies: Object.keys(manifest.dependencies) });
const tree = await readSourceTree();

describe.each(rules)('rule: $name', (rule) => {
  it('is kept by the tree', () => {
    expect(breachesOf(rule, tree)).toEqual([]);
  });

  it('notices every file that breaks it', () => {
    const broken = parseSources(rule.broken);
    for (const source of broken) expect(breachesOf(rule, [source]), source.path).not.toEqual([]);
  });

  it('excuses no file that keeps it', () => {
    expect(staleExcuses(rule, tree)).toEqual([]);
  });
});

it('reads the whole tree', () => {
  const paths = tree.filter(isProduct).map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['src/app.ts', 'jobs/sweep.ts', 'connectors/index.ts']));
  expect(tree.find(({ path }) => path === 'src/app.ts')?.imports.map(({ target }) => target)).toContain(
    'jobs/watch-cases.ts',
  );
});
