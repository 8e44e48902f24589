import { afterAll, beforeAll, expect, it } from 'vitest';
import { releaseComment, releasedOf } from '../../src/store/released-comments.ts';
import { readUsers } from '../../src/store/users.ts';
import { stranger, type Visitor, visitorAs } from '../support/staff-visitor.ts';
import { type SurveySite, startSurveySite } from '../support/survey-site.ts';

let site: SurveySite;
let admin: Visitor;

beforeAll(async () => {
  site = await startSurveySite();
  admin = await visitorAs(site, 'admin', { name: 'Amir Admin' });
});

afterAll(() => site.close());

const textOf = async (who: Visitor, path: string) => (await who.get(path)).text();
const userNamed = async (name: string) => {
  const user = (await readUsers(site.db)).find((one) => one.name === name);
  if (user === undefined) throw new Error(`there is no ${name}`);
  return user;
};

const BOB = {
  name: 'Bob <b>Agent</b>',
  email: 'bob@acme.example',
  role: 'agent',
  agents: 'desk/361, zendesk-eu/11',
};
const PASSWORD = { password: 'seven grey herons', again: 'seven grey herons' };

it('an admin invites somebody by a link that is shown once, and they choose their password', async () => {
  const wrong = await admin.post('/dashboard/admin/users', { ...BOB, agents: 'Bob' });
  expect([wrong.status, (await wrong.text()).includes('no key of an agent')]).toEqual([422, true]);
  const page = await (await admin.post('/dashboard/admin/users', BOB)).text();
  const link = /http:\/\/[^<]+\/setup\/[\w-]{43}/.exec(page)?.[0] ?? '';
  expect(page).not.toContain('<b>Agent');
  expect(await textOf(admin, '/dashboard/admin/users')).not.toContain('/setup/');
  expect((await admin.post('/dashboard/admin/users', BOB)).status).toBe(422);

  const bob = stranger(site);
  const { pathname } = new URL(link);
  expect(await textOf(bob, pathname)).toContain('value="bob@acme.example" readonly');
  expect((await bob.post(pathname, { name: 'Bob', ...PASSWORD })).status).toBe(303);
  expect(await userNamed('Bob')).toMatchObject({
    role: 'agent',
    agents: ['desk/361', 'zendesk-eu/11'],
    signsInBy: 'password',
  });
  expect((await bob.get('/dashboard/admin/users')).status).toBe(403);
});

it('an admin changes role and keys of agents, and disables; nothing of it needs another sign-in of theirs', async () => {
  const bob = stranger(site);
  await bob.post('/login', { email: BOB.email, password: PASSWORD.password });
  const { id } = await userNamed('Bob');
  const page = `/dashboard/admin/users/${id}`;
  const role = await admin.post(`${page}/role`, { role: 'admin' });
  expect([role.status, role.headers.get('location')]).toEqual([303, `${page}?done=role`]);
  expect(await textOf(admin, `${page}?done=role`)).toContain('The role is changed.');
  expect((await bob.get('/dashboard/admin/users')).status).toBe(200);
  expect((await admin.post(`${page}/role`, { role: 'owner' })).status).toBe(422);
  await admin.post(`${page}/agents`, { agents: 'desk/1\r\ndesk/2\r\ndesk/1' });
  expect((await userNamed('Bob')).agents).toEqual(['desk/1', 'desk/2']);

  expect((await admin.post(`${page}/disabled`)).status).toBe(303);
  expect((await bob.get('/dashboard/admin/users')).status).toBe(303);
  expect((await bob.post('/login', { email: BOB.email, password: PASSWORD.password })).status).toBe(403);
  expect((await admin.post(`${page}/link`)).status).toBe(422);
  await admin.post(`${page}/enabled`);
  expect((await bob.post('/login', { email: BOB.email, password: PASSWORD.password })).status).toBe(303);
  const self = await admin.post(`/dashboard/admin/users/${admin.userId}/disabled`);
  expect([self.status, (await self.text()).includes('Somebody else must disable you')]).toEqual([422, true]);
});

it('a key is shown once, looks until it is revoked, and says when it was last used', async () => {
  const page = await (await admin.post('/dashboard/admin/keys', { name: 'Warehouse', role: 'lead' })).text();
  const key = /caseloop_[\w-]{43}/.exec(page)?.[0] ?? '';
  const headers = { authorization: `Bearer ${key}` };
  const list = await textOf(admin, '/dashboard/admin/keys');
  expect([list.includes(key), list.includes(key.slice(0, 15)), list.includes('never')]).toEqual([
    false,
    true,
    true,
  ]);
  expect((await stranger(site).get('/api/v1/nowhere', headers)).status).toBe(404);
  const used = await textOf(admin, '/dashboard/admin/keys');
  expect(used).toContain(site.clock.at.toISOString().slice(0, 16).replace('T', ' '));
  const path = /\/dashboard\/admin\/keys\/[\w-]+\/revoke/.exec(used)?.[0] ?? '';
  expect((await admin.post(path)).status).toBe(303);
  expect((await admin.post(path)).status).toBe(404);
  expect((await stranger(site).get('/api/v1/nowhere', headers)).status).toBe(401);
});

it('the audit lists who saw and changed what, in pages and by person, with no address', async () => {
  const lead = await visitorAs(site, 'lead', { name: 'Lena Lead' });
  for (let click = 0; click < 60; click += 1) await admin.get('/dashboard/admin/audit');
  const first = await textOf(admin, '/dashboard/admin/audit');
  expect(first.match(/<tr>/g)).toHaveLength(51);
  const older = /href="([^"]+before=\d+)"/.exec(first)?.[1] ?? '';
  const second = await textOf(admin, older);
  expect(second).toContain('API key revoked');
  expect(second).toMatch(/<td>Warehouse <code>key:/);
  expect(second).toContain('Amir Admin');
  expect(first + second).not.toMatch(/@|herons/);
  await lead.post('/logout');
  const hers = await textOf(admin, `/dashboard/admin/audit?who=user:${lead.userId}`);
  expect([hers.match(/<tr>/g)?.length, hers.includes('signed out'), hers.includes('Only Lena Lead')]).toEqual(
    [2, true, true],
  );
});

it('a comment is released once, with a line in the audit', async () => {
  const [surveyId, other] = [await site.addSurvey(), await site.addSurvey()];
  const release = { surveyId, actor: `user:${admin.userId}`, at: site.clock.now() };
  expect(await releaseComment(site.db, release)).toBe(true);
  expect(await releaseComment(site.db, release)).toBe(false);
  expect([...(await releasedOf(site.db, [surveyId, other]))]).toEqual([surveyId]);
  expect((await releasedOf(site.db, [])).size).toBe(0);
  const audit = await textOf(admin, '/dashboard/admin/audit');
  expect(audit.match(/comment released/g)).toHaveLength(1);
});
