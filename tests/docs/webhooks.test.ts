import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { ANSWER_EVENTS, type AnswerEventFacts, answerEvent } from '../../src/domain/answer-event.ts';
import { FOLLOW_UP_EVENTS, followUpEvent } from '../../src/domain/follow-up-event.ts';
import { nextDeliveryAt } from '../../src/store/webhook-events.ts';
import { codeIn, pageAt } from './pages.ts';

const page = pageAt('docs/webhooks.md');
const block = (language: string): string => page.blocks.find((one) => one.language === language)?.text ?? '';
const SECRET = `whsec_${Buffer.from('a key for the tests, long enough').toString('base64')}`;

const FACTS: AnswerEventFacts = {
  connector: 'zendesk-eu',
  case: { id: '4711', number: '4711', url: 'https://acme.zendesk.com/agent/tickets/4711' },
  closure: { cycle: 1, closedAt: new Date('2026-11-27T08:02:00Z') },
  survey: {
    ...{ name: 'support', metric: '2026-11', kind: 'csat', scale: '1-5' },
    ...{ satisfiedFrom: 4, followUpBelow: 3 },
  },
  answer: {
    ...{ version: 1, score: 2, reasons: ['wait'], comment: 'I had to explain it three times.' },
    answeredAt: new Date('2026-11-27T09:30:12Z'),
  },
};

it('docs/webhooks.md shows an event as it is sent', () => {
  const event = answerEvent(FACTS, { comments: true });
  expect(JSON.stringify(event)).toBe(JSON.stringify(JSON.parse(block('json'))));
});

it('docs/webhooks.md shows what events about follow-ups hold', () => {
  const shown = page.blocks.filter(({ language }) => language === 'json')[1]?.text ?? '';
  const event = followUpEvent(
    'follow-up.recovered',
    {
      ...FACTS,
      at: new Date('2026-11-27T10:04:00Z'),
      clock: {
        ...{ lowSince: FACTS.answer.answeredAt, dueAt: new Date('2026-11-30T09:30:12Z'), escalatedAt: null },
        ...{ recoveredAt: new Date('2026-11-27T10:02:00Z'), recoveredBy: 'reply' },
        task: { id: '4712', url: 'https://acme.zendesk.com/agent/tickets/4712' },
      },
    },
    { comments: true },
  );
  const { recovery, ...answer } = event.data;
  expect(JSON.stringify({ recovery })).toBe(JSON.stringify(JSON.parse(shown)));
  expect(answer).toEqual(JSON.parse(block('json')).data);
  const listed = page.rows.filter(({ table }) => table === 'event').map(({ cells }) => codeIn(cells[0]));
  expect(listed).toEqual([...ANSWER_EVENTS, ...FOLLOW_UP_EVENTS]);
});

it('docs/webhooks.md shows code that reads an event and refuses a forged one', () => {
  const code = block('js')
    .replace(/^import .*$/m, '')
    .replace('export function', 'return function');
  const readEvent = new Function('Webhook', code)(Webhook);
  const body = block('json');
  const at = new Date();
  const headers = {
    'webhook-id': 'x',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(SECRET).sign('x', at, body),
  };
  expect(readEvent(body, headers, SECRET)).toEqual(JSON.parse(body));
  expect(() => readEvent(body.replace('"score": 2', '"score": 5'), headers, SECRET)).toThrow();
});

it('docs/webhooks.md tells when a refused event is tried again', () => {
  const now = new Date();
  const seconds = Array.from({ length: 8 }, (_, nth) => (+nextDeliveryAt(nth + 1, now, null) - +now) / 1000);
  expect(seconds).toEqual([5, 30, 120, 600, 1800, 3600, 3600, 3600]);
  expect(page.text).toContain('5 s, 30 s, 2 min, 10 min, 30 min, then each hour');
});
