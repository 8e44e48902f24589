import { expect, it } from 'vitest';
import { passwordProblem } from './password.ts';

const OWNER = { name: 'Ann Lindqvist', email: 'ann.lindqvist@acme.example' };

it.each([
  'a kettle full of stars',
  'Rotkehlchen im Schnee',
  'ööööööööabcd1234',
  'ann and the seven herons',
  'qZ7!fW2#xK9$',
])('%s will do', (password) => {
  expect(passwordProblem(password, OWNER)).toBe(null);
});

it.each([
  ['elevenchars', 'at least 12'],
  ['x'.repeat(201), 'at most 200'],
  ['aaaaaaaaaaaaaaaa', 'different characters'],
  ['abcabcabcabcabcab', 'different characters'],
  ['hunter hunter hunter', 'over and over'],
  ['123456789012', 'a row'],
  ['qwertyuiopasdf', 'a row'],
  ['zyxwvutsrqponm', 'a row'],
  ['Lindqvist2026!', 'your name'],
  ['caseloop-acme-1', 'your name'],
])('%s will not', (password, why) => {
  expect(passwordProblem(password, OWNER)).toContain(why);
});
