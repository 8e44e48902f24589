import { describeScore } from './domain/survey.ts';
import { dueOf, purposeOf } from './explain-due.ts';
import { recoveryEvents } from './explain-recovery.ts';
import { tapEvents } from './explain-taps.ts';
import { findingsOf } from './store/connectors.ts';
import type { CreditMoveRow } from './store/credit.ts';
import type { CaseHistory, ClosureHistory } from './store/history.ts';
import type { ReplyRow } from './store/replies.ts';
import type { FollowUpRow, WriteBackRow } from './store/tables.ts';

/** What happened to a case and why, and what is still to come, in sentences an admin understands. */
export interface Explanation {
  readonly connector: string;
  readonly case: string;
  readonly url: string | null;
  readonly state: string;
  /** One sentence: was the customer asked, and if not, why not. */
  readonly summary: string;
  readonly closures: readonly ExplainedClosure[];
}

export interface ExplainedClosure {
  readonly cycle: number;
  /** ISO, UTC; like all instants here, so that it reads the same over any wire. */
  readonly closedAt: string;
  readonly rule: string;
  readonly reason: string;
  /** What happened, oldest first. */
  readonly events: readonly { readonly at: string; readonly what: string }[];
  /** What is still due; `at` is null when it waits for a person. */
  readonly due: readonly { readonly at: string | null; readonly what: string; readonly fix: string | null }[];
}

/** Explains a case's history; without `words` it keeps to itself what the customer wrote. */
export function explainCase(
  history: CaseHistory,
  caseIdOrNumber: string,
  { words = true }: { words?: boolean } = {},
): Explanation {
  const { snapshot, connector, closures } = history;
  return {
    connector: connector.name,
    case: snapshot?.number ?? caseIdOrNumber,
    url: snapshot?.url ?? null,
    state: snapshot === null ? 'not seen' : STATES[snapshot.state],
    summary: summarise(history),
    closures: closures.map((closure) => explainClosure(closure, words)),
  };
}

const STATES = {
  open: 'open',
  closed: 'closed',
  locked: 'closed for good',
  deleted: 'deleted',
} as const;

function summarise(history: CaseHistory): string {
  const { connector, refusal } = history;
  const sentences = [situationOf(history)];
  if (refusal !== null) {
    const what = `What it is now could not be taken in at ${instant(refusal.at)}`;
    sentences.push(`${what}: ${refusal.reason} It is read again when it changes.`);
  }
  if (connector.paused_at !== null) {
    const why = connector.paused_reason ?? 'no reason is kept';
    sentences.push(
      `The connector has been paused since ${instant(connector.paused_at)}: ${why}.`,
      'Run `caseloop check` to see what to do.',
    );
  }
  for (const { what, detail, fix } of findingsOf(connector).filter(({ level }) => level === 'error')) {
    sentences.push(`The connector is not well: ${what}: ${detail}. ${fix ?? ''}`.trim());
  }
  return sentences.join(' ');
}

function situationOf({ connector, snapshot, isRinging, refusal, closures }: CaseHistory): string {
  const last = closures.at(-1);
  if (last !== undefined) return summariseClosure(last);
  if (snapshot === null && refusal !== null) return 'Caseloop has heard of this case.';
  if (snapshot !== null)
    return 'The case has not been closed since Caseloop watches it, so nobody was asked.';
  if (isRinging) {
    const when = connector.paused_at === null ? 'about to be read' : 'read when the connector runs again';
    return `A push about this case has arrived; the case is ${when}.`;
  }
  return `Caseloop has not seen this case. ${progressOf(connector)} Check the number, or run \`caseloop watch ${connector.name}\`.`;
}

/** How far the watch is. After the first one, when it last ran says more than where: on a quiet day nothing changes. */
function progressOf({ watched_at, reached_at }: CaseHistory['connector']): string {
  if (watched_at !== null) return `The last watch finished at ${instant(watched_at)}.`;
  if (reached_at !== null) return `The first watch has come to ${instant(reached_at)}.`;
  return 'No watch has finished yet.';
}

function summariseClosure({ closure, survey, caseAsk, answers }: ClosureHistory): string {
  const answer = answers.at(-1);
  if (survey !== null && answer !== undefined) {
    return `The customer was asked and answered ${describeScore(survey, answer.score)}.`;
  }
  if (survey?.state === 'asked') return 'The customer was asked and has not answered yet.';
  if (survey?.state === 'pending') return 'The customer is about to be asked.';
  if (survey?.state === 'undeliverable') {
    const why = caseAsk?.last_error ?? closure.reason;
    return `The customer could not be asked. ${why}`;
  }
  return `The customer was not asked. ${closure.reason}`;
}

function explainClosure(history: ClosureHistory, words: boolean): ExplainedClosure {
  const { closure } = history;
  return {
    cycle: closure.cycle,
    closedAt: closure.closed_at.toISOString(),
    rule: closure.rule,
    reason: closure.reason,
    events: eventsOf(history, words)
      .sort((a, b) => a.at.getTime() - b.at.getTime())
      .map(({ at, what }) => ({ at: at.toISOString(), what })),
    due: dueOf(history).map(({ at, what, fix }) => ({ at: at?.toISOString() ?? null, what, fix })),
  };
}

function eventsOf(history: ClosureHistory, words: boolean): { at: Date; what: string }[] {
  const { closure, survey, decisions, mails, caseAsk, replies, answers, writeBack, followUps, creditMoves } =
    history;
  const events = [
    {
      at: closure.noticed_at,
      what: `Noticed by ${closure.noticed_by === 'push' ? 'a push from the CRM' : 'a scheduled watch'}.`,
    },
    ...decisions.map((one, index) => ({
      at: one.decided_at,
      what:
        one.rule === decisions[index - 1]?.rule
          ? `${STAGES[one.stage]}: no change.`
          : `${STAGES[one.stage]}. ${one.reason} (rule: ${one.rule})`,
    })),
    ...mails.flatMap((mail) =>
      mail.sent_at === null
        ? []
        : [{ at: mail.sent_at, what: `The mail relay took the ${purposeOf(mail)}.` }],
    ),
    ...mails.flatMap((mail) =>
      mail.bounced_at === null ? [] : [{ at: mail.bounced_at, what: `The ${purposeOf(mail)} came back.` }],
    ),
    ...replies.map((reply) => replyEvent(reply, words)),
    ...(caseAsk?.done_at == null
      ? []
      : [{ at: caseAsk.done_at, what: 'The survey was put on the case, as a reply to the customer.' }]),
    ...tapEvents(history),
    ...recoveryEvents(history),
  ];
  for (const answer of answers) {
    const score = survey === null ? String(answer.score) : describeScore(survey, answer.score);
    const quoted = words ? `with the comment "${answer.comment}"` : 'with a comment';
    const comment = answer.comment === null ? 'without a comment' : quoted;
    events.push({
      at: answer.answered_at,
      what: `${answer.version === 1 ? 'The customer answered' : 'The customer changed the answer to'} ${score}, ${comment}.`,
    });
  }
  if (writeBack?.done_at != null && writeBack.state === 'kept') {
    events.push({ at: writeBack.done_at, what: writeBack.last_error ?? 'The answer is kept here.' });
  } else if (writeBack?.done_at != null && writeBack.written_version !== null) {
    events.push({ at: writeBack.done_at, what: whereWritten(writeBack) });
  }
  const [first] = followUps;
  if (first !== undefined) {
    events.push({ at: first.created_at, what: 'The score is low, so a follow-up was asked for.' });
  }
  for (const followUp of followUps) {
    if (followUp.done_at !== null) events.push({ at: followUp.done_at, what: whatWasDone(followUp) });
  }
  events.push(...creditMoves.map(moveEvent));
  return events;
}

function moveEvent({ moved_at, from_id, from_name, to_id, to_name, reason }: CreditMoveRow): {
  at: Date;
  what: string;
} {
  const who = (id: string | null, name: string | null) => name ?? id ?? 'the team alone';
  return {
    at: moved_at,
    what: `Credit was moved by hand from ${who(from_id, from_name)} to ${who(to_id, to_name)}: ${reason}`,
  };
}

function replyEvent(
  { received_at, text, became_comment, forwarded_at }: ReplyRow,
  words: boolean,
): { at: Date; what: string } {
  const quoted = text === '' ? ': without words of its own' : `: "${text}"`;
  const where = became_comment ? ' It became the comment of the answer.' : '';
  const sent = forwarded_at === null ? '' : ' It was forwarded.';
  return { at: received_at, what: `The customer replied by mail${words ? quoted : ''}.${where}${sent}` };
}

function whereWritten({ place, ref_url, ref_id }: WriteBackRow): string {
  const link = ref_url ?? ref_id ?? 'the CRM gave no link';
  switch (place) {
    case 'case':
      return 'The answer was written on the case record.';
    case 'follow-up-ticket':
      return `The case is closed for good, so the answer stands on a follow-up ticket: ${link}.`;
    case 'user-field':
      return `The case is closed for good, so the answer stands on the person who asked: ${link}.`;
  }
}

function whatWasDone(row: FollowUpRow): string {
  const link = row.ref_url ?? row.ref_id ?? 'the CRM gave no link';
  const sentences = [
    row.action === 'reopen'
      ? 'The case was opened again, with a note for its owner.'
      : `The follow-up task was made: ${link}.`,
  ];
  if (row.is_fallback) sentences.push('The case itself is closed for good and cannot be opened again.');
  if (row.owner_refused !== null) sentences.push(`It was made without an owner: ${row.owner_refused}.`);
  sentences.push(`The customer should hear back by ${instant(row.due_at)}.`);
  return sentences.join(' ');
}

const STAGES = {
  closing: 'Decided at closing',
  sending: 'Decided again before sending',
  reopening: 'Called off',
  'by-hand': 'Decided by hand',
} as const;

/** An instant as people read it, in UTC. */
export function instant(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
