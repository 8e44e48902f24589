import type { Generated } from 'kysely';
import type { Role } from '../domain/staff.ts';

/** Somebody who can sign in: by a password, or by the provider that `oidc_issuer` names. */
export interface UsersTable {
  id: Generated<string>;
  name: string;
  /** As it was written. Of those with a password no two share one, whatever the case of its letters. */
  email: string;
  role: Role;
  /** Whose answers an agent sees: `connector/id`. */
  agents: Generated<string[]>;
  /** See `store/passwords.ts`; null until one is set, and for those who sign in by a provider. */
  password: string | null;
  oidc_issuer: string | null;
  oidc_subject: string | null;
  created_at: Date;
  signed_in_at: Date | null;
  disabled_at: Date | null;
}

export interface SessionsTable {
  /** Of the token in the browser's cookie, which is nowhere else. */
  hash: string;
  user_id: string;
  csrf: string;
  /** Stands for the address it was begun from. */
  caller: string;
  created_at: Date;
  seen_at: Date;
  expires_at: Date;
}

/** Links that work once. A used one is gone. */
export interface UserLinksTable {
  hash: string;
  purpose: 'setup' | 'invite' | 'reset';
  /** Null for the link that makes the first admin. */
  user_id: string | null;
  expires_at: Date;
}

/** How often somebody tried to sign in of late; `who` is a key that stands for an account or a caller. */
export interface SignInTriesTable {
  who: string;
  tries: number;
  until: Date;
}

export interface ApiKeysTable {
  id: Generated<string>;
  /** How the key begins, to tell keys apart. */
  prefix: string;
  hash: string;
  name: string;
  role: Role;
  agents: Generated<string[]>;
  created_by: string;
  created_at: Date;
  used_at: Date | null;
  revoked_at: Date | null;
}

/** Comments that a lead has shown to the agent. */
export interface ReleasedCommentsTable {
  survey_id: string;
  released_at: Date;
  released_by: string;
}
