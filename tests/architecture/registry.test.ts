import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectorTypes } from '../../connectors/index.ts';
import { sandboxes } from '../../connectors/sandboxes.ts';
import { ROOT } from './source-tree.ts';

const folders = readdirSync(join(ROOT, 'connectors'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

describe('connectors', () => {
  it('are the folders under connectors/', () => {
    expect(Object.keys(connectorTypes).sort()).toEqual(folders);
  });

  it('each call themselves by the name they are listed under', () => {
    for (const [name, definition] of Object.entries(connectorTypes)) expect(definition.type).toBe(name);
  });

  it('each have a sandbox that is listed', () => {
    expect(Object.keys(sandboxes).sort()).toEqual(folders);
  });

  it.each(folders)('%s has a README and a sandbox folder', (folder) => {
    const missing = ['README.md', 'sandbox', 'index.ts'].filter(
      (name) => !existsSync(join(ROOT, 'connectors', folder, name)),
    );
    expect(missing).toEqual([]);
  });
});
