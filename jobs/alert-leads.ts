import type { Transaction } from 'kysely';
import { CHAT_MESSAGES } from '../src/chat-message.ts';
import type { AlertFacts } from '../src/domain/alert.ts';
import { alertText } from '../src/domain/alert.ts';
import type { FollowUpEventType } from '../src/domain/follow-up-event.ts';
import { leadOf } from '../src/domain/lead.ts';
import { type Delivery, postJson } from '../src/endpoint.ts';
import { CaseloopError, PermanentError, RetryableError } from '../src/errors.ts';
import { casePageUrl } from '../src/links.ts';
import { composeAlert } from '../src/mail/alert-mail.ts';
import type { AlertKind } from '../src/store/alert-tables.ts';
import {
  claimMessages,
  type DueMessage,
  endMessage,
  gatherMessages,
  insertAlerts,
  putMessageBack,
  type Receiver,
  type ToldAlert,
} from '../src/store/alerts.ts';
import { type ClockToTell, takeOverdue, takeStarts } from '../src/store/clocks.ts';
import type { Tables } from '../src/store/tables.ts';
import { queueFollowUpEvents } from '../src/store/webhook-events.ts';
import { ownerOf } from './owner.ts';
import type { Work } from './work.ts';

/** Clocks that share one transaction. */
const MOST_CLOCKS = 200;
/** Messages handed over side by side. */
const AT_ONCE = 8;

/**
 * Tells people of low scores that came, and of those whose customer was not answered in time: once for each start of a clock and
 * receiver, gathered into one message a minute. A message is sent at least once, under the same id in every attempt.
 */
export async function alertLeads(work: Work, signal?: AbortSignal): Promise<void> {
  await tell(work, 'opened', takeStarts);
  await tell(work, 'overdue', takeOverdue);
  await gatherMessages(work.db, work.clock.now());
  for (;;) {
    signal?.throwIfAborted();
    const messages = await claimMessages(work.db, {
      workerId: work.workerId,
      now: work.clock.now(),
      limit: AT_ONCE,
    });
    if (messages.length === 0) return;
    const ids = messages.map(({ id }) => id);
    await work.inHand.during(ids, () => Promise.all(messages.map((message) => send(work, message))));
  }
}

type Take = (tx: Transaction<Tables>, now: Date, limit: number) => Promise<readonly ClockToTell[]>;

const EVENTS: Readonly<Record<AlertKind, FollowUpEventType>> = {
  opened: 'follow-up.opened',
  overdue: 'follow-up.overdue',
};

/** Marks clocks as told and stores who is to be told, in one transaction: a crash repeats both or neither. */
async function tell(work: Work, kind: AlertKind, take: Take): Promise<void> {
  const { db, clock, config, log, queues } = work;
  const webhooks = [...config.webhooks.values()];
  for (;;) {
    const now = clock.now();
    const taken = await db.transaction().execute(async (tx) => {
      const clocks = await take(tx, now, MOST_CLOCKS);
      const alerts = clocks.flatMap(({ id, start, team }) =>
        receiversOf(work, kind, team).map((receiver) => ({ ...receiver, followUpId: id, start, kind })),
      );
      await insertAlerts(tx, alerts, now);
      const closureIds = clocks.map(({ closureId }) => closureId);
      await queueFollowUpEvents(tx, webhooks, { type: EVENTS[kind], closureIds, at: now });
      return closureIds;
    });
    if (taken.length === 0) return;
    if (kind === 'overdue') log.warn({ closures: taken }, 'low scores overdue: escalated');
    for (const { name } of webhooks) await queues.add('deliver-webhooks', { webhook: name });
  }
}

/** Everybody once, however often the config file names them. */
function receiversOf({ config }: Work, kind: AlertKind, team: string | null): readonly Receiver[] {
  const { lead, notify, escalate, chats } = config.followUp;
  const addresses = [
    ...[leadOf(lead, team)].flatMap((one) => one?.mail ?? []),
    ...notify,
    ...(kind === 'overdue' ? escalate : []),
  ];
  const isFor = (teams: readonly string[]): boolean =>
    teams.length === 0 || teams.some((one) => one.toLowerCase() === team?.toLowerCase());
  return [
    ...[...new Set(addresses)].map((receiver): Receiver => ({ way: 'mail', receiver })),
    ...[...chats.values()]
      .filter((chat) => isFor(chat.team))
      .map(({ name }): Receiver => ({ way: 'chat', receiver: name })),
  ];
}

async function send(work: Work, message: DueMessage): Promise<void> {
  const { db, workerId, clock, log } = work;
  const chat = message.way === 'chat' ? message.receiver : undefined;
  const end = (state: 'sent' | 'dropped' | 'failed', error: string | null = null): Promise<void> =>
    endMessage(db, { id: message.id, workerId, state, at: clock.now(), error });
  if (message.alerts.length === 0) return end('dropped');
  const failure = await handOver(work, message);
  if (failure === null) {
    await end('sent');
    log.info({ message: message.id, chat, alerts: message.alerts.length }, 'alert sent');
    return;
  }
  const { reason, isForGood, askedMs } = failure;
  const waits =
    !isForGood && (await putMessageBack(db, message, { workerId, now: clock.now(), error: reason, askedMs }));
  if (waits) {
    log.warn({ message: message.id, chat, reason }, 'alert not taken: it is tried again');
    return;
  }
  if (isForGood) await end('failed', reason);
  log.error({ message: message.id, chat, reason }, 'alert given up');
}

interface Failure {
  readonly reason: string;
  readonly isForGood: boolean;
  readonly askedMs: number | null;
}

/** Null when the receiver has it. */
function handOver(work: Work, message: DueMessage): Promise<Failure | null> {
  return message.way === 'mail' ? mail(work, message) : post(work, message);
}

async function mail(work: Work, message: DueMessage): Promise<Failure | null> {
  const { config, clock } = work;
  const { zone } = config.calendar;
  const facts = message.alerts.map((alert) => factsOf(work, alert));
  try {
    await work.mailer.send(
      await composeAlert({
        text: alertText(facts, { zone, comments: config.followUp.comments }),
        from: config.mail.from,
        to: message.receiver,
        messageId: `${message.id}.alert@${new URL(config.server.publicUrl).hostname}`,
        date: clock.now(),
      }),
    );
    return null;
  } catch (error) {
    if (!(error instanceof CaseloopError)) throw error;
    return {
      reason: error.message,
      isForGood: error instanceof PermanentError,
      askedMs: error instanceof RetryableError ? error.retryAfterMs : null,
    };
  }
}

async function post(work: Work, message: DueMessage): Promise<Failure | null> {
  const { config, clock } = work;
  const chat = config.followUp.chats.get(message.receiver);
  if (chat === undefined)
    return { reason: 'the config file has no such chat any more', isForGood: true, askedMs: null };
  const text = alertText(
    message.alerts.map((alert) => factsOf(work, alert)),
    { zone: config.calendar.zone, comments: chat.comments },
  );
  const body = JSON.stringify(CHAT_MESSAGES[chat.kind](text));
  return failureOf(await postJson(chat.url, { body, at: clock.now() }));
}

function failureOf(delivery: Delivery): Failure | null {
  if (delivery.result === 'taken') return null;
  const askedMs = delivery.result === 'gone' ? null : delivery.retryAfterMs;
  return { reason: delivery.reason, isForGood: delivery.result === 'gone', askedMs };
}

function factsOf({ config }: Work, { kind, row, survey, answer, snapshot }: ToldAlert): AlertFacts {
  return {
    kind,
    caseNumber: snapshot.number,
    score: answer.score,
    surveyKind: survey.kind,
    scale: survey.scale,
    reasons: answer.reasons as string[],
    comment: answer.comment,
    team: snapshot.team?.name ?? null,
    owner: ownerOf(config.followUp, { snapshot, row }).name,
    dueAt: row.due_at,
    caseUrl: snapshot.url,
    url: casePageUrl(config.server.publicUrl, survey.connector, survey.case_id),
  };
}
