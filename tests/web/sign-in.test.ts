import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/clock.ts';
import { hashBearer } from '../../src/store/bearer.ts';
import { checkPassword, hashPassword } from '../../src/store/passwords.ts';
import { beginSession } from '../../src/store/sessions.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { inviteUser, makeSetupLink, spendLink } from '../../src/store/user-links.ts';
import { disableUser, readUsers, setRole, takeInFromProvider } from '../../src/store/users.ts';
import { addUser, stranger, type Visitor, visitorAs } from '../support/staff-visitor.ts';
import { type SurveySite, startSurveySite } from '../support/survey-site.ts';

const PASSWORD = 'a kettle full of stars';
const ANN = { name: 'Ann Admin', email: 'Ann@acme.example', password: PASSWORD, again: PASSWORD };
const HERE = '/dashboard/somewhere';

let site: SurveySite;

beforeAll(async () => {
  site = await startSurveySite();
});

afterAll(() => site.close());

/** 404 is what a path without a page says to somebody who is signed in. */
const isIn = async (who: Visitor) => (await who.get(HERE)).status === 404;
const login = (who: Visitor, fields: Record<string, string> = {}) =>
  who.post('/login', { email: 'ann@ACME.example', password: PASSWORD, ...fields });
const audit = async () => {
  const rows = await site.db.withSchema(SCHEMA).selectFrom('audit').selectAll().orderBy('id').execute();
  return rows.map(({ actor, what }) => `${what} by ${actor.replace(/:.*/, '')}`);
};

describe('the first admin', () => {
  it('comes by a link that works once, is replaced by the next, and is gone as soon as there is an admin', async () => {
    expect(await (await stranger(site).get('/login')).text()).toContain('Nobody can sign in yet');
    const first = await makeSetupLink(site.db, site.clock.now());
    const second = await makeSetupLink(site.db, site.clock.now());
    const third = stranger(site);
    expect((await third.get(`/setup/${first}`)).status).toBe(404);
    expect((await third.get(`/setup/${second}`)).status).toBe(200);

    expect((await third.post(`/setup/${second}`, { ...ANN, again: 'another one, then' })).status).toBe(422);
    expect((await third.post(`/setup/${second}`, { ...ANN, password: 'short', again: 'short' })).status).toBe(
      422,
    );
    expect((await third.post(`/setup/${second}`, ANN, { origin: 'https://evil.example' })).status).toBe(403);
    // Two press the button at once: one becomes admin, the other is nobody.
    const both = await Promise.all([
      third.post(`/setup/${second}`, ANN),
      third.post(`/setup/${second}`, ANN),
    ]);
    expect(both.map(({ status, headers }) => `${status} ${headers.get('location')}`).sort()).toEqual([
      '303 /dashboard',
      '404 null',
    ]);
    expect(await readUsers(site.db)).toHaveLength(1);
    expect(await isIn(third)).toBe(true);

    expect((await stranger(site).post(`/setup/${second}`, ANN)).status).toBe(404);
    expect(await makeSetupLink(site.db, site.clock.now())).toBe(null);
    // Printed before there was an admin, pressed after.
    const left = { hash: hashBearer('left over'), purpose: 'setup' as const, user_id: null };
    const expires_at = new Date(site.clock.now().getTime() + 1);
    await site.db
      .withSchema(SCHEMA)
      .insertInto('user_links')
      .values({ ...left, expires_at })
      .execute();
    const late = { ...ANN, email: 'eve@acme.example', at: site.clock.now() };
    expect(await spendLink(site.db, 'left over', late)).toBe(null);
    expect(await readUsers(site.db)).toHaveLength(1);
    expect(await audit()).toEqual(['first admin made by user', 'signed in by user']);
  });
});

describe('a password', () => {
  it('opens a session and leads on to where one wanted to go, on this server only', async () => {
    const ann = stranger(site);
    const response = await login(ann, { next: '/dashboard/cases?only=low&team=A%20B' });
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      '/dashboard/cases?only=low&team=A%20B',
    ]);
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(
      /^caseloop=[\w-]{43}; Max-Age=604800; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    );
    for (const next of [
      'https://evil.example',
      '//evil.example',
      '/dashboard\\@evil',
      '/dashboardx',
      '/logout',
      ' /dashboard',
    ])
      expect((await login(stranger(site), { next })).headers.get('location')).toBe('/dashboard');
  });

  it('is never told apart from a wrong address, and both take as long', async () => {
    const wrong = await login(stranger(site), { password: 'not the right one at all' });
    const nobody = await login(stranger(site), { email: 'nobody@acme.example' });
    expect([wrong.status, nobody.status]).toEqual([403, 403]);
    const texts = await Promise.all([wrong.text(), nobody.text()]);
    expect(texts[0]?.replace('ann@ACME.example', '')).toBe(texts[1]?.replace('nobody@acme.example', ''));
    // Nothing to compare with is compared all the same.
    expect(await checkPassword(PASSWORD, null)).toEqual({ isRight: false, isOutdated: false });
  });

  it('is refused from the page of another site, and where a browser does not say where it comes from', async () => {
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'null' }])
      expect(
        (await stranger(site).post('/login', { email: ANN.email, password: PASSWORD }, headers)).status,
      ).toBe(403);
    const body = new URLSearchParams({ email: ANN.email, password: PASSWORD });
    expect((await fetch(`${site.url}/login`, { method: 'POST', body, redirect: 'manual' })).status).toBe(403);
  });

  it('is hashed anew at the sign-in when its parameters are old', async () => {
    const old = 'scrypt$1024$8$1$AAAAAAAAAAAAAAAAAAAAAA$FMEk5sxkXs4ZImaMXw1qaJLVVZdkzFLT9xswouCLsBo';
    await site.db
      .withSchema(SCHEMA)
      .updateTable('users')
      .set({ password: old })
      .where('email', '=', ANN.email)
      .execute();
    const { isRight, isOutdated } = await checkPassword(PASSWORD, old);
    expect([isRight, isOutdated]).toEqual([true, true]);
    expect((await login(stranger(site))).status).toBe(303);
    const { password } = await site.db
      .withSchema(SCHEMA)
      .selectFrom('users')
      .select('password')
      .where('email', '=', ANN.email)
      .executeTakeFirstOrThrow();
    expect(password).toMatch(/^scrypt\$32768\$8\$3\$/);
    expect((await checkPassword(PASSWORD, password)).isRight).toBe(true);
    expect((await checkPassword(`${PASSWORD} `, password)).isRight).toBe(false);
    expect(await hashPassword(PASSWORD)).not.toBe(password);
  });
});

describe('too many tries', () => {
  it('hold an account for a quarter of an hour, also against the right password, and nobody else', async () => {
    const { email } = (await readUsers(site.db)).find(({ name }) => name === 'Ann Admin') ?? { email: '' };
    const guesses = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        login(stranger(site), { email, password: `guess number ${index}` }),
      ),
    );
    expect(guesses.map(({ status }) => status).sort()).toEqual([...Array(10).fill(403), 429, 429]);
    const held = await login(stranger(site));
    expect([held.status, held.headers.get('retry-after')]).toEqual([429, '900']);
    expect((await login(stranger(site), { email: 'bob@acme.example' })).status).toBe(403);
    site.clock.at = new Date(site.clock.at.getTime() + 15 * MINUTE_MS);
    expect((await login(stranger(site))).status).toBe(303);
  });
});

describe('a session', () => {
  it('is a new one at each sign-in, whatever cookie was there before', async () => {
    const ann = stranger(site);
    ann.cookie = 'caseloop=planted';
    await login(ann);
    const first = ann.cookie;
    expect(first).not.toBe('caseloop=planted');
    await login(ann);
    expect(ann.cookie).not.toBe(first);
    const old = stranger(site);
    old.cookie = first;
    expect([await isIn(ann), await isIn(old)]).toEqual([true, false]);
  });

  it('ends by the button, and by that alone', async () => {
    const ann = await visitorAs(site, 'lead');
    const copy = stranger(site);
    copy.cookie = ann.cookie;
    expect((await ann.post('/logout', { csrf: 'guess' })).status).toBe(403);
    expect((await ann.post('/logout', {}, { 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect(await isIn(ann)).toBe(true);
    const out = await ann.post('/logout');
    expect([out.status, out.headers.get('location'), ann.cookie]).toEqual([303, '/login', '']);
    expect(await isIn(copy)).toBe(false);
  });

  it('ends when nothing is asked for a while, and in any case after its lifetime', async () => {
    const { idleMs, lifetimeMs } = site.staff.signIn;
    const begun = site.clock.at.getTime();
    const [idle, busy] = [await visitorAs(site, 'lead'), await visitorAs(site, 'lead')];
    for (let at = begun; at < begun + lifetimeMs; at += 7 * HOUR_MS) {
      site.clock.at = new Date(at);
      expect(await isIn(busy)).toBe(true);
    }
    site.clock.at = new Date(begun + lifetimeMs);
    expect(await isIn(busy)).toBe(false);

    site.clock.at = new Date(begun + idleMs - 1);
    expect(await isIn(idle)).toBe(true);
    // What a page fetches by itself keeps nobody signed in.
    site.clock.at = new Date(begun + 1.5 * idleMs);
    expect((await idle.get(HERE, { 'sec-fetch-dest': 'empty' })).status).toBe(404);
    site.clock.at = new Date(begun + 2 * idleMs);
    expect(await isIn(idle)).toBe(false);
    expect(lifetimeMs).toBe(7 * DAY_MS);
  });

  it('takes over a changed role with the next click, and ends with its user', async () => {
    const who = await visitorAs(site, 'lead');
    const change = { userId: who.userId ?? '', actor: 'a test', at: site.clock.now() };
    const detail = async () => {
      const response = await who.get('/readyz', { 'x-forwarded-for': '192.0.2.1' });
      return (await response.text()).includes('connectors');
    };
    expect(await detail()).toBe(false);
    await setRole(site.db, 'admin', change);
    expect(await detail()).toBe(true);
    await disableUser(site.db, change);
    expect(await isIn(who)).toBe(false);
    // Not one that is begun all the same, either.
    const token = await beginSession(site.db, {
      userId: change.userId,
      caller: '',
      at: change.at,
      rules: site.staff.signIn,
    });
    who.cookie = `caseloop=${token}`;
    expect(await isIn(who)).toBe(false);
  });
});

describe('the store of users', () => {
  it('keeps the last admin who can sign in', async () => {
    const at = site.clock.now();
    const admins = (await readUsers(site.db)).filter(
      ({ role, disabledAt }) => role === 'admin' && disabledAt === null,
    );
    const [last, ...others] = admins;
    for (const { id } of others) await disableUser(site.db, { userId: id, actor: 'a test', at });
    const change = { userId: last?.id ?? '', actor: 'a test', at };
    await expect(setRole(site.db, 'lead', change)).rejects.toThrow('last admin');
    await expect(disableUser(site.db, change)).rejects.toThrow('last admin');
    // Somebody invited cannot sign in yet.
    await inviteUser(site.db, { email: 'new@acme.example', name: null, role: 'admin', actor: 'a test', at });
    await expect(disableUser(site.db, change)).rejects.toThrow('last admin');
  });

  it('gives a link that sets a password anew and ends the sessions there are', async () => {
    const at = site.clock.now();
    const who = await visitorAs(site, 'lead');
    const { email = '' } = (await readUsers(site.db)).find(({ id }) => id === who.userId) ?? {};
    const first = await inviteUser(site.db, { email, name: null, role: null, actor: 'a test', at });
    const token = await inviteUser(site.db, {
      email: email.toUpperCase(),
      name: null,
      role: null,
      actor: 'a test',
      at,
    });
    const other = stranger(site);
    expect((await other.get(`/setup/${first}`)).status).toBe(404);
    const again = { name: 'Some lead', password: 'quite another password', again: 'quite another password' };
    // The address of the form is not believed: the link says whose it is.
    expect((await other.post(`/setup/${token}`, { ...again, email: ANN.email })).status).toBe(303);
    expect([await isIn(who), await isIn(other)]).toEqual([false, true]);
    expect((await stranger(site).post(`/setup/${token}`, again)).status).toBe(404);
    expect((await stranger(site).post('/login', { email, password: again.password })).status).toBe(303);

    const late = await inviteUser(site.db, { email, name: null, role: null, actor: 'a test', at });
    site.clock.at = new Date(at.getTime() + DAY_MS);
    expect((await stranger(site).get(`/setup/${late}`)).status).toBe(404);
  });

  it('knows who comes by a provider by its subject, never by the address', async () => {
    const at = site.clock.now();
    const person = {
      issuer: 'https://login.acme.example',
      subject: '1',
      name: 'Ann',
      role: 'agent',
      at,
    } as const;
    const first = await takeInFromProvider(site.db, { ...person, email: ANN.email });
    const again = await takeInFromProvider(site.db, { ...person, email: 'ann.b@acme.example', role: 'lead' });
    const other = await takeInFromProvider(site.db, { ...person, subject: '2', email: 'ann.b@acme.example' });
    expect(again.id).toBe(first.id);
    expect(other.id).not.toBe(first.id);
    const ann = (await readUsers(site.db)).filter(({ name }) => name.startsWith('Ann'));
    expect(ann.map(({ role, signsInBy }) => `${role} ${signsInBy}`).sort()).toEqual([
      'admin password',
      'agent provider',
      'lead provider',
    ]);
    // Somebody with a password and the address of one of the provider, who came before.
    const address = { email: 'Ann.B@acme.example', name: null, role: null, actor: 'a test', at };
    const link = await inviteUser(site.db, address);
    expect(await spendLink(site.db, link, { ...ANN, at })).not.toBe(null);
    expect((await stranger(site).post('/login', { email: address.email, password: PASSWORD })).status).toBe(
      303,
    );
    await expect(setRole(site.db, 'admin', { userId: first.id, actor: 'a test', at })).rejects.toThrow(
      'provider',
    );
  });

  it('writes no address, password or token into the audit', async () => {
    await addUser(site, { role: 'agent' });
    const rows = await site.db.withSchema(SCHEMA).selectFrom('audit').selectAll().execute();
    expect(rows.length).toBeGreaterThan(20);
    expect(JSON.stringify(rows)).not.toMatch(/@|kettle|caseloop_/);
    expect(site.log.join('')).not.toMatch(/@|kettle/);
  });
});
