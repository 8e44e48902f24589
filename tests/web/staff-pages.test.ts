import { expect, test } from 'vitest';
import type { Role } from '../../src/domain/staff.ts';
import { createStaffPages } from '../../src/web/staff/staff-pages.ts';
import { VISIT } from '../support/visits.ts';

const pages = createStaffPages();
const shown = (role: Role, path = '/dashboard') =>
  pages.render('staff-notice', {
    visit: VISIT[role],
    title: 'A <title>',
    path,
    paragraphs: ['<b>not bold</b>'],
  });
const linksOf = (html: string) => [...html.matchAll(/<li><a href="([^"]+)"/g)].map(([, href]) => href);

test('a page has its title, who is signed in and a way out; what it is told is text', () => {
  const html = shown('lead');
  expect(html).toContain('<title>A &lt;title&gt; · Caseloop</title>');
  expect(html).toContain('<p>&lt;b&gt;not bold&lt;/b&gt;</p>');
  expect(html).toContain(`<span>${VISIT.lead.viewer.name}</span> <span class="soft">lead</span>`);
  expect(html).toMatch(
    new RegExp(
      `<form method="post" action="/logout"><input type="hidden" name="csrf" value="${VISIT.lead.csrf}">`,
    ),
  );
});

test('a role is led to the pages that it may see', () => {
  const agent = ['/dashboard', '/dashboard/compare', '/dashboard/cases'];
  const lead = [...agent, '/dashboard/review', '/dashboard/quarantine', '/dashboard/failed'];
  expect(linksOf(shown('agent'))).toEqual(agent);
  expect(linksOf(shown('lead'))).toEqual(lead);
  expect(linksOf(shown('admin'))).toEqual([...lead, '/dashboard/admin/users']);
  expect(linksOf(shown('admin', '/dashboard/admin/keys')).slice(-3)).toEqual([
    '/dashboard/admin/users',
    '/dashboard/admin/keys',
    '/dashboard/admin/audit',
  ]);
});

test.each([
  ['/dashboard', '/dashboard', 'page'],
  ['/dashboard/by/team', '/dashboard', 'true'],
  ['/dashboard/cases', '/dashboard/cases', 'page'],
  ['/dashboard/cases/desk/4711', '/dashboard/cases', 'true'],
  ['/dashboard/admin/keys', '/dashboard/admin/keys', 'page'],
])('%s is in the navigation under %s', (path, marked, current) => {
  expect(shown('admin', path)).toContain(`<a href="${marked}" aria-current="${current}">`);
});

test('before the sign-in there is neither navigation nor a way out', () => {
  const html = pages.render('staff-notice', { visit: null, title: 'Sign in' });
  expect(html).not.toContain('<nav');
  expect(html).not.toContain('/logout');
});
