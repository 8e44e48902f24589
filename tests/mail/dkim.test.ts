import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { composeInvitation } from '../../src/mail/compose.ts';
import { dnsRecordOf, isAligned } from '../../src/mail/dkim.ts';
import { createSmtpMailer } from '../../src/mail/smtp.ts';
import { Secret } from '../../src/secret.ts';
import { sampleInvitation } from '../support/sample-invitation.ts';
import { startSmtpSink } from '../support/smtp.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const dkim = {
  domain: 'acme.example',
  selector: 'survey',
  privateKey: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
};

/** RFC 6376, relaxed/relaxed, as a receiver checks it: with nothing but the mail and the published key. */
function isSigned(raw: Buffer, published: string): boolean {
  const text = raw.toString('latin1');
  const split = text.indexOf('\r\n\r\n');
  const fields = text.slice(0, split).split(/\r\n(?![ \t])/);
  const signature = fields.find((field) => /^dkim-signature:/i.test(field)) ?? '';
  const tags = Object.fromEntries(
    signature
      .slice(signature.indexOf(':') + 1)
      .replace(/\r\n/g, '')
      .split(';')
      .map((tag) => [tag.split('=')[0]?.trim(), tag.slice(tag.indexOf('=') + 1).trim()]),
  );
  const body = `${text
    .slice(split + 4)
    .replace(/[ \t]+\r\n/g, '\r\n')
    .replace(/[ \t]+/g, ' ')
    .replace(/(\r\n)*$/, '')}\r\n`;
  const hash = createHash('sha256').update(body, 'latin1').digest('base64');
  if (hash !== tags.bh?.replace(/\s/g, '')) return false;
  const relaxed = (field: string) => {
    const at = field.indexOf(':');
    const value = field
      .slice(at + 1)
      .replace(/\r\n/g, '')
      .replace(/[ \t]+/g, ' ');
    return `${field.slice(0, at).trim().toLowerCase()}:${value.trim()}`;
  };
  const named = (name: string) =>
    fields.findLast((field) => field.toLowerCase().startsWith(`${name.trim().toLowerCase()}:`));
  const signed = (tags.h ?? '').split(':').flatMap((name: string) => named(name) ?? []);
  const data = [...signed.map(relaxed), relaxed(signature.replace(/(\bb=)[^;]*$/, '$1'))].join('\r\n');
  const key = createPublicKey({
    key: Buffer.from(/p=(.+)$/.exec(published)?.[1] ?? '', 'base64'),
    format: 'der',
    type: 'spki',
  });
  return verify('sha256', Buffer.from(data, 'latin1'), key, Buffer.from(tags.b ?? '', 'base64'));
}

test('a signed mail verifies by the record to publish, and no longer once it is changed', async () => {
  const sink = await startSmtpSink();
  opened.push(sink);
  const mailer = createSmtpMailer({ url: new Secret(sink.url), concurrency: 1, dkim });
  opened.push(mailer);
  await mailer.send(await composeInvitation(sampleInvitation()));
  const raw = sink.mails[0]?.raw ?? Buffer.alloc(0);
  const record = dnsRecordOf(dkim);
  expect(record.name).toBe('survey._domainkey.acme.example');
  expect(isSigned(raw, record.value)).toBe(true);
  const changed = (from: string, to: string) =>
    Buffer.from(raw.toString('latin1').replace(from, to), 'latin1');
  expect(isSigned(Buffer.concat([raw, Buffer.from('P.S.\r\n')]), record.value)).toBe(false);
  expect(isSigned(changed('Subject: ', 'Subject: Re: '), record.value)).toBe(false);
  expect(isSigned(changed('List-Unsubscribe-Post: List', 'List-Unsubscribe-Post: Lost'), record.value)).toBe(
    false,
  );
});

test('only a sender at the domain or below it is spoken for', () => {
  expect(isAligned('Acme <survey@eu.acme.example>', 'acme.example')).toBe(true);
  expect(isAligned('survey@notacme.example', 'acme.example')).toBe(false);
});
