import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PLAIN_BRAND } from '../../src/domain/brand.ts';
import { SCALES, type Scale } from '../../src/domain/score.ts';
import { withTrap } from '../../src/links.ts';
import { composeInvitation } from '../../src/mail/compose.ts';
import { escapeHtml } from '../../src/mail/escape-html.ts';
import { senderFor } from '../../src/mail/sender.ts';
import { LANGUAGE_TAGS, pointsOf, textsFor } from '../../src/texts/texts.ts';
import { contrastOf, SURFACES, tonesOf } from '../../src/tones.ts';
import { SAMPLE_BRANDS, SAMPLE_SURVEY, sampleInvitation } from '../support/sample-invitation.ts';
import { parseMail } from '../support/smtp.ts';

async function read(over: Parameters<typeof sampleInvitation>[0] = {}) {
  const invitation = sampleInvitation(over);
  const { raw, envelope } = await composeInvitation(invitation);
  const mail = await parseMail(raw);
  const openUrl = invitation.links.surveyUrl(invitation.surveyId, invitation.expiresAt);
  return { raw, envelope, openUrl, subject: mail.subject, text: mail.text ?? '', html: mail.html || '' };
}

/** Where each of the parts starts, in order; -1 for one that is not there after the one before it. */
function orderOf(text: string, parts: readonly string[]): readonly number[] {
  let from = 0;
  return parts.map((part) => {
    const at = text.indexOf(part, from);
    from = at < 0 ? from : at + part.length;
    return at;
  });
}

/** As long as most subjects of cases are, in letters that take three bytes each. */
const LONG_SUBJECT = 'プリンターが燃えています。'.repeat(4);
const SCALE_NAMES = Object.keys(SCALES) as Scale[];

describe.each(LANGUAGE_TAGS)('in %s', (locale) => {
  const { texts } = textsFor(locale);

  test.each(SCALE_NAMES)(
    '%s: the rating comes first, and no client clips it, for any brand',
    async (scale) => {
      for (const brand of SAMPLE_BRANDS) {
        const survey = { ...SAMPLE_SURVEY, scale };
        const { raw, text, html, openUrl } = await read({ survey, locale, brand, caseSubject: LONG_SUBJECT });
        expect(raw.length).toBeLessThan(30_000);
        expect(html).toContain(`<html lang="${locale}" dir="${texts.direction}"`);
        // MJML writes a direction of its own wherever it is not told one.
        expect(new Set(html.match(/(?<=direction:)\w+/g))).toEqual(new Set([texts.direction]));
        expect(html + text).not.toMatch(/%%|undefined|\{\w+\}/);

        const question = texts.question.csat;
        const points = pointsOf(scale, 'csat', { texts });
        const taps = points.map(({ score }) => `${openUrl}?score=${score}`);
        const signature = brand.key === 'limon' ? ['Limón'] : [];
        const rest = ['Ada Lovelace', '4711', ...signature, '4711'];
        const inHtml = html.slice(html.indexOf('<h1'));
        expect(orderOf(inHtml, [escapeHtml(question), ...taps, ...rest]), html).not.toContain(-1);
        const inText = [question, ...points.flatMap(({ name }, at) => [name, taps[at] ?? '']), ...rest];
        expect(orderOf(text, inText), text).not.toContain(-1);

        expect(html.split(`href="${withTrap(openUrl)}"`)).toHaveLength(2);
        expect(text).not.toContain(withTrap(openUrl));
      }
    },
  );
});

test('the brand’s name, logo, colour and signature are in the mail, and harmless', async () => {
  const [, nordwind = PLAIN_BRAND] = SAMPLE_BRANDS;
  const { html, text, subject } = await read({ brand: nordwind });
  expect(subject).toContain('Nordwind & Söhne');
  expect(html).toMatch(/<img\s+alt="Nordwind &amp; Söhne" src="https:\/\/survey.acme.example\/nordwind.png"/);
  expect(html).toContain('background:#0b7a4b');
  expect(html).toContain('Your Nordwind team<br />&lt;support.nordwind.example&gt;');
  expect(text).toContain('\n\nYour Nordwind team\n<support.nordwind.example>\n\n-- \n');
  expect((await read({ brand: nordwind, locale: 'de' })).text).toContain('Ihr Nordwind-Team');
});

test('a brand without a name goes by the one that each mail gives it', async () => {
  const named = async (name: string) => (await read({ brand: { ...PLAIN_BRAND, name } })).html;
  expect(await named('One')).toContain('>One<');
  expect(await named('Two')).toContain('>Two<');
});

test('customers whose language nobody knows are written to in the brand’s', async () => {
  const brand = { ...PLAIN_BRAND, locale: 'de' };
  expect((await read({ brand, locale: null })).html).toContain('<html lang="de"');
  expect((await read({ brand, locale: 'en' })).html).toContain('<html lang="en"');
});

test('a reminder says that it is one, and the only one', async () => {
  const { subject, text, html } = await read({ purpose: 'reminder' });
  expect(subject).toBe('Reminder: how was the support for your request 4711?');
  for (const body of [text, html]) expect(body).toContain('This is the only reminder.');
  expect((await read()).html).not.toContain('This is the only reminder.');
});

test('replies are spoken of only where somebody keeps them; what bounces may go elsewhere', async () => {
  const bouncesTo = 'bounces@acme.example';
  const { text, html, envelope } = await read({ repliesAreKept: true, bouncesTo });
  for (const body of [text, html]) expect(body).toContain('If you reply to this mail');
  expect(envelope.from).toBe(bouncesTo);
  expect((await read()).text).not.toContain('If you reply to this mail');
});

test('a brand’s addresses win over those of all mails', () => {
  const mail = { from: 'a@acme.example', replyTo: null };
  expect(senderFor(mail, PLAIN_BRAND)).toEqual(mail);
  const own = { from: 'b@acme.example', replyTo: 'c@acme.example' };
  expect(senderFor(mail, { ...PLAIN_BRAND, ...own })).toEqual(own);
});

test('whatever colour a brand has, buttons and links can be read in light and in dark', () => {
  const channel = fc.integer({ min: 0, max: 255 }).map((value) => value.toString(16).padStart(2, '0'));
  fc.assert(
    fc.property(fc.tuple(channel, channel, channel), (channels) => {
      const colour = `#${channels.join('')}`;
      const { button, onButton, link, linkOnDark } = tonesOf(colour);
      expect(button).toBe(colour);
      expect(contrastOf(onButton, button)).toBeGreaterThanOrEqual(4.5);
      for (const surface of Object.values(SURFACES.light))
        expect(contrastOf(link, surface)).toBeGreaterThanOrEqual(4.5);
      for (const surface of Object.values(SURFACES.dark))
        expect(contrastOf(linkOnDark, surface)).toBeGreaterThanOrEqual(4.5);
    }),
    { numRuns: 100 },
  );
  expect(tonesOf('#1f4fa3')).toMatchObject({ onButton: '#ffffff', link: '#1f4fa3' });
  expect(tonesOf('#ffd400').onButton).toBe('#000000');
});
