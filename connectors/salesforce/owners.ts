import { ConfigError, PermanentError } from '../../src/errors.ts';
import type { Config } from './config.ts';
import { toId } from './ids.ts';
import type { People } from './people.ts';
import type { User } from './schema.ts';

/**
 * Who gets a follow-up: the owner of the case while that is an active user, else the configured one, else whoever Caseloop
 * acts as (null). A queue owns no tasks unless it was set up for them, so it is not tried.
 *
 * Throws PermanentError for an owner that is no user at all, ConfigError when the configured one is not an active user.
 */
export function ownerOf(wanted: string | null, people: People, { followUpOwner }: Config): User | null {
  if (wanted !== null) {
    const userId = toId('user', wanted);
    if (userId === null) throw new PermanentError('Salesforce: the owner of the follow-up is not a user');
    const user = people.byId(userId);
    if (user !== null) return user;
  }
  if (followUpOwner === undefined) return null;
  const id = toId('user', followUpOwner);
  const fallback = id === null ? people.byUsername(followUpOwner) : people.byId(id);
  if (fallback !== null) return fallback;
  throw new ConfigError('Salesforce: followUpOwner is not an active user of the org', {
    fix: 'Set followUpOwner to the username or id of an active user.',
  });
}
