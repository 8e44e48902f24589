import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, readPage, readPages } from './pages.ts';

const LARGEST_IMAGE_BYTES = 150_000;

const pages = readPages();
const links = pages.flatMap((page) => page.links.map((link) => ({ ...link, page: page.path })));

/** What is wrong with a link from a page, or null. */
function problemWith(page: string, target: string): string | null {
  if (target.startsWith('https://')) return URL.canParse(target) ? null : 'this is no address';
  if (/^[a-z]+:/.test(target)) return 'only https leads out of the tree';
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : posix.join(posix.dirname(page), path);
  if (!existsSync(join(ROOT, file))) return `there is no ${file}`;
  if (anchor === undefined) return null;
  const anchors = pages.find((one) => one.path === file)?.anchors;
  return anchors?.has(anchor) ? null : `${file} has no heading #${anchor}`;
}

describe('links between the docs', () => {
  it.each(links)('$page:$line $target', ({ page, target }) => {
    expect(problemWith(page, target)).toBeNull();
  });

  it.each(['nowhere.md', '#no-such-heading', 'docs/operating.md#no-such-heading', 'http://acme.example'])(
    '%s would be noticed',
    (target) => {
      const [link] = readPage('README.md', `[a](${target})`).links;
      expect(problemWith('README.md', link?.target ?? '')).not.toBeNull();
    },
  );
});

describe('pictures', () => {
  const pictures = links.filter(({ target }) => target.endsWith('.png'));

  it('are there', () => {
    expect(pictures).not.toEqual([]);
  });

  it.each(pictures)('$target is a small PNG', ({ page, target }) => {
    const file = join(ROOT, posix.join(posix.dirname(page), target));
    expect(statSync(file).size).toBeLessThan(LARGEST_IMAGE_BYTES);
  });
});
