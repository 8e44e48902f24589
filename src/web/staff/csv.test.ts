import { PassThrough, Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCsv } from '../../../tests/support/csv-reader.ts';
import { type CsvColumn, csvLines, neutralised, sendCsv } from './csv.ts';

const BOM = '\u{feff}';

test.each([
  '=1+1',
  '+1',
  '-1+cmd|x',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  ' =1',
  '\u{feff}=1',
  '\u{200b}=1',
  '\u{a0}\u{3000}=1',
  '＝1',
  '＋1',
  '－1',
  '＠a',
  '-',
  '\tplain',
])('%j is no formula any more', (text) => {
  expect(readCsv(csvLines([[text, 'x']]))).toEqual([[`'${text}`, 'x']]);
});

test('what is no formula stays as it is, our own numbers below nothing too', () => {
  const at = new Date('2026-11-27T10:00:00Z');
  expect(readCsv(csvLines([['a=b', "'", '', -1.5, 0, null, true, false, at]]))).toEqual([
    ['a=b', "'", '', '-1.5', '0', '', 'yes', 'no', '2026-11-27T10:00:00.000Z'],
  ]);
});

test('any text comes back as it was but for the apostrophe', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', ';', '=', "'", 'a') }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text, text), { maxLength: 4 }), (records) => {
      expect(readCsv(csvLines(records))).toEqual(records.map((record) => record.map(neutralised)));
    }),
    { numRuns: 60 },
  );
});

const NUMBERS: readonly CsvColumn<number>[] = [{ name: 'n', cell: (n) => n }];

test('a file has a mark for spreadsheets, a heading, and every row', async () => {
  const target = new PassThrough();
  const sent = sendCsv(target, NUMBERS, pagesOf(3, 2));
  const text = Buffer.concat(await target.toArray()).toString();
  await sent;
  expect(text).toBe(`${BOM}n\r\n0\r\n1\r\n2\r\n3\r\n4\r\n5\r\n`);
});

test('pages are read no faster than they are taken, and no more once the reader is gone', async () => {
  let read = 0;
  const taken: (() => void)[] = [];
  const slow = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => void taken.push(done),
  });
  const sent = sendCsv(
    slow,
    NUMBERS,
    pagesOf(1000, 1000, () => (read += 1)),
  );
  for (let at = 0; at < 4; at += 1) {
    await settled();
    taken.at(-1)?.();
  }
  await settled();
  const readWhileSlow = read;
  expect(readWhileSlow).toBeLessThan(40);
  slow.destroy();
  await sent;
  expect(read).toBeLessThan(readWhileSlow + 3);
});

test('a file that cannot be finished is cut off and the reason is passed on', async () => {
  const target = new PassThrough();
  const failing = (async function* () {
    yield [1];
    throw new Error('the store is away');
  })();
  target.resume();
  await expect(sendCsv(target, NUMBERS, failing)).rejects.toThrow('the store is away');
  expect(target.destroyed).toBe(true);
  expect(target.readableEnded).toBe(false);
});

async function* pagesOf(pages: number, size: number, onRead: () => unknown = () => undefined) {
  for (let page = 0; page < pages; page += 1) {
    onRead();
    yield Array.from({ length: size }, (_, at) => page * size + at);
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
