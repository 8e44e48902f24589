import { z } from 'zod';
import type { App } from '../app.ts';
import type { Finding } from '../connector.ts';
import { ALL_TEAMS } from '../domain/digest.ts';
import { readValuesOf } from '../store/report-values.ts';

/** What `caseloop digest` has the owner of the database do. */

export const DigestArgs = z.strictObject({ team: z.string().nullable(), to: z.string().nullable() });

export type DigestResult = Awaited<ReturnType<App['digestByHand']>>;

export function makeDigest(app: App, args: z.infer<typeof DigestArgs>): Promise<DigestResult> {
  return app.digestByHand(args);
}

/** Teams that have a digest and never had a case: a name that the CRM writes differently. */
export async function findingsOnDigest({ config, work }: App): Promise<readonly Finding[]> {
  const named = Object.entries(config.digest.to).filter(([team, to]) => team !== ALL_TEAMS && to.length > 0);
  if (named.length === 0) return [];
  const seen = new Set(await readValuesOf(work.db, 'team'));
  return named
    .filter(([team]) => !seen.has(team))
    .map(([team]) => ({
      what: 'teams',
      level: 'warning' as const,
      detail: `no case of a team "${team}" has closed yet, so its digest would say nothing`,
      fix: `Write the name as the CRM has it under digest.to${seen.size === 0 ? '' : `; there are ${listOf([...seen])}`}.`,
    }));
}

const MOST_NAMES = 12;

function listOf(names: readonly string[]): string {
  const known = names.filter((name) => name !== '').toSorted();
  const more = known.length - MOST_NAMES;
  return `${known.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
