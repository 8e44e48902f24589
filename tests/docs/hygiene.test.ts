import { describe, expect, it } from 'vitest';
import { readPage, readPages } from './pages.ts';

/** What must not stand in a page: it would be true on one machine only, or tell on somebody. */
const REFUSED: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a package registry', pattern: /registry\.\w+\.\w|npmjs|verdaccio|artifactory|_authToken/i },
  { what: 'a path of one machine', pattern: /(?<![\w.])\/(work|root|home|Users|tmp|mnt)\/|[A-Z]:\\/ },
  { what: 'an address outside .example', pattern: /\b[\w.+-]+@(?![\w.-]*\.example\b)[\w-]+\.[a-z]{2,}\b/i },
  { what: 'a secret', pattern: /\b(sk|ghp|xox[bp])[-_][A-Za-z0-9]{16,}|-----BEGIN/ },
];

function refusedIn(text: string): string[] {
  return REFUSED.flatMap(({ what, pattern }) => {
    const found = pattern.exec(text)?.[0];
    return found === undefined ? [] : [`${what}: ${found}`];
  });
}

describe('pages', () => {
  it.each(readPages())('$path can be read anywhere', ({ text }) => {
    expect(refusedIn(text)).toEqual([]);
  });

  it.each([
    'https://registry.acme.example/x',
    'see /home/ann/caseloop',
    'mail ann@acme.org',
    `ghp_${'a'.repeat(20)}`,
  ])('"%s" would be noticed', (text) => {
    expect(refusedIn(readPage('x.md', text).text)).not.toEqual([]);
  });
});
