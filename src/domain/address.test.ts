import { expect, test } from 'vitest';
import { addressProblem, domainIn } from './address.ts';

test.each([
  'ada@customer.example',
  'Ada.Lovelace+desk@mail.customer.example',
  "o'hara@customer.example",
  'jörg@müller.example',
  'noreen@customer.example',
  'reply@customer.example',
  'bouncer@customer.example',
])('%s can be mailed', (email) => {
  expect(addressProblem(email)).toBeNull();
});

test.each([
  [null, 'missing'],
  ['  ', 'missing'],
  ['ada', 'malformed'],
  ['ada@', 'malformed'],
  ['@customer.example', 'malformed'],
  ['ada@localhost', 'malformed'],
  ['ada@customer..example', 'malformed'],
  ['ada@-customer.example', 'malformed'],
  ['ada@b@customer.example', 'malformed'],
  ['ada, bob@customer.example', 'malformed'],
  ['Ada <ada@customer.example>', 'malformed'],
  ['ada@customer.example\r\nBcc: all@customer.example', 'malformed'],
  [`${'a'.repeat(65)}@customer.example`, 'malformed'],
  [`ada@${'customer.'.repeat(30)}example`, 'malformed'],
  ['MAILER-DAEMON@customer.example', 'robot'],
  ['postmaster@customer.example', 'robot'],
  ['no-reply@customer.example', 'robot'],
  ['noreply+4711@customer.example', 'robot'],
  ['no_reply@customer.example', 'robot'],
  ['do.not.reply@customer.example', 'robot'],
  ['support-noreply@customer.example', 'robot'],
  ['bounces+ada=customer.example@relay.example', 'robot'],
])('%j cannot: %s', (email, problem) => {
  expect(addressProblem(email)).toBe(problem);
});

test.each([
  ['ada@acme.example', 'acme.example'],
  ['ada@EU.Acme.example', 'acme.example'],
  ['ada@notacme.example', null],
  ['ada@acme.example.org', null],
  [null, null],
])('%s is at %s', (email, domain) => {
  expect(domainIn(['other.example', 'acme.example'], email)).toBe(domain);
});
