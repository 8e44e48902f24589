import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { SECOND_MS } from './clock.ts';
import type { Secret } from './secret.ts';

/** Signed addresses that name exactly one survey, and so exactly one closure. They carry no personal data. */
export interface Links {
  /** The survey's page until `expiresAt` (kept to the second). With a score, the page opens with it chosen. */
  surveyUrl(surveyId: string, expiresAt: Date, score?: number): string;
  /** Stops surveys to the person this survey went to. Never expires. */
  optOutUrl(surveyId: string): string;
  /** Null when we did not sign it as a survey link; an expired one still says which survey it named. */
  verifySurvey(token: string, now: Date): { readonly surveyId: string; readonly expired: boolean } | null;
  /** Null when we did not sign it as an opt-out link. */
  verifyOptOut(token: string): { readonly surveyId: string } | null;
  /** Names a survey in the local part of an address: small letters and digits, since mail servers may change their case. */
  mailTag(surveyId: string): string;
  /** Null when we did not sign it. */
  verifyMailTag(tag: string): { readonly surveyId: string } | null;
}

// A purpose byte, the survey's UUID, the expiry in seconds (0: never), then half of an HMAC-SHA256 over all of them.
const PURPOSES = { survey: 1, 'opt-out': 2 } as const;
const ID_AT = 1;
const EXPIRY_AT = 17;
const EXPIRY_BYTES = 5;
const MAC_AT = EXPIRY_AT + EXPIRY_BYTES;
const MAC_BYTES = 16;
const TOKEN_BYTES = MAC_AT + MAC_BYTES;

// A local part has 64 characters at most: the survey's UUID and a shorter code, written with 32 letters.
const TAG_MAC_BYTES = 8;
const TAG_ID_BYTES = EXPIRY_AT - ID_AT;
const TAG_RADIX = 32;
const TAG_LENGTH = Math.ceil(((TAG_ID_BYTES + TAG_MAC_BYTES) * 8) / 5);

type Purpose = keyof typeof PURPOSES;

/**
 * Makes and checks links. The first secret signs and all verify, so that a secret is rotated by putting a new one in front.
 * Each purpose has a key of its own: a survey link is never taken for an opt-out link.
 */
export function createLinks(options: { publicUrl: string; secrets: readonly Secret[] }): Links {
  const keys = {
    survey: deriveKeys(options.secrets, 'survey'),
    'opt-out': deriveKeys(options.secrets, 'opt-out'),
    mail: deriveKeys(options.secrets, 'mail'),
  };
  const base = options.publicUrl.replace(/\/+$/, '');

  return {
    surveyUrl(surveyId, expiresAt, score) {
      const token = sign(keys.survey, 'survey', surveyId, Math.floor(expiresAt.getTime() / SECOND_MS));
      const url = `${base}/s/${token}`;
      return score === undefined ? url : withScore(url, score);
    },
    optOutUrl(surveyId) {
      return `${base}/u/${sign(keys['opt-out'], 'opt-out', surveyId, 0)}`;
    },
    verifySurvey(token, now) {
      const claims = verify(keys.survey, 'survey', token);
      if (claims === null) return null;
      return { surveyId: claims.surveyId, expired: now.getTime() >= claims.expirySeconds * SECOND_MS };
    },
    verifyOptOut(token) {
      const claims = verify(keys['opt-out'], 'opt-out', token);
      return claims === null ? null : { surveyId: claims.surveyId };
    },
    mailTag(surveyId) {
      const id = idBytes(surveyId);
      const tag = Buffer.concat([id, mac(firstOf(keys.mail), id).subarray(0, TAG_MAC_BYTES)]);
      return BigInt(`0x${tag.toString('hex')}`)
        .toString(TAG_RADIX)
        .padStart(TAG_LENGTH, '0');
    },
    verifyMailTag(tag) {
      const bytes = tagBytes(tag);
      if (bytes === null) return null;
      const id = bytes.subarray(0, TAG_ID_BYTES);
      const given = bytes.subarray(TAG_ID_BYTES);
      let known = false;
      for (const key of keys.mail)
        known = timingSafeEqual(mac(key, id).subarray(0, TAG_MAC_BYTES), given) || known;
      return known ? { surveyId: idText(id) } : null;
    },
  };
}

/** Where staff see everything about a case; it asks who they are. */
export function casePageUrl(publicUrl: string, connector: string, caseId: string): string {
  const path = [connector, caseId].map(encodeURIComponent).join('/');
  return `${publicUrl.replace(/\/+$/, '')}/dashboard/cases/${path}`;
}

/** Addresses for a mail that asks nobody: they lead to a page that says so and stores nothing. */
export function testLinks(publicUrl: string): Pick<Links, 'surveyUrl' | 'optOutUrl'> {
  const url = `${publicUrl.replace(/\/+$/, '')}/test-mail`;
  return {
    surveyUrl: (_surveyId, _expiresAt, score) => (score === undefined ? url : withScore(url, score)),
    optOutUrl: () => url,
  };
}

/** The same survey's address with a score chosen. Signing costs more than the rest of a mail's links together. */
export function withScore(surveyUrl: string, score: number): string {
  return `${surveyUrl}?score=${score}`;
}

/** The same survey's address as no person finds it: a link that mails hide, so that whoever follows it is a program. */
export function withTrap(surveyUrl: string): string {
  return `${surveyUrl}?view=1`;
}

/** True of the query of such an address. */
export function isTrap(query: Readonly<Record<string, unknown>>): boolean {
  return query.view === '1';
}

function deriveKeys(secrets: readonly Secret[], purpose: Purpose | 'mail'): readonly KeyObject[] {
  if (secrets.length === 0) throw new RangeError('links need at least one secret');
  return secrets.map((secret) =>
    // Handed over as bytes, a key would be prepared anew for each mail at five times the cost of signing.
    createSecretKey(Buffer.from(hkdfSync('sha256', secret.reveal(), 'caseloop', `link:${purpose}`, 32))),
  );
}

function sign(keys: readonly KeyObject[], purpose: Purpose, surveyId: string, expirySeconds: number): string {
  const key = firstOf(keys);
  const token = Buffer.alloc(TOKEN_BYTES);
  token[0] = PURPOSES[purpose];
  idBytes(surveyId).copy(token, ID_AT);
  token.writeUIntBE(expirySeconds, EXPIRY_AT, EXPIRY_BYTES);
  mac(key, token.subarray(0, MAC_AT)).copy(token, MAC_AT);
  return token.toString('base64url');
}

function verify(
  keys: readonly KeyObject[],
  purpose: Purpose,
  text: string,
): { surveyId: string; expirySeconds: number } | null {
  const token = Buffer.from(text, 'base64url');
  // Buffer skips characters it does not know; only one spelling of a token is a token.
  if (token.length !== TOKEN_BYTES || token.toString('base64url') !== text) return null;
  const claims = token.subarray(0, MAC_AT);
  const given = token.subarray(MAC_AT);
  let known = false;
  // Every key is tried, so that the time taken does not tell which one signed.
  for (const key of keys) known = timingSafeEqual(mac(key, claims), given) || known;
  if (!known || claims[0] !== PURPOSES[purpose]) return null;
  return {
    surveyId: idText(claims.subarray(ID_AT, EXPIRY_AT)),
    expirySeconds: claims.readUIntBE(EXPIRY_AT, EXPIRY_BYTES),
  };
}

function firstOf(keys: readonly KeyObject[]): KeyObject {
  const [key] = keys;
  if (key === undefined) throw new RangeError('links need at least one secret');
  return key;
}

/** Null for what is no tag. */
function tagBytes(tag: string): Buffer | null {
  if (tag.length !== TAG_LENGTH || !/^[0-9a-v]+$/i.test(tag)) return null;
  let value = 0n;
  for (const letter of tag) value = value * BigInt(TAG_RADIX) + BigInt(Number.parseInt(letter, TAG_RADIX));
  const hex = value.toString(16).padStart(2 * (TAG_ID_BYTES + TAG_MAC_BYTES), '0');
  return hex.length === 2 * (TAG_ID_BYTES + TAG_MAC_BYTES) ? Buffer.from(hex, 'hex') : null;
}

function mac(key: KeyObject, claims: Buffer): Buffer {
  return createHmac('sha256', key).update(claims).digest().subarray(0, MAC_BYTES);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function idBytes(surveyId: string): Buffer {
  if (!UUID.test(surveyId)) throw new RangeError(`survey id ${surveyId}: expected a UUID`);
  return Buffer.from(surveyId.replaceAll('-', ''), 'hex');
}

function idText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
