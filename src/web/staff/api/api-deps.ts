import type { Kysely } from 'kysely';
import type { Clock } from '../../../clock.ts';
import type { ReportSettings } from '../../../domain/report.ts';
import type { CommentRule } from '../../../domain/staff.ts';
import type { Tables } from '../../../store/tables.ts';

/** What the API and the export need from the rest of the program. */
export interface ApiDeps {
  readonly db: Kysely<Tables>;
  readonly settings: ReportSettings;
  readonly agentsSee: { readonly comments: CommentRule };
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly clock: Clock;
}
