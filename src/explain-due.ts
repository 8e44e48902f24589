import { recoveryDue } from './explain-recovery.ts';
import { tapsDue } from './explain-taps.ts';
import type { ClosureHistory } from './store/history.ts';
import type { CaseAskRow, FollowUpRow, MailRow, WriteBackRow } from './store/tables.ts';

/** What waits, for whom wants to leave some of it out. */
type Waiting = 'tap' | 'mail' | 'survey' | 'write-back' | 'follow-up' | 'recovery';

interface Due {
  readonly about: Waiting;
  /** Null when it waits for a person. */
  readonly at: Date | null;
  readonly what: string;
  readonly fix: string | null;
}

/** What of a closing is still to come, or waits for a person. */
export function dueOf(history: ClosureHistory): Due[] {
  const { mails, caseAsk, writeBack, followUps, survey, answers } = history;
  const due: Due[] = [];
  const wait = (about: Waiting, what: readonly Omit<Due, 'about'>[]) =>
    due.push(...what.map((one) => ({ about, ...one })));
  wait('tap', tapsDue(history));
  for (const mail of mails) wait('mail', dueMail(mail));
  if (caseAsk !== null) wait('survey', dueRow(caseAsk, 'The survey is to be put on the case'));
  if (survey?.state === 'asked' && answers.length === 0 && survey.expires_at !== null) {
    const what = 'The survey link expires; until then the customer may answer.';
    wait('survey', [{ at: survey.expires_at, what, fix: null }]);
  }
  if (writeBack !== null) wait('write-back', dueRow(writeBack, DUE_PLACES[writeBack.place]));
  for (const followUp of followUps) wait('follow-up', dueRow(followUp, DUE_ACTIONS[followUp.action]));
  wait('recovery', recoveryDue(history));
  return due;
}

const DUE_PLACES = {
  case: 'The answer is to be written on the case record',
  'follow-up-ticket': 'The case is closed for good, so the answer is to be written on a follow-up ticket',
  'user-field': 'The case is closed for good, so the answer is to be written on the person who asked',
} as const;

const DUE_ACTIONS = {
  task: 'The follow-up task is to be made',
  reopen: 'The case is to be opened again',
} as const;

function dueMail(mail: MailRow): Omit<Due, 'about'>[] {
  const why = mail.last_error === null ? '' : ` Last time: ${mail.last_error}`;
  switch (mail.state) {
    case 'due':
      return [{ at: mail.next_attempt_at, what: `The ${purposeOf(mail)} is to be sent.${why}`, fix: null }];
    case 'sending':
      return [{ at: null, what: `The ${purposeOf(mail)} is being handed to the mail relay.`, fix: null }];
    case 'held':
      return [
        {
          at: null,
          what: `The ${purposeOf(mail)} is held.${why}`,
          fix: 'Find out from the relay whether it left; set mail.afterCrash to resend to have it sent again.',
        },
      ];
    default:
      return [];
  }
}

/** What a mail is for, in words. */
export function purposeOf({ purpose }: MailRow): string {
  return purpose.replace(/^resend-(\d+)$/, 'invitation sent again ($1)');
}

function dueRow(row: WriteBackRow | FollowUpRow | CaseAskRow, what: string): Omit<Due, 'about'>[] {
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
