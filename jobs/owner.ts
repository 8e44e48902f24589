import type { Config } from '../src/config.ts';
import type { CaseSnapshot } from '../src/domain/case.ts';
import { leadOf, nameOfLead } from '../src/domain/lead.ts';
import type { FollowUpRow } from '../src/store/tables.ts';

/** Who is to answer the customer. */
export interface Owner {
  /** The CRM's user; null leaves the task to the team. */
  readonly id: string | null;
  /** Null when nobody is known, which a lead in the config file prevents. */
  readonly name: string | null;
  /** Their name must stand in the task's text, since the CRM does not show it. */
  readonly isOnlyNamed: boolean;
}

/**
 * The owner of a follow-up: whoever owned the case when it closed, or the team's lead where the config file says so, or where
 * nobody owned the case or the CRM would not have the owner. A lead whose user in this CRM is not known is named alone.
 */
export function ownerOf(
  { owner, lead }: Pick<Config['followUp'], 'owner' | 'lead'>,
  of: {
    readonly snapshot: Pick<CaseSnapshot, 'assignee' | 'team'>;
    readonly row: Pick<FollowUpRow, 'connector' | 'owner_refused'>;
  },
): Owner {
  const { assignee, team } = of.snapshot;
  const isRefused = of.row.owner_refused !== null;
  if (owner === 'assignee' && assignee !== null && !isRefused)
    return { id: assignee.id, name: assignee.name, isOnlyNamed: false };
  const theirs = leadOf(lead, team?.name ?? null);
  if (theirs === null) return { id: null, name: null, isOnlyNamed: false };
  const id = isRefused ? null : (theirs.ids[of.row.connector] ?? null);
  return { id, name: nameOfLead(theirs), isOnlyNamed: id === null };
}
