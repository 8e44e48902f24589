import { expect, test } from 'vitest';
import { altOf, toPng } from '../../src/charts/png.ts';
import { composeDigest } from '../../src/mail/digest-mail.ts';
import { measured, reportOf, tallyOf } from '../support/reports.ts';
import { sampleDigest } from '../support/sample-digest.ts';
import { parseMail } from '../support/smtp.ts';

const sample = await sampleDigest();
const mail = await composeDigest(sample);
const parsed = await parseMail(mail.raw);
// The parser puts the pictures in place of their names.
const html = String(parsed.html).replace(/data:image[^"]*/g, 'data');
const text = parsed.text ?? '';

test('a digest says score, interval, number of answers and response rate together, as text and as HTML', () => {
  expect(parsed.subject).toBe('CSAT of Billing, 1 to 30 Nov 2026');
  expect(text).toContain(
    'CSAT: 86.4% (82.8% to 89.4%)\nAnswers: 412 (356 satisfied, 31 low)\nResponse rate: 31.2% (412 of 1,320 asked)',
  );
  const words = wordsOf(html);
  for (const said of ['86.4%', '82.8% to 89.4%', '412', '31.2%', '412 of 1,320 asked'])
    expect(words).toContain(said);
  // Every line of the one is said by the other, but for lines that only rule off.
  const plain = wordsOf(html.replaceAll(/alt="([^"]*)"/g, '>$1<')).replace(/[\s()]/g, '');
  for (const line of text.split('\n').filter((one) => one !== '' && !/^-+$/.test(one))) {
    const said = line.replace(/^> /, '').replace(/: https:.*$/, '');
    for (const part of said.split(/ - | {2,}|: | \(/)) expect(plain).toContain(part.replace(/[\s()]/g, ''));
  }
});

test('what customers and CRMs wrote is text and nothing else', () => {
  expect(html).toContain('&lt;b&gt;Never&lt;/b&gt; again, &amp; no %%v1%% either.');
  expect(text).toContain('> Three weeks for a refund.\n> <b>Never</b> again, & no %%v1%% either.');
});

test('its links ask the question of its figures', () => {
  expect(text).toContain('https://survey.acme.example/dashboard?from=2026-11-01&to=2026-11-30');
  expect(html).toContain('https://survey.acme.example/dashboard/cases/zendesk-eu/4711');
  expect(html).toContain('dashboard?from=2026-11-01&amp;to=2026-11-30&amp;agent=zendesk-eu%2F12');
});

test('pictures are attached, named by the HTML and told in words', () => {
  expect(parsed.attachments.map(({ cid, contentType }) => [cid, contentType])).toEqual([
    ['trend', 'image/png'],
    ['slices', 'image/png'],
  ]);
  for (const { content } of parsed.attachments) expect(content.subarray(1, 4).toString()).toBe('PNG');
  expect(html).toMatch(/<img[^>]*alt="CSAT by week: 86.4% of 412 answers last week."[^>]*src="data"/);
});

test('the same digest is the same bytes, and no machine answers it', async () => {
  expect((await composeDigest(sample)).raw.equals(mail.raw)).toBe(true);
  expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
  expect(parsed.messageId).toBe('<digest.1@survey.acme.example>');
  expect(mail.envelope).toEqual({ from: 'support@acme.example', to: 'lead@acme.example' });
});

test('below the least number of answers there are counts and no score', async () => {
  const total = measured(tallyOf([1, 0, 0, 1, 1], { asked: 20, closures: 25 }));
  const content = { ...sample.content, week: reportOf({ total, baseline: total }), pictures: [], low: [] };
  const few = await parseMail((await composeDigest({ ...sample, content })).raw);
  expect(few.text).toContain('CSAT: – (too few answers for a figure)\nAnswers: 3 (2 satisfied, 1 low)');
  expect(few.text).not.toMatch(/66\.7%/);
});

test('a picture shows the words of its chart', async () => {
  const svg = (word: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><title>T</title><desc>5 &lt; 6</desc><text x="2" y="14" font-family="DejaVu Sans" font-size="12">${word}</text></svg>`;
  const [some, none] = [await toPng(svg('86.4%')), await toPng(svg(''))];
  expect(some.length).toBeGreaterThan(none.length);
  expect(altOf(svg(''))).toBe('T: 5 < 6');
});

function wordsOf(markup: string): string {
  return markup
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
