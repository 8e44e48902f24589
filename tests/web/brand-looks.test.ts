import { afterAll, beforeAll, expect, test } from 'vitest';
import { PLAIN_BRAND } from '../../src/domain/brand.ts';
import { type SurveySite, startSurveySite } from '../support/survey-site.ts';

let site: SurveySite;
beforeAll(async () => {
  site = await startSurveySite({
    brands: [
      {
        ...PLAIN_BRAND,
        key: 'nordwind',
        when: ['Nordwind Nord'],
        name: 'Nordwind <& Söhne>',
        colour: '#ffd400',
        logo: { url: 'https://pictures.nordwind.example/logo.png?v=1', width: 240 },
      },
      { ...PLAIN_BRAND, key: 'default', name: 'Acme' },
    ],
  });
});
afterAll(() => site.close());

async function pageAt(path: string): Promise<{ html: string; policy: string }> {
  const response = await fetch(path);
  return { html: await response.text(), policy: response.headers.get('content-security-policy') ?? '' };
}

test("every page of a case wears its brand's logo and colour, and may load nothing but that logo", async () => {
  const id = await site.addSurvey({ brand: 'nordwind nord' });
  for (const url of [site.surveyUrl(id), site.surveyUrl(id, 4), site.optOutUrl(id)]) {
    const { html, policy } = await pageAt(url);
    expect(html).toContain('src="https://pictures.nordwind.example/logo.png?v=1" width="240"');
    expect(html).toContain('alt="Nordwind &lt;&amp; Söhne&gt;"');
    expect(html).toContain('href="../assets/looks/ffd400"');
    expect(policy).toMatch(/img-src data: https:\/\/pictures\.nordwind\.example;/);
    expect(policy).not.toContain('unsafe');
  }
});

test('a brand without a picture is named; where no case is known, it is the default one', async () => {
  const id = await site.addSurvey({ brand: 'unheard of' });
  for (const url of [site.surveyUrl(id), `${site.url}/s/none`]) {
    const { html } = await pageAt(url);
    expect(html).toContain('<p class="brand">Acme</p>');
    expect(html).toContain('href="../assets/looks/1f4fa3"');
  }
});

test('the stylesheet is there in the colours of brands and in no others', async () => {
  const yellow = await fetch(`${site.url}/assets/looks/ffd400`);
  expect(yellow.headers.get('content-type')).toContain('text/css');
  const css = await yellow.text();
  expect(css).toContain('--fill: #ffd400; --on-fill: #000000');
  // Yellow cannot be read on white.
  expect(css).not.toContain('--accent: #ffd400; }\n@media');
  expect((await fetch(`${site.url}/assets/looks/123456`)).status).toBe(404);
});
