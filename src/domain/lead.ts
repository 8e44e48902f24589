/** Who answers for a team. */
export interface Lead {
  readonly mail: string;
  /** Null: their address stands for them. */
  readonly name: string | null;
  /** Their user's id in the CRM, by connector. */
  readonly ids: Readonly<Record<string, string>>;
}

/** Leads by team name, `default` for every other team. */
export type Leads = Readonly<Record<string, Lead>>;

/** The lead of a team, by its name in any letter case. Null where there is none, not even a default. */
export function leadOf(leads: Leads, team: string | null): Lead | null {
  const name = team?.toLowerCase();
  const own = Object.keys(leads).find((key) => key.toLowerCase() === name);
  return leads[own ?? 'default'] ?? null;
}

/** What tasks call a lead. */
export function nameOfLead({ name, mail }: Lead): string {
  return name ?? mail;
}
