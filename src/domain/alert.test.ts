import { describe, expect, it } from 'vitest';
import { type AlertFacts, alertText } from './alert.ts';

const ONE: AlertFacts = {
  kind: 'opened',
  caseNumber: '4711',
  score: 2,
  surveyKind: 'csat',
  scale: '1-5',
  reasons: ['wait'],
  comment: 'I had to explain it\nthree times.',
  team: 'Billing',
  owner: 'Maya\nLindqvist',
  dueAt: new Date('2026-10-27T15:55:00Z'),
  caseUrl: 'https://acme.example/cases/4711',
  url: 'https://survey.acme.example/dashboard/cases/eu/4711',
};
const SETTINGS = { zone: 'Europe/Berlin', comments: true };

describe('the words of an alert', () => {
  it('say what came, who is to answer and by when', () => {
    expect(alertText([ONE], SETTINGS)).toEqual({
      subject: 'Low score on case 4711: 2 on a scale of 1 to 5 (Dissatisfied)',
      entries: [
        {
          title: 'Low score on case 4711: 2 on a scale of 1 to 5 (Dissatisfied)',
          lines: [
            'It was about: the wait.',
            'Owner: Maya Lindqvist. Team: Billing.',
            'The customer should hear back by Tue, 27 Oct 2026, 16:55 (Europe/Berlin).',
          ],
          comment: 'I had to explain it\nthree times.',
          caseUrl: ONE.caseUrl,
          url: ONE.url,
        },
      ],
      more: null,
    });
  });

  it('say what nobody answered in time', () => {
    const late = { ...ONE, kind: 'overdue' as const, owner: null, team: null, reasons: [] };
    const { subject, entries } = alertText([late], { ...SETTINGS, comments: false });
    expect(subject).toBe('Overdue: nobody has answered the low score on case 4711');
    expect(entries[0]).toMatchObject({ comment: null });
    expect(entries[0]?.lines).toEqual([
      'Score: 2 on a scale of 1 to 5 (Dissatisfied).',
      'Owner: nobody.',
      'The customer should have heard back by Tue, 27 Oct 2026, 16:55 (Europe/Berlin).',
    ]);
  });

  it('tell ten one by one, overdue ones first, and count the others', () => {
    const many = Array.from({ length: 13 }, (_, n) => ({ ...ONE, caseNumber: String(n) }));
    const { subject, entries, more } = alertText([...many, { ...ONE, kind: 'overdue' }], SETTINGS);
    expect(subject).toBe('13 low scores, and 1 overdue');
    expect(entries).toHaveLength(10);
    expect(entries[0]?.title).toContain('Overdue');
    expect(more).toContain('4 more');
  });

  it('keep a comment and a name to a length', () => {
    const long = { ...ONE, comment: 'x'.repeat(9_000), owner: 'y'.repeat(9_000) };
    const [entry] = alertText([long], SETTINGS).entries;
    expect(entry?.comment).toHaveLength(600);
    expect(entry?.lines.join('').length).toBeLessThan(400);
  });
});
