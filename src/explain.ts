import { describeScore } from './domain/score.ts';
import type { CaseHistory, ClosureHistory } from './store/history.ts';
import type { FollowUpRow, MailRow, WriteBackRow } from './store/tables.ts';

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

/** Explains a case's history. */
export function explainCase(history: CaseHistory, caseIdOrNumber: string): Explanation {
  const { snapshot, connector, closures } = history;
  return {
    connector: connector.name,
    case: snapshot?.number ?? caseIdOrNumber,
    url: snapshot?.url ?? null,
    state: snapshot === null ? 'not seen' : STATES[snapshot.state],
    summary: summarise(history),
    closures: closures.map(explainClosure),
  };
}

const STATES = {
  open: 'open',
  closed: 'closed',
  locked: 'closed for good',
  deleted: 'deleted',
} as const;

function summarise({ connector, snapshot, isRinging, closures }: CaseHistory): string {
  const paused =
    connector.paused_at === null
      ? ''
      : ` The connector is paused: ${connector.paused_reason ?? 'no reason is kept'}`;
  const last = closures.at(-1);
  if (last !== undefined) return `${summariseClosure(last)}${paused}`;
  if (snapshot !== null)
    return `The case has not been closed since Caseloop watches it, so nobody was asked.${paused}`;
  if (isRinging) return `A push about this case has arrived; the case is about to be read.${paused}`;
  const reached =
    connector.reached_at === null
      ? 'No scheduled watch has finished yet.'
      : `Everything that changed up to ${instant(connector.reached_at)} has been read.`;
  return `Caseloop has not seen this case. ${reached} Check the number, or run a watch.${paused}`;
}

function summariseClosure({ closure, survey, answers }: ClosureHistory): string {
  const answer = answers.at(-1);
  if (survey !== null && answer !== undefined) {
    return `The customer was asked and answered ${describeScore(survey.scale, answer.score)}.`;
  }
  if (survey?.state === 'asked') return 'The customer was asked and has not answered yet.';
  if (survey?.state === 'pending') return 'The customer is about to be asked.';
  if (survey?.state === 'failed') return 'The customer could not be asked: the mail was refused.';
  return `The customer was not asked. ${closure.reason}`;
}

function explainClosure(history: ClosureHistory): ExplainedClosure {
  const { closure } = history;
  return {
    cycle: closure.cycle,
    closedAt: closure.closed_at.toISOString(),
    rule: closure.rule,
    reason: closure.reason,
    events: eventsOf(history)
      .sort((a, b) => a.at.getTime() - b.at.getTime())
      .map(({ at, what }) => ({ at: at.toISOString(), what })),
    due: dueOf(history).map((one) => ({ ...one, at: one.at?.toISOString() ?? null })),
  };
}

function eventsOf(history: ClosureHistory): { at: Date; what: string }[] {
  const { closure, survey, decisions, mails, taps, answers, writeBack, followUp } = history;
  const events = [
    {
      at: closure.noticed_at,
      what: `Noticed by ${closure.noticed_by === 'push' ? 'a push from the CRM' : 'a scheduled watch'}.`,
    },
    ...decisions.map((one) => ({
      at: one.decided_at,
      what: `${STAGES[one.stage]}: ${one.reason} (rule: ${one.rule})`,
    })),
    ...mails.flatMap((mail) =>
      mail.sent_at === null ? [] : [{ at: mail.sent_at, what: `The mail relay took the ${mail.purpose}.` }],
    ),
    ...foldTaps(taps),
  ];
  for (const answer of answers) {
    const score = survey === null ? String(answer.score) : describeScore(survey.scale, answer.score);
    const comment = answer.comment === null ? 'without a comment' : `with the comment "${answer.comment}"`;
    events.push({
      at: answer.answered_at,
      what: `${answer.version === 1 ? 'The customer answered' : 'The customer changed the answer to'} ${score}, ${comment}.`,
    });
  }
  if (writeBack?.done_at != null && writeBack.written_version !== null) {
    events.push({ at: writeBack.done_at, what: 'The answer was written on the case record.' });
  }
  if (writeBack?.done_at != null && writeBack.state === 'kept') {
    events.push({ at: writeBack.done_at, what: writeBack.last_error ?? 'The answer is kept here.' });
  }
  if (followUp !== null) {
    events.push({ at: followUp.created_at, what: 'The score is low, so a follow-up was asked for.' });
    if (followUp.done_at !== null) {
      events.push({
        at: followUp.done_at,
        what: `The follow-up task was made: ${followUp.ref_url ?? followUp.ref_id ?? 'the CRM gave no link'}. The customer should hear back by ${instant(followUp.due_at)}.`,
      });
    }
  }
  return events;
}

const STAGES = {
  closing: 'Decided when it closed',
  sending: 'Decided again before sending',
  reopening: 'Called off',
} as const;

/** Scanners open links by the dozen: one line for all, with the first instant. */
function foldTaps(taps: ClosureHistory['taps']): { at: Date; what: string }[] {
  const opened = taps.filter((tap) => tap.method === 'GET');
  const first = opened[0];
  if (first === undefined) return [];
  const times = opened.length === 1 ? 'once' : `${opened.length} times`;
  return [
    { at: first.at, what: `The survey link was opened ${times}. Opening it is never counted as an answer.` },
  ];
}

interface Due {
  readonly at: Date | null;
  readonly what: string;
  readonly fix: string | null;
}

function dueOf({ mails, writeBack, followUp, survey, answers }: ClosureHistory): Due[] {
  const due: Due[] = [];
  for (const mail of mails) due.push(...dueMail(mail));
  if (survey?.state === 'asked' && answers.length === 0 && survey.expires_at !== null) {
    due.push({
      at: survey.expires_at,
      what: 'The survey link expires then; until then the customer may answer.',
      fix: null,
    });
  }
  if (writeBack !== null) due.push(...dueRow(writeBack, 'The answer is to be written on the case record'));
  if (followUp !== null) due.push(...dueRow(followUp, 'The follow-up task is to be made'));
  return due;
}

function dueMail(mail: MailRow): Due[] {
  const why = mail.last_error === null ? '' : ` Last time: ${mail.last_error}`;
  switch (mail.state) {
    case 'due':
      return [{ at: mail.next_attempt_at, what: `The ${mail.purpose} is to be sent.${why}`, fix: null }];
    case 'sending':
      return [{ at: null, what: `The ${mail.purpose} is being handed to the mail relay.`, fix: null }];
    case 'held':
      return [
        {
          at: null,
          what: `The ${mail.purpose} is held.${why}`,
          fix: 'Find out from the relay whether it left; set mail.afterCrash to resend to have it sent again.',
        },
      ];
    case 'failed':
      return [{ at: null, what: `The ${mail.purpose} will not be sent.${why}`, fix: null }];
    default:
      return [];
  }
}

function dueRow(row: WriteBackRow | FollowUpRow, what: string): Due[] {
  const why = row.last_error === null ? '' : ` Last time: ${row.last_error}`;
  switch (row.state) {
    case 'due':
      return [{ at: row.next_attempt_at, what: `${what}.${why}`, fix: row.fix }];
    case 'running':
      return [{ at: null, what: `${what}; the CRM is working on it.`, fix: null }];
    case 'waiting':
      return [{ at: null, what: `${what}, but someone must act first.${why}`, fix: row.fix }];
    case 'failed':
      return [{ at: null, what: `${what}, but the CRM refused it for good.${why}`, fix: row.fix }];
    default:
      return [];
  }
}

/** An instant as people read it, in UTC. */
export function instant(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
