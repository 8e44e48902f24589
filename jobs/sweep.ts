import { HOUR_MS } from '../src/clock.ts';
import { freeOrphanedMessages, hasAlertWork } from '../src/store/alerts.ts';
import { bringBackFromFuture } from '../src/store/clock-set-back.ts';
import { connectorsToAsk, hasClocksToTell } from '../src/store/clocks.ts';
import { surveysToSettle } from '../src/store/confirmations.ts';
import { connectorsWithDoorbells } from '../src/store/doorbells.ts';
import { connectorsWithDueRows, freeOrphanedRows } from '../src/store/due-rows.ts';
import { dueMailSurveys, settleOrphanedMails } from '../src/store/mails.ts';
import { countHeldSince } from '../src/store/quarantine.ts';
import { planReminders } from '../src/store/reminders.ts';
import { isReportBehind } from '../src/store/report-fold.ts';
import { dueVendorJobs } from '../src/store/vendor-jobs.ts';
import { freeOrphanedEvents, giveUpOldEvents, webhooksWithDueEvents } from '../src/store/webhook-events.ts';
import { beat, takeLease } from '../src/store/workers.ts';
import { sweepDigests } from './send-digest.ts';
import type { Work } from './work.ts';

/** Mails nudged per sweep; the rest wait for the next one. Confirmations likewise. */
const MAILS_PER_SWEEP = 500;

/**
 * Finds what is due and has no live job: after a crash, an emptied queue, a lost nudge. Frees what dead workers held, then
 * nudges. An extra nudge is harmless.
 */
export async function sweep(work: Work): Promise<void> {
  const { db, clock, queues } = work;
  const now = clock.now();
  // A process that slept is alive as soon as it wakes: it must not take its own rows for those of the dead.
  await beat(db, { id: work.workerId, role: 'worker', startedAt: now }, now);
  await settleOrphanedMails(db, { afterCrash: work.config.mail.afterCrash, now });
  await freeOrphanedRows(db, now);
  await freeOrphanedEvents(db);
  await freeOrphanedMessages(db);
  await bringBackFromFuture(db, now);

  const running = (connector: string) => work.connectors.has(connector);
  const { remindAfterMs } = work.config.policy;
  if (remindAfterMs !== null) {
    await planReminders(db, { now, afterMs: remindAfterMs, limit: MAILS_PER_SWEEP });
  }
  const surveyIds = await dueMailSurveys(db, now, MAILS_PER_SWEEP);
  await queues.addMany(surveyIds.map((surveyId) => ({ name: 'send-survey', payload: { surveyId } })));
  const confirmedIds = await surveysToSettle(db, now, MAILS_PER_SWEEP);
  await queues.addMany(confirmedIds.map((surveyId) => ({ name: 'confirm-answers', payload: { surveyId } })));
  for (const connector of (await connectorsWithDoorbells(db)).filter(running)) {
    await queues.add('fetch-cases', { connector });
  }
  for (const connector of (await connectorsWithDueRows(db, 'write_backs', now)).filter(running)) {
    await queues.add('write-back', { connector });
  }
  for (const connector of (await connectorsWithDueRows(db, 'follow_ups', now)).filter(running)) {
    await queues.add('follow-up', { connector });
  }
  for (const connector of (await connectorsWithDueRows(db, 'case_asks', now)).filter(running)) {
    await queues.add('ask-in-case', { connector });
  }
  // The CRM is asked before anybody is called upon.
  for (const connector of (await connectorsToAsk(db, now)).filter(running)) {
    await queues.add('look-after', { connector });
  }
  if ((await hasClocksToTell(db, now)) || (await hasAlertWork(db, now))) await queues.add('alert-leads', {});
  await sweepWebhooks(work, now);
  await sweepDigests(work, now);
  for (const job of (await dueVendorJobs(db, now)).filter((one) => running(one.connector))) {
    await queues.add('settle', { connector: job.connector, kind: job.kind, handleId: job.id });
  }
  if (await isReportBehind(db, work.config.report.zone)) await queues.add('fold-report', {});
  await warnOfHeld(work, now);
}

/** Once an hour over all processes: a lease that nobody holds twice. */
async function warnOfHeld({ db, log }: Work, now: Date): Promise<void> {
  const held = await countHeldSince(db, new Date(now.getTime() - HOUR_MS));
  if (held === 0) return;
  const lease = { name: 'warn-of-held-taps', holder: `said at ${now.toISOString()}`, now, forMs: HOUR_MS };
  if (await takeLease(db, lease))
    log.warn({ held, fix: 'Run `caseloop quarantine` to see them.' }, 'taps are held as machine-made');
}

async function sweepWebhooks({ db, config, queues, log }: Work, now: Date): Promise<void> {
  for (const [webhook, events] of await giveUpOldEvents(db, now)) {
    log.error({ webhook, events }, 'webhook events given up: nobody took them for three days');
  }
  const due = (await webhooksWithDueEvents(db, now)).filter((name) => config.webhooks.has(name));
  for (const webhook of due) await queues.add('deliver-webhooks', { webhook });
}
