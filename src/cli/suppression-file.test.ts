import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSuppressions, writeLine } from './suppression-file.ts';

const HASH = 'a'.repeat(43);

describe('a suppression list', () => {
  test.each([
    ['ann@a.example\nbob@b.example\n', ['ann@a.example', 'bob@b.example']],
    ['\uFEFFaddress;since;source\r\nann@a.example;2026-11-01;crm\r\n\r\n', ['ann@a.example 2026-11-01 crm']],
    ['Reason\tE-Mail\nmoved on\tann@a.example', ['ann@a.example  moved on']],
    ['"ann@a.example","2026-11-01T09:00:00Z","a ""b"", c"', ['ann@a.example 2026-11-01T09:00:00Z a "b", c']],
    [`person:1234abcd:${HASH}`, [`person:1234abcd:${HASH}`]],
    ['', []],
  ])('%j is read', (text, expected) => {
    const { lines, problems } = parseSuppressions(text);
    expect(problems).toEqual([]);
    expect(lines.map(({ who, since, source }) => `${who} ${since ?? ''} ${source ?? ''}`.trimEnd())).toEqual(
      expected,
    );
  });

  test('tells of each bad line by its number, without what stands in it, and takes the others', () => {
    const text = [
      'address,since,source',
      'ann@a.example',
      'ann(at)a.example',
      'bob@b.example,last May',
      'bob@b.example,,see carl@c.example',
      '"bob@b.example',
      'person:1234abcd:short',
      'dora@d.example,2026-11-01',
    ].join('\n');
    const { lines, problems } = parseSuppressions(text);
    expect(lines.map(({ line }) => line)).toEqual([2, 8]);
    expect(problems.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7]);
    expect(JSON.stringify(problems)).not.toMatch(/ann|bob|carl|May|short/);
  });

  test('is read as it was written', () => {
    const word = fc.string({ maxLength: 40 }).filter((one) => !/[@\p{Cc}]/u.test(one));
    fc.assert(
      fc.property(word, (source) => {
        const since = '2026-11-27T09:30:00.000Z';
        const { lines } = parseSuppressions(
          `address,since,source\n${writeLine({ who: 'ann@a.example', since, source })}\n`,
        );
        expect(lines).toMatchObject([{ who: 'ann@a.example', since, source: source.trim() || null }]);
      }),
      { numRuns: 50 },
    );
  });
});
