import { expect, it } from 'vitest';
import { isOwnAsk } from './own-ask.ts';

const OPT_OUT = 'https://survey.acme.example/u/';

it.each([
  ['an ask', `How was it?\n5: https://survey.acme.example/s/x\n\nNo more of these:\n${OPT_OUT}AbC`, true],
  ['an ask as a CRM keeps it', `How was it?\r\n${OPT_OUT}AbC\r\n \n`, true],
  ['an answer', 'Sorry, this should not have happened.', false],
  ['an answer above a quoted ask', `We are sorry.\n\n> How was it?\n> ${OPT_OUT}AbC`, false],
  ['an answer that names the address', `The link ${OPT_OUT}AbC stops our surveys.\nRegards`, false],
  ['an answer with another address at the end', 'See\nhttps://survey.acme.example/s/x', false],
  ['nothing', '', false],
])('%s', (_what, text, expected) => {
  expect(isOwnAsk(text, OPT_OUT)).toBe(expected);
});
