/** Providers whose domain says nothing about who someone works for. */
const SHARED_DOMAINS: ReadonlySet<string> = new Set([
  'gmail.com',
  'googlemail.com',
  'outlook.com',
  'hotmail.com',
  'live.com',
  'yahoo.com',
  'icloud.com',
  'me.com',
  'aol.com',
  'gmx.de',
  'gmx.net',
  'web.de',
  'proton.me',
  'protonmail.com',
]);

/**
 * The domains that are ours, from the address surveys are sent from. A support address at a shared provider names none:
 * otherwise every customer at that provider would count as staff.
 */
export function ownDomainsOf(from: string): readonly string[] {
  const domain = /@([^\s<>@]+?)>?\s*$/.exec(from)?.[1]?.toLowerCase();
  return domain === undefined || SHARED_DOMAINS.has(domain) ? [] : [domain];
}
