import { type Kysely, sql } from 'kysely';
import { SCHEMA, type Tables } from './tables.ts';

/** A line of the audit, with who it was by the name they have now. */
export interface AuditLine {
  readonly id: string;
  readonly at: Date;
  /** `user:...`, `key:...`, `command line` or `nobody`. */
  readonly actor: string;
  /** Null for whoever has no name, or none any more. */
  readonly name: string | null;
  readonly what: string;
  readonly detail: string;
  /** Whom the detail names by an id; null where it names nobody. */
  readonly about: string | null;
}

/** One page, newest first. `before` is the id of the last line of the page before. */
export async function readAudit(
  db: Kysely<Tables>,
  { before, actor, limit }: { before: string | null; actor: string | null; limit: number },
): Promise<readonly AuditLine[]> {
  const s = db.withSchema(SCHEMA);
  let query = s
    .selectFrom('audit')
    .select(['id', 'at', 'actor', 'what', 'detail'])
    .orderBy('id', 'desc')
    .limit(limit);
  if (before !== null) query = query.where('id', '<', before);
  if (actor !== null) query = query.where('actor', '=', actor);
  const lines = await query.execute();
  const aboutOf = (detail: string) => /^(?:user|key):[0-9a-f-]{36}/.exec(detail)?.[0] ?? '';
  const named = lines.flatMap(({ actor, detail }) => [actor, aboutOf(detail)]);
  const names = await namesOf(db, [...new Set(named)]);
  return lines.map((line) => ({
    ...line,
    id: String(line.id),
    name: names.get(line.actor) ?? null,
    about: names.get(aboutOf(line.detail)) ?? null,
  }));
}

async function namesOf(db: Kysely<Tables>, actors: readonly string[]): Promise<Map<string, string>> {
  const s = db.withSchema(SCHEMA);
  const idsOf = (kind: string) =>
    actors.filter((actor) => actor.startsWith(`${kind}:`)).map((actor) => actor.slice(kind.length + 1));
  const named = new Map<string, string>();
  for (const [kind, table] of [['user', 'users'] as const, ['key', 'api_keys'] as const]) {
    const ids = idsOf(kind);
    if (ids.length === 0) continue;
    const rows = await s.selectFrom(table).select(['id', 'name']).where(sql`id::text`, 'in', ids).execute();
    for (const { id, name } of rows) named.set(`${kind}:${id}`, name);
  }
  return named;
}
