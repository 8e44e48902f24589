import { expect, it } from 'vitest';
import { COMMENT_RULES, may, ROLES, seesComment, visibleFilters } from './staff.ts';

it('each role may do what those before it may', () => {
  const may3 = ROLES.map((role) => ROLES.filter((needs) => may(role, needs)).join(' '));
  expect(may3).toEqual(['agent', 'agent lead', 'agent lead admin']);
});

it('an agent is asked about themselves, whatever they ask for', () => {
  const viewer = { id: 'user:1', name: 'Ada', role: 'agent', agents: ['desk/1', 'desk/2'] } as const;
  const agentsFor = (agent?: readonly string[]) =>
    visibleFilters(viewer, { team: ['Billing'], ...(agent === undefined ? {} : { agent }) });
  expect(agentsFor()).toEqual({ team: ['Billing'], agent: ['desk/1', 'desk/2'] });
  expect(agentsFor(['desk/2', 'desk/3']).agent).toEqual(['desk/2']);
  expect(agentsFor(['desk/3']).agent).toEqual([]);
  expect(visibleFilters({ ...viewer, agents: [] }, {}).agent).toEqual([]);
  expect(visibleFilters({ ...viewer, role: 'lead' }, {})).toEqual({});
});

it('an agent reads comments by the rule, a lead all of them', () => {
  const seen = (role: 'agent' | 'lead') =>
    COMMENT_RULES.map((rule) => [seesComment({ role }, rule, false), seesComment({ role }, rule, true)]);
  expect(COMMENT_RULES).toEqual(['released', 'always', 'never']);
  expect(seen('agent')).toEqual([
    [false, true],
    [true, true],
    [false, false],
  ]);
  expect(seen('lead').flat()).not.toContain(false);
});
