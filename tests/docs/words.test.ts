import { expect, it } from 'vitest';
import { pageAt, readPages } from './pages.ts';

const WORDS = [
  'case',
  'connector',
  'closure',
  'cycle',
  'doorbell',
  'decision',
  'survey',
  'tap',
  'confirmation',
  'mark',
  'quarantine',
  'answer',
  'event',
  'write-back',
  'follow-up',
  'recovery',
  'credit',
  'cursor',
  'sweep',
  'claim',
  'receipt',
];

it('the glossary defines each word once, in one place', () => {
  const tables = readPages().flatMap(({ path, rows }) =>
    rows.filter(({ table }) => table === 'word').map(({ cells }) => ({ path, word: cells[0] })),
  );
  expect(tables).toEqual(WORDS.map((word) => ({ path: 'CONTRIBUTING.md', word: `**${word}**` })));
});

it('the path of a case names the eight files in their order', () => {
  const { text } = pageAt('CONTRIBUTING.md');
  const steps = [...text.matchAll(/^\d\. \[([^\]]+)\]/gm)].map(([, file]) => file);
  expect(steps).toEqual([
    'src/web/webhook.ts',
    'jobs/fetch-cases.ts',
    'src/domain/policy.ts',
    'jobs/send-survey.ts',
    'src/web/survey-page.ts',
    'jobs/write-back.ts',
    'src/domain/score.ts',
    'jobs/follow-up.ts',
  ]);
});
