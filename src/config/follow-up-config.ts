import type { Config, ConnectorConfig } from '../config.ts';
import type { ConfigWarning } from './problem.ts';
import type { Settings } from './schema.ts';
import type { Source } from './source.ts';

/** The section with its leads and chats as the program takes them. */
export function buildFollowUp({
  action,
  dueIn,
  owner,
  lead,
  notify,
  escalate,
  comments,
  alerts,
}: Settings['followUp']): Config['followUp'] {
  const leads = Object.entries(lead).map(([team, settings]) => {
    const { mail, name = null, ids = {} } = { name: undefined, ids: undefined, ...settings };
    return [team, { mail, name, ids }] as const;
  });
  return {
    action,
    dueIn,
    owner,
    lead: Object.fromEntries(leads),
    notify,
    escalate,
    comments,
    chats: new Map(Object.entries(alerts).map(([name, chat]) => [name, { name, ...chat }])),
  };
}

/** A warning for each lead who is to own tasks in a CRM that does not know them. */
export function warnOfUnknownLeads(
  source: Source,
  { followUp }: Settings,
  connectors: readonly ConnectorConfig[],
): ConfigWarning[] {
  if (followUp.owner !== 'lead') return [];
  return Object.entries(followUp.lead).flatMap(([team, lead]) => {
    const ids = ('ids' in lead ? lead.ids : undefined) ?? {};
    const without = connectors.map(({ name }) => name).filter((name) => ids[name] === undefined);
    if (without.length === 0) return [];
    return source.warning(
      ['followUp', 'lead', team],
      `ids has no line for ${without.join(', ')}. Tasks there go to the team of the case, and name the lead in their text.`,
    );
  });
}
