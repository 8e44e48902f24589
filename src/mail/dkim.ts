import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Secret } from '../secret.ts';

/** Signs mails for a domain, so that receivers can tell that they are its own: RFC 6376. */
export interface Dkim {
  readonly domain: string;
  readonly selector: string;
  /** An RSA key as PEM. */
  readonly privateKey: Secret;
}

/** What is signed. RFC 8058 wants both List-Unsubscribe fields in it, or one-click opt-out is not offered. */
const SIGNED = [
  'From',
  'Reply-To',
  'To',
  'Subject',
  'Message-ID',
  'Date',
  'Auto-Submitted',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'Content-Type',
].join(':');

/** The same as nodemailer takes it, with the key made once: parsing it costs more than many signatures. */
export function signerOf({ domain, selector, privateKey }: Dkim) {
  return {
    domainName: domain,
    keySelector: selector,
    privateKey: readKey(privateKey) as unknown as string,
    headerFieldNames: SIGNED,
  };
}

/** The TXT record that receivers look the key up by: its name, and what must stand there. */
export function dnsRecordOf({ domain, selector, privateKey }: Dkim): { name: string; value: string } {
  const key = createPublicKey(readKey(privateKey)).export({ type: 'spki', format: 'der' });
  return { name: `${selector}._domainkey.${domain}`, value: `v=DKIM1; k=rsa; p=${key.toString('base64')}` };
}

/** True where DMARC takes a signature of `domain` for one of the sender's, whatever its alignment mode: the same or below it. */
export function isAligned(sender: string, domain: string): boolean {
  const at = sender.slice(sender.lastIndexOf('@') + 1).replace(/>.*$/, '');
  return `.${at.toLowerCase()}`.endsWith(`.${domain.toLowerCase()}`);
}

function readKey(key: Secret): KeyObject {
  return createPrivateKey(key.reveal());
}
