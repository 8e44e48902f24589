import type { Kysely } from 'kysely';
import { SCHEMA, type Tables } from '../../store/tables.ts';

/** How the ids of users begin where they are actors. */
const USER = 'user:';

/** What pages call those who did something: users by their names, a command or a program by what it is. */
export async function nameReader(
  db: Kysely<Tables>,
  actors: readonly string[],
): Promise<(actor: string) => string> {
  const ids = [...new Set(actors)].flatMap((actor) =>
    actor.startsWith(USER) ? actor.slice(USER.length) : [],
  );
  const users =
    ids.length === 0
      ? []
      : await db
          .withSchema(SCHEMA)
          .selectFrom('users')
          .select(['id', 'name'])
          .where('id', 'in', ids)
          .execute();
  const names = new Map(users.map(({ id, name }) => [`${USER}${id}`, name]));
  return (actor) => names.get(actor) ?? actor;
}
