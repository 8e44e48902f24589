import { DAY_MS, MINUTE_MS } from '../clock.ts';
import { COMMENT_RULES } from '../domain/staff.ts';
import { Secret } from '../secret.ts';
import { documented, section } from './documented.ts';
import { isHttpsOrLoopback } from './https.ts';
import { choice, duration, list, text, words, yesNo } from './values.ts';

const issuer = documented(
  text<string>((input) => {
    const url = URL.canParse(input) ? new URL(input) : null;
    if (url === null) return { message: 'this is not a full address' };
    if (!isHttpsOrLoopback(url)) return { message: 'the address is not https, and not on this machine' };
    return url.username === '' && url.password === '' && url.search === '' && url.hash === ''
      ? { value: input }
      : { message: 'the address holds a user name or password, or something after ? or #' };
  }),
  {
    about: 'The provider, as it names itself. What else is needed is read from it.',
    allowed: 'an https address without password, ? or #; http only for localhost and 127.0.0.1',
    fix: 'Write the issuer as the provider shows it, such as https://login.acme.example/realms/staff.',
  },
);

const clientSecret = documented(
  text<Secret>((input) => (input === '' ? { message: 'this is empty' } : { value: new Secret(input) })),
  {
    about: 'The secret that the provider gave out with clientId.',
    allowed: 'text',
    fix: 'Keep it outside this file and write $' + '{OIDC_SECRET} here.',
  },
);

const group = words({ about: 'One group.', allowed: 'text' });
const groupsOf = (who: string) =>
  list(group, { about: `The groups whose members are ${who}.`, allowed: 'a list of groups' });

const Oidc = section('Sign-in by OpenID Connect.', {
  issuer,
  clientId: words({ about: 'What the provider knows Caseloop by.', allowed: 'text' }),
  clientSecret,
  name: words({ about: 'What the button calls the provider.', allowed: 'text', maxLength: 40 }).prefault(
    'your account',
  ),
  scopes: list(words({ about: 'One scope.', allowed: 'text' }), {
    about: 'What the provider is asked for besides openid; some tell groups only when asked.',
    allowed: 'a list of scopes',
  }).prefault(['profile', 'email']),
  roles: section('Who may do what, by groups. The highest role that fits counts; with none nobody gets in.', {
    claim: words({ about: 'The claim that names the groups.', allowed: 'the name of a claim' }).prefault(
      'groups',
    ),
    admin: groupsOf('admins'),
    lead: groupsOf('leads'),
    agent: groupsOf('agents'),
  }),
});

/** Who gets in, for how long, and what agents see. */
export const SignIn = section('How people sign in to the dashboard.', {
  password: yesNo('Whether passwords that Caseloop keeps will do.').default(true),
  idle: duration({
    about: 'A session ends when nothing was asked for so long.',
    minMs: 5 * MINUTE_MS,
    maxMs: 30 * DAY_MS,
  }).prefault('8h'),
  lifetime: duration({
    about: 'A session ends after this in any case.',
    minMs: 5 * MINUTE_MS,
    maxMs: 90 * DAY_MS,
  }).prefault('7d'),
  oidc: Oidc.optional(),
  agentsSee: section('What agents see of the answers that they are credited with.', {
    comments: choice(
      COMMENT_RULES,
      'Comments: those that a lead has released, all of them, or none.',
    ).default('released'),
  }).prefault({}),
});
