import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inviteUser, spendLink } from '../../src/store/user-links.ts';
import { disableUser, readUsers, setAgents } from '../../src/store/users.ts';
import { roleIn } from '../../src/web/staff/oidc.ts';
import { type OidcServer, startOidcServer } from '../support/oidc-server.ts';
import { type SurveySite, startSurveySite } from '../support/survey-site.ts';

let provider: OidcServer;
let site: SurveySite;

const ANN = { sub: 'ann-1', name: 'Ann Lead', email: 'ann@acme.example', groups: ['staff', 'leads'] };

beforeAll(async () => {
  provider = await startOidcServer();
  site = await startSurveySite({ signIn: { oidc: provider.settings, password: false } });
});

beforeEach(() => {
  provider.person = ANN;
});

afterAll(async () => {
  await site.close();
  await provider.close();
});

/** Goes where a browser goes, with its cookies, as long as it is sent on within or between the two. `bend` may change an address. */
async function travel(
  from: string,
  bend: (url: URL, jar: Jar) => void = () => undefined,
  jar: Jar = new Map(),
) {
  let url = new URL(from, site.url);
  const path: string[] = [];
  for (;;) {
    bend(url, jar);
    const cookie = [...(jar.get(url.host) ?? new Map())]
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    const cookies = jar.get(url.host) ?? new Map<string, string>();
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    jar.set(url.host, cookies);
    path.push(`${response.status} ${url.host === new URL(site.url).host ? url.pathname : 'provider'}`);
    const onward = response.headers.get('location');
    if (onward === null) return { status: response.status, text: await response.text(), path, jar, url };
    url = new URL(onward, url);
  }
}

type Jar = Map<string, Map<string, string>>;

const cookiesHere = (jar: Jar) => [...(jar.get(new URL(site.url).host) ?? new Map()).keys()];
const people = async () => (await readUsers(site.db)).map(({ name, role }) => `${name}, ${role}`);

describe('a provider', () => {
  it('that is down is said kindly, and asked anew by whoever comes next', async () => {
    const { status, text, jar } = await travel('/login/oidc');
    expect([status, text.includes('does not answer'), cookiesHere(jar)]).toEqual([503, true, []]);
    expect(site.log.at(-1)).toContain('a sign-in by the provider failed');
    provider.serve(`${site.url}/login/oidc/callback`);
  });

  it('lets somebody in and leads on to where they wanted to go, with the role of their groups', async () => {
    const { path, url, jar, status } = await travel('/dashboard/cases?only=low', (at) => {
      // As the button of the page leads on.
      if (at.pathname === '/login') at.pathname = '/login/oidc';
    });
    expect(path.filter((step) => !step.endsWith('provider'))).toEqual([
      '303 /dashboard/cases',
      '303 /login/oidc',
      '303 /login/oidc/callback',
      `${status} /dashboard/cases`,
    ]);
    expect(url.search).toBe('?only=low');
    expect(cookiesHere(jar)).toEqual(['caseloop']);
    expect(await people()).toEqual(['Ann Lead, lead']);
  });

  it('is asked for the role at each sign-in; what an admin gave stays', async () => {
    const [ann] = await readUsers(site.db);
    const change = { userId: ann?.id ?? '', actor: 'a test', at: site.clock.now() };
    await setAgents(site.db, ['zendesk-eu/11'], change);
    provider.person = { ...ANN, name: 'Ann Agent', email: 'new@acme.example', groups: ['support'] };
    expect((await travel('/login/oidc?next=//evil.example')).url.pathname).toBe('/dashboard');
    expect(await readUsers(site.db)).toMatchObject([
      { name: 'Ann Agent', email: 'new@acme.example', role: 'agent', agents: ['zendesk-eu/11'] },
    ]);
  });

  it('gets nobody in who is in no group with a role, or disabled, and makes no account of them', async () => {
    provider.person = { ...ANN, sub: 'eve', groups: ['sales'] };
    const { status, text, jar } = await travel('/login/oidc');
    expect([status, text.includes('You have no role here'), cookiesHere(jar)]).toEqual([403, true, []]);
    expect(await people()).toEqual(['Ann Agent, agent']);

    provider.person = ANN;
    const [ann] = await readUsers(site.db);
    await disableUser(site.db, { userId: ann?.id ?? '', actor: 'a test', at: site.clock.now() });
    expect((await travel('/login/oidc')).status).toBe(403);
  });

  it('gets nobody in by an answer that is not to what this browser asked', async () => {
    provider.person = { ...ANN, sub: 'ben', name: 'Ben' };
    const bends: Record<string, (url: URL, jar: Jar) => void> = {
      'another state': ({ pathname, searchParams }) => {
        if (pathname === '/login/oidc/callback') searchParams.set('state', 'made-up');
      },
      'another nonce': ({ pathname, searchParams }) => {
        if (pathname === '/auth' && searchParams.has('nonce')) searchParams.set('nonce', 'made-up');
      },
      'another verifier': ({ pathname }, jar) => {
        const cookies = jar.get(new URL(site.url).host);
        const way = cookies?.get('caseloop-oidc');
        if (pathname !== '/login/oidc/callback' || way === undefined) return;
        const bent = { ...JSON.parse(decodeURIComponent(way)), verifier: 'v'.repeat(43) };
        cookies?.set('caseloop-oidc', encodeURIComponent(JSON.stringify(bent)));
      },
      'a made-up code': ({ pathname, searchParams }) => {
        if (pathname === '/login/oidc/callback') searchParams.set('code', 'made-up');
      },
      'no cookie': ({ pathname }, jar) => {
        if (pathname === '/login/oidc/callback') jar.delete(new URL(site.url).host);
      },
    };
    for (const [name, bend] of Object.entries(bends)) {
      const { status, url, jar } = await travel('/login/oidc', bend);
      expect([name, status, url.pathname, cookiesHere(jar)]).toEqual([name, 400, '/login/oidc/callback', []]);
    }
    provider.person = null;
    const { status, text } = await travel('/login/oidc');
    expect([status, text.includes('turned back')]).toEqual([400, true]);
    expect(await people()).toEqual(['Ann Lead, lead']);
  });

  it('is used once: the same answer does not work again', async () => {
    provider.person = { ...ANN, sub: 'cem', name: 'Cem' };
    let answer = '';
    let kept: Map<string, string> = new Map();
    await travel('/login/oidc', (url, jar) => {
      if (url.pathname !== '/login/oidc/callback') return;
      answer = `${url.pathname}${url.search}`;
      kept = new Map(jar.get(url.host));
    });
    const again = await travel(answer, undefined, new Map([[new URL(site.url).host, kept]]));
    expect(again.status).toBe(400);
  });
});

it('with a provider alone there is no password to try and no link to use', async () => {
  const page = await (await fetch(`${site.url}/login`)).text();
  expect([page.includes('Sign in with Acme'), page.includes('type="password"')]).toEqual([true, false]);
  const at = site.clock.now();
  const dan = { email: 'dan@acme.example', password: 'seven grey herons' };
  const token = await inviteUser(site.db, { email: dan.email, name: null, role: null, actor: 'a test', at });
  expect((await fetch(`${site.url}/setup/${token}`)).status).toBe(404);
  await spendLink(site.db, token, { ...dan, name: 'Dan', at });
  const body = new URLSearchParams(dan);
  const headers = { origin: site.url };
  const post = await fetch(`${site.url}/login`, { method: 'POST', headers, body, redirect: 'manual' });
  expect(post.status).toBe(403);
});

it.each([
  [{ groups: ['support', 'admins'] }, 'groups', 'admin'],
  [{ groups: 'heads' }, 'groups', 'lead'],
  [{ realm_access: { roles: ['support'] } }, 'realm_access.roles', 'agent'],
  [{ 'https://acme.example/groups': ['leads'] }, 'https://acme.example/groups', 'lead'],
  [{ groups: ['ADMINS', 'admin'] }, 'groups', null],
  [{ groups: { admins: true } }, 'groups', null],
  [{}, 'toString', null],
])('the role of %j by the claim %s is %s', (claims, claim, role) => {
  const roles = { claim, admin: ['admins'], lead: ['leads', 'heads'], agent: ['support'] };
  expect(roleIn(claims, roles)).toBe(role);
});
