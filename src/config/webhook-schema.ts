import { z } from 'zod';
import { ANSWER_EVENTS } from '../domain/answer-event.ts';
import { FOLLOW_UP_EVENTS } from '../domain/follow-up-event.ts';
import { Secret } from '../secret.ts';
import { documented, section } from './documented.ts';
import { isHttpsOrLoopback } from './https.ts';
import { oneOf, text, yesNo } from './values.ts';

const url = documented(
  text<Secret>((input) => {
    const parsed = URL.canParse(input) ? new URL(input) : null;
    if (parsed === null) return { message: 'this is not a full address' };
    if (!isHttpsOrLoopback(parsed)) return { message: 'the address is not https, and not on this machine' };
    return parsed.username === '' && parsed.password === ''
      ? { value: new Secret(input) }
      : { message: 'the address holds a user name or password' };
  }),
  {
    about: 'Where events are posted.',
    allowed: 'an https address without user name and password; http only for localhost and 127.0.0.1',
    fix: 'Write the full address, such as https://hooks.acme.example/csat.',
  },
);

const SHORTEST_BYTES = 24;
const LONGEST_BYTES = 64;
const SECRET = /^whsec_(?<key>[A-Za-z0-9+/]+={0,2})$/;
const ALLOWED = `whsec_ and ${SHORTEST_BYTES} to ${LONGEST_BYTES} bytes in base64`;
const SECRET_FIX = `Make one with "echo whsec_$(openssl rand -base64 32)", keep it outside this file and write \${WEBHOOK_SECRET} here.`;

const one = documented(
  text<Secret>((input) => {
    const key = SECRET.exec(input)?.groups?.key;
    if (key === undefined || key.length % 4 !== 0) return { message: 'this is not a signing secret' };
    const bytes = Buffer.from(key, 'base64').length;
    return bytes >= SHORTEST_BYTES && bytes <= LONGEST_BYTES
      ? { value: new Secret(input) }
      : { message: `the secret has ${bytes} bytes` };
  }),
  { about: 'One secret.', allowed: ALLOWED, fix: SECRET_FIX },
);

const secret = documented(z.union([one, z.tuple([one], one)]), {
  about: 'Signs events. A list rotates: events carry a signature by each.',
  allowed: `${ALLOWED}, or a list of such texts`,
  fix: SECRET_FIX,
});

const EVENTS = [...ANSWER_EVENTS, ...FOLLOW_UP_EVENTS] as const;

const events = documented(
  z.array(z.enum(EVENTS)).refine((list) => list.length > 0, { message: 'there is no event' }),
  {
    about: 'What is told.',
    allowed: `a list of any of ${oneOf(EVENTS)}`,
    fix: `Write a list, or delete the key for ${ANSWER_EVENTS.join(' and ')}.`,
  },
);

/** A receiver of signed events. */
export const Webhook = section('A system that is told of every answer.', {
  url,
  secret: secret.transform((value): readonly [Secret, ...Secret[]] =>
    value instanceof Secret ? [value] : value,
  ),
  events: events.prefault([...ANSWER_EVENTS]),
  comments: yesNo('Also what customers wrote.').default(true),
});
