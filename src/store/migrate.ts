import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { foundation } from './migrations/0001-foundation.ts';
import { lateAnswers } from './migrations/0002-late-answers.ts';
import { unloggedLeases } from './migrations/0003-unlogged-leases.ts';
import { sendingMails } from './migrations/0004-sending-mails.ts';
import { streams } from './migrations/0005-streams.ts';
import { taps } from './migrations/0006-taps.ts';
import { reminders } from './migrations/0007-reminders.ts';
import { caseAsks } from './migrations/0008-case-asks.ts';
import { deliveries } from './migrations/0009-deliveries.ts';
import { webhooks } from './migrations/0010-webhooks.ts';
import { byHand } from './migrations/0011-by-hand.ts';
import { credit } from './migrations/0012-credit.ts';
import { report } from './migrations/0013-report.ts';
import { staff } from './migrations/0014-staff.ts';
import { reviews } from './migrations/0015-reviews.ts';
import { recovery } from './migrations/0016-recovery.ts';
import { digests } from './migrations/0018-digests.ts';
import { evidence } from './migrations/0019-evidence.ts';
import { SCHEMA, type Tables } from './tables.ts';

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-foundation': foundation,
  '0002-late-answers': lateAnswers,
  '0003-unlogged-leases': unloggedLeases,
  '0004-sending-mails': sendingMails,
  '0005-streams': streams,
  '0006-taps': taps,
  '0007-reminders': reminders,
  '0008-case-asks': caseAsks,
  '0009-deliveries': deliveries,
  '0010-webhooks': webhooks,
  '0011-by-hand': byHand,
  '0012-credit': credit,
  '0013-report': report,
  '0014-staff': staff,
  '0018-digests': digests,
  '0016-recovery': recovery,
  '0019-evidence': evidence,
  '0015-reviews': reviews,
};

/** Brings the store's tables to this version. Safe to repeat and to run from several processes at once. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
    migrationTableSchema: SCHEMA,
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
