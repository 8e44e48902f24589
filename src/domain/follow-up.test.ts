import { describe, expect, test } from 'vitest';
import { followUpKey, followUpText } from './follow-up.ts';

const of = {
  installationId: 'i1',
  connector: 'zendesk-eu',
  caseId: '4711',
  closedAt: new Date('2026-11-10T12:00:00Z'),
};

describe('the key', () => {
  test('never changes, since CRMs keep it', () => {
    expect(followUpKey(of)).toBe('csat:6cd4598ca92c2199a98a038d72b168a9');
  });

  test('does not see parts of a second', () => {
    expect(followUpKey({ ...of, closedAt: new Date('2026-11-10T12:00:00.900Z') })).toBe(followUpKey(of));
  });

  test('differs for each closure of each connector and installation', () => {
    const keys = [
      of,
      { ...of, installationId: 'i2' },
      { ...of, connector: 'desk' },
      { ...of, caseId: '4712' },
      { ...of, closedAt: new Date('2026-11-10T12:00:01Z') },
    ].map(followUpKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('the text', () => {
  const facts = {
    caseNumber: '4711',
    score: 2,
    kind: 'csat',
    scale: '1-5',
    comment: 'Nobody answered.\r\nTask done.',
    reasons: ['wait', 'person', 'words from before'],
    answeredAt: new Date('2026-11-10T16:05:30Z'),
    url: 'https://acme.example/cases/4711',
  } as const;

  test('tells staff what happened and quotes the customer line by line', () => {
    expect(followUpText(facts)).toEqual({
      subject: 'Low score on case 4711: 2 on a scale of 1 to 5 (Dissatisfied)',
      body: [
        'The customer rated case 4711 with 2 on a scale of 1 to 5 (Dissatisfied) on 2026-11-10 16:05 UTC.',
        'It was about: the wait, the person who helped, words from before.',
        'Their comment:\n> Nobody answered.\n> Task done.',
        'Please answer the customer. This task is done when they have heard back.',
        'Case: https://acme.example/cases/4711',
      ].join('\n\n'),
    });
  });

  test.each([null, '', ' \n '])(
    'says when there is no comment (%j) and leaves out absent reasons',
    (comment) => {
      const { body } = followUpText({ ...facts, comment, reasons: [] });
      expect(body).toContain('They left no comment.');
      expect(body).not.toContain('Reasons');
      expect(body).not.toContain('>');
    },
  );
});
