import { z } from 'zod';
import { type DigestTime, parseDigestTime } from '../domain/digest.ts';
import { documented, section } from './documented.ts';
import { address, list, text, yesNo } from './values.ts';

const on = documented(
  text<DigestTime>((input) => {
    const value = parseDigestTime(input);
    return value === null ? { message: 'this is not a weekday and a time of day' } : { value };
  }),
  {
    about: 'When the digest of the seven days before goes out, in the zone of reports.',
    allowed: 'a weekday and a time of day, such as "monday 08:00"',
    fix: 'Write the weekday in English and a time from 00:00 to 23:59, in quotes.',
  },
);

const to = documented(
  z.record(
    z.string(),
    list(address('One address.'), { about: 'Who reads it.', allowed: 'a list of mail addresses' }),
  ),
  {
    about: 'Who gets the digest of which team; default is one about all teams together.',
    allowed: 'a map from team names to lists of mail addresses',
    fix: 'Write, for example, { default: [lead@acme.example] }.',
  },
);

/** The config's `digest`. */
export const Digest = section('A mail with the figures of each week, for leads.', {
  on: on.prefault('monday 08:00'),
  to: to.prefault({}),
  comments: yesNo('Also what customers wrote with low scores.').default(true),
});
