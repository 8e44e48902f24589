import { z } from 'zod';
import { documented, section } from './documented.ts';
import { isHttpsOrLoopback } from './https.ts';
import { languageTag } from './language-tag.ts';
import { address, list, sender, text, whole, words } from './values.ts';

const logoUrl = documented(
  text<string>((input) => {
    const url = URL.canParse(input) ? new URL(input) : null;
    if (url === null) return { message: 'this is not a full address' };
    if (!isHttpsOrLoopback(url)) return { message: 'the address is not https, and not on this machine' };
    return url.username === '' && url.password === ''
      ? { value: url.href }
      : { message: 'the address holds a user name or password' };
  }),
  {
    about: 'Where mails and pages load the picture from.',
    allowed: 'an https address without password; http only for localhost and 127.0.0.1',
    fix: 'Write the full address, such as https://survey.acme.example/logo.png.',
  },
);

const colour = documented(
  text<string>(
    (input) =>
      /^#[0-9a-f]{6}$/i.test(input) ? { value: input.toLowerCase() } : { message: 'this is not a colour' },
    { pattern: /^#[0-9a-fA-F]{6}$/ },
  ),
  {
    about: 'The colour of buttons, links and marks. What stands on it is black or white.',
    allowed: '"#" and six hex digits',
    fix: 'Write it in quotes, such as "#1f4fa3": without them # starts a comment.',
  },
);

const signatureText = words({
  about: 'What stands below a mail; several lines if need be.',
  allowed: 'text of up to 500 characters',
  maxLength: 500,
}).transform((value) => value.trim());

const signature = documented(
  z.union([
    signatureText.transform((value): Record<string, string> => ({ und: value })),
    z
      .record(languageTag, signatureText)
      .refine((texts) => Object.keys(texts).length > 0, { message: 'there is no signature' }),
  ]),
  {
    about: 'What stands below a mail: one text, or one by language, of which the first serves all others.',
    allowed: 'text of up to 500 characters, or a map from language tags to such texts',
    fix: 'Write, for example, { en: Your Acme support team }.',
  },
);

/** One brand: how its mails and pages look and sound. */
export const Brand = section('One brand.', {
  when: list(words({ about: 'One name.', allowed: 'text' }), {
    about: 'The names that CRMs have for it, beside the name of this entry.',
    allowed: 'a list of texts',
  }),
  name: words({
    about: "As customers know it. Default: the CRM's name for it.",
    allowed: 'text of up to 60 characters',
    maxLength: 60,
  }).optional(),
  logo: section('The picture above mails and pages.', {
    url: logoUrl,
    width: whole({ about: 'How wide it is shown.', min: 16, max: 300, unit: 'pixels' }),
  }).optional(),
  colour: colour.optional(),
  signature: signature.optional(),
  from: sender('The sender of its surveys. Default: mail.from.').optional(),
  replyTo: address(
    'Where replies to its surveys go. Not an address that your CRM reads. Default: mail.replyTo.',
  ).optional(),
  locale: documented(languageTag, {
    about: 'The language for customers whose language nobody knows. Default: English.',
    allowed: 'a language tag, such as en, de or pt-BR',
    fix: 'Write the language, with - and not _ before the region.',
  }).optional(),
});
