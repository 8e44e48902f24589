import { afterAll, beforeAll, expect, test } from 'vitest';
import { FORMS, MAILS, PAGES } from '../../src/preview/choice.ts';
import { inScheme, startPreview } from '../../src/preview/preview-server.ts';
import { setFrom, standardSet } from '../../src/preview/preview-set.ts';
import { SAMPLE_BRANDS } from '../support/sample-invitation.ts';

let preview: Awaited<ReturnType<typeof startPreview>>;
const set = standardSet();
const tags = Object.keys(set.languages);
beforeAll(async () => {
  const config = { ...set, brands: SAMPLE_BRANDS };
  preview = await startPreview(setFrom(config as Parameters<typeof setFrom>[0]), { port: 0 });
});
afterAll(() => preview.close());

async function get(path: string): Promise<{ text: string; policy: string }> {
  const response = await fetch(`${preview.url}${path}`);
  expect(response.status, path).toBe(200);
  return { text: await response.text(), policy: response.headers.get('content-security-policy') ?? '' };
}

test.each([...Object.keys(MAILS), ...Object.keys(PAGES)])(
  '%s is shown in every scale, and every language',
  async (what) => {
    for (const [at, { name }] of set.surveys.entries()) {
      const language = tags[at % tags.length] ?? 'en';
      const { text } = await get(`/dark/${what}/${name}/nordwind/${language}`);
      expect(text).toContain(`<html lang="${language}"`);
      expect(text).not.toMatch(/\{\w+\}|%%|undefined|prefers-color-scheme|color-scheme: ?light/);
    }
  },
);

test('the links of a mail lead to the page with that score, and to opting out', async () => {
  const { text } = await get('/light/invitation/csat-1-5/nordwind/de');
  const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, url = '']) => url);
  expect(links).toContain('/light/tapped/csat-1-5/nordwind/de?score=4');
  expect((await get('/light/tapped/csat-1-5/nordwind/de?score=4')).text).toMatch(/value="4"[^>]* checked/);
  expect(links).toContain('/light/opt-out/csat-1-5/nordwind/de');
});

test('the words that only the page’s script would put there are shown', async () => {
  const { text } = await get('/light/held/csat-1-5/nordwind/en');
  expect(text).toMatch(/id="held">Please press “Send answer”/);
});

test('images off are off, and plain text is plain', async () => {
  const at = '/light/invitation/csat-1-5/nordwind/en';
  expect((await get(`${at}?form=no-images`)).policy).toContain("img-src 'none'");
  expect((await get(at)).policy).toContain('img-src https:');
  expect((await get(`${at}?form=text`)).text).toContain('<pre>Nordwind &amp; Söhne\n');
  expect(Object.keys(FORMS)).toEqual(['html', 'text', 'no-images']);
});

test('what a page asks of its device is answered by the choice', () => {
  const css = ':root { color-scheme: light dark; } @media (prefers-color-scheme: dark) { a {} }';
  expect(inScheme(css, 'dark')).toBe(':root { color-scheme:dark; } @media (min-width:0) { a {} }');
  expect(inScheme(css, 'light')).toBe(':root { color-scheme:light; } @media (max-width:0) { a {} }');
});

test('unknown choices are the first there is', async () => {
  const { text } = await get('/?what=nothing&survey=x&brand=<script>&language=tlh');
  expect(text).toContain('src="/light/invitation/csat-thumbs/default/en"');
  expect(text).toContain('<dt>Subject</dt><dd dir="auto">');
});
