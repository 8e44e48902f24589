import { expect, it } from 'vitest';
import { snapshotWith } from '../../tests/property/domain-facts.ts';
import { creditFor } from './credit.ts';

const maya = { id: '7', name: 'Maya' };
const tom = { id: '8', name: 'Tom' };
const support = { id: '1', name: 'Support' };
const nobody = { id: null, name: null };

it.each([
  ['assignee', { assignee: maya, lastReplier: tom, team: support }, { ...maya, by: 'assignee' }],
  ['assignee', { assignee: null, lastReplier: tom, team: support }, { ...nobody, by: null }],
  ['last-replier', { assignee: maya, lastReplier: tom, team: support }, { ...tom, by: 'last-replier' }],
  ['last-replier', { assignee: null, lastReplier: tom, team: null }, { ...tom, by: 'last-replier' }],
  ['last-replier', { assignee: maya, lastReplier: null, team: support }, { ...maya, by: 'assignee' }],
  ['last-replier', { assignee: null, lastReplier: null, team: support }, { ...nobody, by: null }],
  ['team', { assignee: maya, lastReplier: tom, team: support }, { ...nobody, by: 'team' }],
  ['team', { assignee: maya, lastReplier: tom, team: null }, { ...nobody, by: null }],
] as const)('%s of %o', (rule, who, credit) => {
  expect(creditFor(rule, snapshotWith(who))).toEqual(credit);
});
