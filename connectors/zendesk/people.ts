import type { ZendeskApi } from './client.ts';
import { type User, UserList } from './schema.ts';
import { isStaff } from './snapshot.ts';

/** The most people that one `users/show_many` gives (2026-11-21). */
const MOST_AT_ONCE = 100;

/** Those of these people who are agents or admins, 100 a call. Nothing is asked about nobody. */
export async function readStaff(api: ZendeskApi, ids: readonly number[]): Promise<ReadonlyMap<number, User>> {
  const wanted = [...new Set(ids)];
  const staff = new Map<number, User>();
  for (let start = 0; start < wanted.length; start += MOST_AT_ONCE) {
    const batch = wanted.slice(start, start + MOST_AT_ONCE).join(',');
    const { users } = await api.read('users/show_many.json', { ids: batch }, UserList);
    for (const user of users) if (isStaff(user)) staff.set(user.id, user);
  }
  return staff;
}
