import { afterAll, beforeAll, expect, it } from 'vitest';
import { engines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import type { SurveyMail } from '../support/survey-mail.ts';
import { openWorld, type World } from '../support/world.ts';

let engine: OpenEngine | undefined;
let world: World;

beforeAll(async () => {
  engine = await engines[0]?.open();
  if (engine === undefined) throw new Error('the embedded engine is always there');
  world = await openWorld({
    engine,
    config: {
      brands: { default: { locale: 'fr' } },
      texts: {
        'de-AT': {
          'mail.subjectWithBrand': 'Servus von {brand}! Anfrage {number}',
          'page.submit': 'Abschicken',
          'optOut.button': 'Bitte nimmer',
          'page.unknownTitle': 'Der Link geht nimmer',
        },
      },
      surveys: {
        support: {
          metric: 'a',
          labels: { de: ['Miserabel', 'Schlecht', 'Passt', 'Gut', 'Leiwand'] },
        },
      },
    },
  });
});
afterAll(async () => {
  await world?.close();
  await engine?.close();
});

async function mailTo(locale: string): Promise<SurveyMail> {
  const email = `${locale.toLowerCase()}@elsewhere.example`;
  const requester = { name: 'Ada', email, locale };
  await world.crm.closeCase(await world.crm.openCase({ subject: 'Refund', requester }));
  return eventually(`a mail to ${email}`, async () => (await world.mailsTo(email))[0]);
}

const pageAt = async (link: string, init: RequestInit = {}) => (await fetch(link, init)).text();

function linkOf(mail: SurveyMail, part: string): string {
  const link = mail.links.find((one) => one.includes(part));
  if (link === undefined) throw new Error(`the mail has no link with ${part}`);
  return link;
}

it('a customer whose language nobody has words for is written to in the brand’s, everywhere', async () => {
  const mail = await mailTo('eo');
  expect(mail.subject).toMatch(/^Votre demande/);
  const survey = await pageAt(linkOf(mail, 'score=2'));
  expect(survey).toContain('<html lang="fr" dir="ltr"');
  expect(survey).toContain('Comment évaluez-vous');
  expect(await pageAt(linkOf(mail, '/u/'))).toContain('Ne plus recevoir d’enquêtes');
});

it('texts and labels of one’s own are what the mail and every page say', async () => {
  const mail = await mailTo('de-AT');
  expect(mail.subject).toMatch(/^Servus von Acme! Anfrage \d+$/);
  const survey = await pageAt(linkOf(mail, 'score=2'));
  expect(survey).toContain('<html lang="de-AT" dir="ltr"');
  expect(survey).toContain('Abschicken');
  expect(survey).toContain('Leiwand');
  expect(await pageAt(linkOf(mail, '/u/'))).toContain('Bitte nimmer');
  const headers = { 'Accept-Language': 'eo, de-AT;q=0.9, en;q=0.5' };
  expect(await pageAt(new URL('/s/nonsense', linkOf(mail, '/s/')).href, { headers })).toContain(
    'Der Link geht nimmer',
  );
});

it('a language from right to left is written so, with the case number kept together', async () => {
  const mail = await mailTo('he');
  expect(mail.subject).toMatch(/^פנייתכם \u2068\d+\u2069 אל \u2068Acme\u2069: /);
  const survey = await pageAt(linkOf(mail, 'score=2'));
  expect(survey).toContain('<html lang="he" dir="rtl"');
  const headers = { 'Accept-Language': 'iw' };
  for (const path of ['/s/nonsense', '/u/nonsense', '/nowhere'])
    expect(await pageAt(new URL(path, linkOf(mail, '/s/')).href, { headers })).toContain(
      '<html lang="he" dir="rtl"',
    );
});
