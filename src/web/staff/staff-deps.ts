import type { Kysely } from 'kysely';
import type { Clock } from '../../clock.ts';
import type { ReportSettings } from '../../domain/report.ts';
import type { CommentRule } from '../../domain/staff.ts';
import type { Log } from '../../log.ts';
import type { Secret } from '../../secret.ts';
import type { SessionRules } from '../../store/sessions.ts';
import type { Tables } from '../../store/tables.ts';
import type { CaseActions } from './case-deps.ts';

/** How people sign in, and what agents see then. */
export interface SignInSettings extends SessionRules {
  /** Whether passwords that are kept here will do. */
  readonly password: boolean;
  readonly oidc: OidcSettings | null;
  readonly agentsSee: { readonly comments: CommentRule };
}

/** A provider of OpenID Connect. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** What the button calls it. */
  readonly name: string;
  readonly scopes: readonly string[];
  /** The claim that names somebody's groups, and the groups of each role. */
  readonly roles: {
    readonly claim: string;
    readonly admin: readonly string[];
    readonly lead: readonly string[];
    readonly agent: readonly string[];
  };
}

/** Everything the pages and the API for staff need from the rest of the program. */
export interface StaffDeps {
  readonly db: Kysely<Tables>;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly signIn: SignInSettings;
  /** How figures are made. */
  readonly report: ReportSettings;
  readonly actions: CaseActions;
  /** Turns an address into a key that stands for it. */
  hashCaller(ip: string): string;
  readonly clock: Clock;
  readonly log: Log;
}
