import type { Role } from '../../src/domain/staff.ts';
import type { Visit } from '../../src/web/staff/route.ts';

/** One visitor of each role; the agent is Ada of the reports made by hand. */
export const VISIT: Readonly<Record<Role, Visit>> = {
  agent: visitOf('agent', 'Ada Lindqvist', ['zendesk-eu/11']),
  lead: visitOf('lead', 'Lena Lead', []),
  admin: visitOf('admin', 'Amir Admin', []),
};

function visitOf(role: Role, name: string, agents: readonly string[]): Visit {
  return { viewer: { id: `user-${role}`, name, role, agents }, csrf: `csrf-of-${role}` };
}
