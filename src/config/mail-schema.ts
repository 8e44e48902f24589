import { createPrivateKey } from 'node:crypto';
import { Secret } from '../secret.ts';
import { documented, section } from './documented.ts';
import { address, choice, sender, serverUrl, text, whole, yesNo } from './values.ts';

const FEWEST_BITS = 1024;

const privateKey = documented(
  text<Secret>((input) => {
    // A variable of many environments holds one line.
    const pem = input.replaceAll('\\n', '\n');
    const bits = bitsOf(pem);
    if (bits === null) return { message: 'this is not a private RSA key in PEM form' };
    return bits < FEWEST_BITS
      ? { message: `the key has ${bits} bits, and receivers take none below ${FEWEST_BITS}` }
      : { value: new Secret(pem) };
  }),
  {
    about: 'The private RSA key, with its BEGIN and END lines; line ends may be written as \\n.',
    allowed: `a private RSA key of at least ${FEWEST_BITS} bits in PEM form`,
    fix: `Make one with "openssl genrsa 2048", keep it outside this file and write \${DKIM_KEY} here.`,
  },
);

function bitsOf(pem: string): number | null {
  try {
    return createPrivateKey(pem).asymmetricKeyDetails?.modulusLength ?? null;
  } catch {
    return null;
  }
}

const domain = documented(
  text<string>((input) =>
    /^([a-z0-9-]+\.)+[a-z0-9-]+$/i.test(input)
      ? { value: input.toLowerCase() }
      : { message: 'this is not a domain' },
  ),
  {
    about: 'The domain that signs; the one of mail.from, or one above it.',
    allowed: 'a domain, such as acme.example',
    fix: 'Write the part after the @ of mail.from.',
  },
);

const selector = documented(
  text<string>((input) =>
    /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(input)
      ? { value: input }
      : { message: 'this cannot stand in a DNS name' },
  ),
  {
    about: 'Names the key below the domain: the DNS record is SELECTOR._domainkey.DOMAIN.',
    allowed: 'letters, digits, - and .',
    fix: 'Write a short name, such as survey.',
  },
);

const Dkim = section('Signs mails by itself, for relays that do not.', { domain, selector, privateKey });

const Mailbox = section('Where bounces and replies arrive, for Caseloop to read.', {
  url: serverUrl({
    about: 'The IMAP folder. Nobody else should work in it.',
    schemes: ['imap:', 'imaps:'],
    example: 'imaps://user:password@host/INBOX',
    without: 'bounces and replies go where mail.from and mail.replyTo say',
  }),
  address: address('The address whose mail arrives there.'),
  plusAddresses: yesNo(
    'The server delivers survey+anything@ to survey@, so that each mail has an address of its own. Without that, what comes back is told by its Message-ID.',
  ).default(true),
});

/** The config's `mail`. */
export const Mail = section('How surveys are sent.', {
  from: sender('The sender of surveys.'),
  replyTo: address(
    'Where replies go. Not an address that your CRM reads: a reply would reopen the case. Without it: the sender. With mail.mailbox, replies are kept there first and forwarded to this address.',
  ).optional(),
  url: serverUrl({
    about: 'The SMTP server.',
    schemes: ['smtp:', 'smtps:'],
    example: 'smtp://user:password@host:587',
    without: 'mails are written as .eml files to outbox in dataDir',
  }).optional(),
  concurrency: whole({
    about: 'SMTP connections open at a time.',
    min: 1,
    max: 100,
    unit: 'connections',
  }).default(10),
  afterCrash: choice(
    ['resend', 'hold'],
    'What becomes of a mail that a crash cut off while it was being handed over: resend may send it twice, hold keeps it for a person to decide.',
  ).default('resend'),
  dkim: Dkim.optional(),
  mailbox: Mailbox.optional(),
});
