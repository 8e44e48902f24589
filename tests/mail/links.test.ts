import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { casePageUrl, createLinks } from '../../src/links.ts';
import { Secret } from '../../src/secret.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const LATER = new Date('2026-12-21T12:00:00Z');
const OLD = new Secret('an old secret of thirty-two bytes or so');
const NEW = new Secret('a new secret of thirty-two bytes or so!');
const publicUrl = 'https://survey.acme.example';
const links = createLinks({ publicUrl, secrets: [OLD] });

function tokenOf(url: string): string {
  return new URL(url).pathname.split('/')[2] ?? '';
}

describe('a survey link', () => {
  test('names its survey until it expires, and still names it afterwards', () => {
    const surveyId = randomUUID();
    const token = tokenOf(links.surveyUrl(surveyId, LATER));
    expect(links.verifySurvey(token, NOW)).toEqual({ surveyId, expired: false });
    expect(links.verifySurvey(token, new Date(LATER.getTime() - 1))).toEqual({ surveyId, expired: false });
    expect(links.verifySurvey(token, LATER)).toEqual({ surveyId, expired: true });
  });

  test('carries the score beside the token, zero included', () => {
    const surveyId = randomUUID();
    expect(new URL(links.surveyUrl(surveyId, LATER, 4)).search).toBe('?score=4');
    expect(new URL(links.surveyUrl(surveyId, LATER, 0)).search).toBe('?score=0');
    expect(new URL(links.surveyUrl(surveyId, LATER)).search).toBe('');
  });

  test('is short enough for a mail and safe in an address', () => {
    const token = tokenOf(links.surveyUrl(randomUUID(), LATER));
    expect(token).toMatch(/^[A-Za-z0-9_-]{51}$/);
  });

  test('keeps a path and drops a trailing slash of the public address', () => {
    const under = createLinks({ publicUrl: 'https://acme.example/csat/', secrets: [OLD] });
    expect(under.surveyUrl(randomUUID(), LATER)).toMatch(/^https:\/\/acme\.example\/csat\/s\/[\w-]+$/);
  });
});

describe('an opt-out link', () => {
  test('never expires and names the survey', () => {
    const surveyId = randomUUID();
    expect(links.verifyOptOut(tokenOf(links.optOutUrl(surveyId)))).toEqual({ surveyId });
  });
});

test('purposes cannot be swapped', () => {
  const surveyId = randomUUID();
  expect(links.verifyOptOut(tokenOf(links.surveyUrl(surveyId, LATER)))).toBeNull();
  expect(links.verifySurvey(tokenOf(links.optOutUrl(surveyId)), NOW)).toBeNull();
});

test('a link with any byte changed is refused', () => {
  const token = Buffer.from(tokenOf(links.surveyUrl(randomUUID(), LATER)), 'base64url');
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const changed = Buffer.from(token);
      changed[at] = (changed[at] ?? 0) ^ mask;
      expect(links.verifySurvey(changed.toString('base64url'), NOW)).toBeNull();
    }),
  );
});

test('text that is no token is refused and throws nothing', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (text) => {
      expect(links.verifySurvey(text, NOW)).toBeNull();
      expect(links.verifyOptOut(text)).toBeNull();
    }),
  );
});

test('a token has one spelling only', () => {
  const token = tokenOf(links.surveyUrl(randomUUID(), LATER));
  for (const other of [`${token}=`, `${token} `, `${token.slice(0, 10)}\n${token.slice(10)}`, `${token}A`])
    expect(links.verifySurvey(other, NOW)).toBeNull();
});

describe('rotation', () => {
  const rotated = createLinks({ publicUrl, secrets: [NEW, OLD] });

  test('links signed before are still good', () => {
    const surveyId = randomUUID();
    expect(rotated.verifySurvey(tokenOf(links.surveyUrl(surveyId, LATER)), NOW)?.surveyId).toBe(surveyId);
  });

  test('the first secret signs', () => {
    const token = tokenOf(rotated.surveyUrl(randomUUID(), LATER));
    expect(links.verifySurvey(token, NOW)).toBeNull();
    expect(createLinks({ publicUrl, secrets: [NEW] }).verifySurvey(token, NOW)).not.toBeNull();
  });
});

test('a survey id that is no UUID and an empty list of secrets are refused', () => {
  expect(() => links.surveyUrl('4711', LATER)).toThrow(RangeError);
  expect(() => createLinks({ publicUrl, secrets: [] })).toThrow(RangeError);
});

test('the page of a case for staff lies under the public address, whatever the id holds', () => {
  expect(casePageUrl('https://acme.example/survey/', 'zendesk-eu', '47/11?x')).toBe(
    'https://acme.example/survey/dashboard/cases/zendesk-eu/47%2F11%3Fx',
  );
});
