import { inspect } from 'node:util';
import { expect } from 'vitest';
import type { Stand } from './stand.ts';

/** A customer whose name, address and words must never turn up in a message or a log line. */
export const CUSTOMER = {
  name: 'Planted Person',
  email: 'planted.person@example.org',
  locale: 'pt',
} as const;
export const PLANTED_SUBJECT = 'Planted subject of a customer';
export const PLANTED_COMMENT = 'Planted comment of a customer';

const PLANTED = [CUSTOMER.name, CUSTOMER.email, PLANTED_SUBJECT, PLANTED_COMMENT];

/** The beginning of a response body: JSON or a page. */
const BODY = /<html|<!doctype|\{\s*\\?"/i;

/** Fails when an error, its fix, its causes or a log line shows a customer's data, a secret, a token or a response body. */
export function expectNothingTold(stand: Stand, errors: readonly unknown[]): void {
  const texts = [
    ...errors.map((error) => inspect(error, { depth: 12, showHidden: true })),
    ...stand.logLines.flatMap(textsIn),
  ];
  for (const text of texts) {
    for (const hidden of [...PLANTED, ...stand.secrets()]) {
      if (text.includes(hidden)) expect.fail(`"${hidden}" is told: ${text}`);
    }
    expect(text).not.toMatch(BODY);
  }
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
