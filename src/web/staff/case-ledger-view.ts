import { MARKS, type Mark, marksOfTap } from '../../domain/taps.ts';
import { purposeOf } from '../../explain-due.ts';
import type { ClosureHistory } from '../../store/history.ts';
import type { ConfirmationRow, DecisionRow, MailRow } from '../../store/tables.ts';
import { handedOver, tapFromRow } from '../../store/taps.ts';
import type { ShownInstant } from './instants.ts';
import type { Standing } from './step-words.ts';

/** Taps shown of one survey; scanners make hundreds. */
const MOST_TAPS = 100;

const STAGES: Readonly<Record<DecisionRow['stage'], string>> = {
  closing: 'when it closed',
  sending: 'before it was sent',
  reopening: 'when it was opened again',
  'by-hand': 'by hand',
};

const MAILS: Readonly<Record<MailRow['state'], Standing>> = {
  due: { text: 'to be sent', tone: 'wait' },
  sending: { text: 'being sent', tone: 'wait' },
  sent: { text: 'sent', tone: 'good' },
  held: { text: 'held', tone: 'wait' },
  cancelled: { text: 'called off', tone: 'plain' },
  undeliverable: { text: 'refused', tone: 'problem' },
  bounced: { text: 'came back', tone: 'problem' },
};

const CONFIRMATIONS: Readonly<Record<ConfirmationRow['state'], Standing>> = {
  settling: { text: 'settling', tone: 'wait' },
  counted: { text: 'counted', tone: 'good' },
  held: { text: 'held as machine-made', tone: 'problem' },
  superseded: { text: 'replaced by a later answer', tone: 'plain' },
  overruled: { text: 'accepted by hand', tone: 'good' },
  dismissed: { text: 'dismissed by hand', tone: 'plain' },
};

const KINDS = { page: 'link opened', trap: 'hidden link opened', answer: 'answer sent' } as const;

/** What stands in the store about a closing, row by row: decisions, mails, taps, confirmations. */
export function ledgerView(history: ClosureHistory, when: (at: Date | string) => ShownInstant) {
  const { decisions, mails, taps, confirmations } = history;
  const scene = { taps: taps.map(tapFromRow), mailsAt: handedOver(mails) };
  return {
    decisions: decisions.map(({ decided_at, stage, outcome, rule, reason }) => ({
      at: when(decided_at),
      stage: STAGES[stage],
      outcome,
      rule,
      reason,
    })),
    mails: mails.map((mail) => ({
      purpose: purposeOf(mail),
      standing: MAILS[mail.state],
      at: mail.sent_at === null ? null : when(mail.sent_at),
      dueAt: mail.state === 'due' ? when(mail.next_attempt_at) : null,
      attempts: mail.attempts,
      error: mail.last_error,
    })),
    taps: scene.taps.slice(0, MOST_TAPS).map((tap) => ({
      at: when(tap.at),
      kind: KINDS[tap.kind],
      score: tap.score,
      agent: tap.agent,
      marks: marksOfTap(tap, scene).map((mark) => MARKS[mark]),
    })),
    moreTaps: Math.max(0, scene.taps.length - MOST_TAPS),
    confirmations: confirmations.map((row) => ({
      id: String(row.id),
      at: when(row.at),
      score: row.score,
      standing: CONFIRMATIONS[row.state],
      isHeld: row.state === 'held',
      marks: (row.marks as Mark[]).map((mark) => MARKS[mark]),
      by: row.decided_by,
    })),
  };
}
