import { describe, expect, it } from 'vitest';
import { ownerOf } from './owner.ts';

const lead = {
  default: { mail: 'lead@acme.example', name: null, ids: {} },
  Billing: { mail: 'sam@acme.example', name: 'Sam', ids: { eu: '36' } },
};
const maya = { id: '9', name: 'Maya' };
const billing = { id: '7', name: 'billing' };
const row = { connector: 'eu', owner_refused: null };
const refused = { connector: 'eu', owner_refused: 'the agent has left' };
const LED = { id: null, name: 'lead@acme.example', isOnlyNamed: true };

describe('who owns a follow-up', () => {
  it.each([
    ['the owner of the case', 'assignee', maya, billing, row, { id: '9', name: 'Maya', isOnlyNamed: false }],
    [
      'the lead whom the CRM knows',
      'lead',
      maya,
      billing,
      row,
      { id: '36', name: 'Sam', isOnlyNamed: false },
    ],
    [
      'the lead where nobody owned it',
      'assignee',
      null,
      billing,
      row,
      { id: '36', name: 'Sam', isOnlyNamed: false },
    ],
    [
      'the lead by name where the owner is refused',
      'assignee',
      maya,
      billing,
      refused,
      { id: null, name: 'Sam', isOnlyNamed: true },
    ],
    ['the lead by name whom the CRM does not know', 'lead', maya, null, row, LED],
    ['the lead of every other team', 'lead', maya, { id: '8', name: 'Sales' }, row, LED],
  ] as const)('%s', (_, owner, assignee, team, of, expected) => {
    expect(ownerOf({ owner, lead }, { snapshot: { assignee, team }, row: of })).toEqual(expected);
  });

  it('is nobody only where the config file knows no lead', () => {
    const nobody = { id: null, name: null, isOnlyNamed: false };
    const snapshot = { assignee: null, team: null };
    expect(ownerOf({ owner: 'assignee', lead: {} }, { snapshot, row })).toEqual(nobody);
  });
});
