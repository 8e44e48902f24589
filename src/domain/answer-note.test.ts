import { expect, it } from 'vitest';
import { answerNote } from './answer-note.ts';

const answer = {
  score: 2,
  rating: 'Dissatisfied',
  level: 'low',
  reasons: ['the wait', 'no solution'],
  comment: 'Slow',
  link: 'https://survey.acme.example/dashboard/cases/crm/1',
} as const;

it('says the score in number and words, what the customer said, and where all of it is', () => {
  expect(answerNote(answer).split('\n')).toEqual([
    'Customer satisfaction: 2 (Dissatisfied, low)',
    'Reasons: the wait, no solution',
    'Comment: Slow',
    'In Caseloop: https://survey.acme.example/dashboard/cases/crm/1',
  ]);
});

it('says nothing twice and nothing that is not there', () => {
  expect(answerNote({ ...answer, rating: '2', reasons: [], comment: null }).split('\n')).toEqual([
    'Customer satisfaction: 2 (low)',
    'In Caseloop: https://survey.acme.example/dashboard/cases/crm/1',
  ]);
});
