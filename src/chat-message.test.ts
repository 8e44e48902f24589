import { expect, it } from 'vitest';
import { CHAT_MESSAGES } from './chat-message.ts';
import type { AlertText } from './domain/alert.ts';

const BAD = '<!channel> [click](https://evil.example) *now* & <https://evil.example|here>';
const ENTRY = {
  title: 'Low score on case 4711',
  lines: [`Owner: ${BAD}`, 'The customer should hear back.'],
  comment: BAD.repeat(8).slice(0, 600),
  caseUrl: 'https://acme.example/cases/4711?a=1&b=<2>|3',
  url: 'https://survey.acme.example/dashboard/cases/eu/4711',
};
const MANY: AlertText = { subject: '10 low scores', entries: Array(10).fill(ENTRY), more: 'And 5 more.' };

/** Every text that a chat would read mark-up in. */
function marked(message: unknown, isMarked: (node: Record<string, unknown>) => boolean): string[] {
  const found: string[] = [];
  JSON.stringify(message, (_, value: unknown) => {
    if (typeof value === 'object' && value !== null && isMarked(value as Record<string, unknown>))
      found.push(String((value as Record<string, unknown>).text));
    return value;
  });
  return found;
}

it('Slack reads no mark-up in what comes from a CRM or a customer, and takes the longest message', () => {
  const message = CHAT_MESSAGES.slack(MANY) as { blocks: readonly { text?: { text: string } }[] };
  const texts = marked(message, ({ type }) => type === 'mrkdwn');
  expect(new Set(texts)).toEqual(
    new Set([
      `<https://acme.example/cases/4711?a=1&amp;b=&lt;2&gt;%7C3|Open the case> · <${ENTRY.url}|See it in Caseloop>`,
    ]),
  );
  expect(message.blocks.length).toBeLessThanOrEqual(50);
  for (const { text } of message.blocks) expect(text?.text.length ?? 0).toBeLessThanOrEqual(3_000);
  expect(JSON.stringify(message)).toContain('<!channel>');
  expect(CHAT_MESSAGES.slack({ ...MANY, subject: '<!here> & you' })).toMatchObject({
    text: '&lt;!here&gt; &amp; you',
  });
});

it('Teams reads no Markdown in it either, and takes the longest message', () => {
  const message = CHAT_MESSAGES.teams(MANY);
  expect(marked(message, ({ type }) => type === 'TextBlock')).toEqual([]);
  expect(marked(message, ({ type }) => type === 'TextRun')).toContain(`“${ENTRY.comment}”`);
  expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(28_000);
});
