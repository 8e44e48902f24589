import type { Role } from '../../src/domain/staff.ts';
import { makeApiKey } from '../../src/store/api-keys.ts';
import { beginSession } from '../../src/store/sessions.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import type { StaffDeps } from '../../src/web/staff/staff-deps.ts';
import type { SurveySite } from './survey-site.ts';

type Fields = Readonly<Record<string, string | readonly string[]>>;

/** A browser without pages: it keeps its cookies, follows no redirect and says where its forms come from. */
export interface Visitor {
  /** Null for somebody who is not signed in. */
  readonly userId: string | null;
  /** Settable: the `Cookie` header. */
  cookie: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** With the token of the session, unless the fields bring one. */
  post(path: string, fields?: Fields, headers?: Record<string, string>): Promise<Response>;
}

type Site = Pick<SurveySite, 'url' | 'db' | 'clock'> & { readonly staff: Pick<StaffDeps, 'signIn'> };

let known = 0;

/** Takes somebody in and signs them in, without a password. */
export async function visitorAs(
  site: Site,
  role: Role,
  { agents = [], name = `Some ${role}` }: { agents?: readonly string[]; name?: string } = {},
): Promise<Visitor> {
  const userId = await addUser(site, { role, agents, name });
  const token = await beginSession(site.db, {
    userId,
    caller: 'a caller',
    at: site.clock.now(),
    rules: site.staff.signIn,
  });
  return visitor(site, { userId, cookie: `caseloop=${token}` });
}

export function stranger(site: Site): Visitor {
  return visitor(site, { userId: null, cookie: '' });
}

/** A user whom nobody can sign in as but by `beginSession`; their password is none. */
export async function addUser(
  site: Site,
  { role, agents = [], name = 'Somebody' }: { role: Role; agents?: readonly string[]; name?: string },
): Promise<string> {
  known += 1;
  const { id } = await site.db
    .withSchema(SCHEMA)
    .insertInto('users')
    .values({
      name,
      email: `user-${known}@acme.example`,
      role,
      agents: [...agents],
      password: 'scrypt$2$8$1$AAAA$AAAA',
      created_at: site.clock.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Headers of a program with a key of this role. */
export async function keyOf(
  site: Site,
  role: Role,
  agents: readonly string[] = [],
): Promise<{ authorization: string }> {
  const userId = await addUser(site, { role: 'admin' });
  const key = await makeApiKey(site.db, { name: 'a program', role, agents, userId, at: site.clock.now() });
  return { authorization: `Bearer ${key}` };
}

function visitor(site: Site, { userId, cookie }: { userId: string | null; cookie: string }): Visitor {
  const self: Visitor = {
    userId,
    cookie,
    get: (path, headers = {}) => send(path, { headers }),
    async post(path, fields = {}, headers = {}) {
      const csrf = await csrfOf(site, userId);
      const form = new URLSearchParams();
      for (const [key, value] of Object.entries({ csrf, ...fields }))
        for (const one of [value].flat()) form.append(key, one);
      return send(path, { method: 'POST', body: form, headers: { origin: site.url, ...headers } });
    },
  };
  return self;

  async function send(path: string, init: RequestInit & { headers: Record<string, string> }) {
    const headers = { ...(self.cookie === '' ? {} : { cookie: self.cookie }), ...init.headers };
    const response = await fetch(`${site.url}${path}`, { ...init, headers, redirect: 'manual' });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      self.cookie = pair.endsWith('=') ? '' : pair;
    }
    return response;
  }
}

async function csrfOf({ db }: Site, userId: string | null): Promise<string> {
  if (userId === null) return '';
  const row = await db
    .withSchema(SCHEMA)
    .selectFrom('sessions')
    .select('csrf')
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  return row?.csrf ?? '';
}
