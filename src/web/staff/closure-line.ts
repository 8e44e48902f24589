import type { ClosureRecord } from '../../domain/closure-record.ts';
import { casePathOf } from './case-paths.ts';
import { instantsIn } from './instants.ts';
import { recoveryStanding } from './recovery-words.ts';
import { scoreOfLevel } from './shown-score.ts';
import { writeBackStanding } from './step-words.ts';

/** A line shows the beginning of a long comment; the case's page has all of it. */
const LONGEST_COMMENT = 160;

/** One closing as a line of a list. */
export function closureLine(
  record: ClosureRecord,
  { zone, isReadable }: { zone: string; isReadable: boolean },
) {
  const { survey, answer, recovery, writeBack } = record;
  return {
    number: record.number,
    connector: record.connector,
    subject: record.subject,
    href: casePathOf(record.connector, record.caseId),
    closedAt: instantsIn(zone)(record.closedAt),
    isReopened: record.reopened,
    credited: record.credited?.name ?? null,
    place: [record.team, record.channel].filter((one) => one !== null).join(', '),
    decision: decisionOf(record),
    score:
      survey === null || answer === null ? null : scoreOfLevel(survey.metric, answer.score, answer.level),
    comment: answer === null || answer.comment === null ? null : isReadable ? shortened(answer.comment) : '',
    recovery: recovery === null || recovery.state === 'cancelled' ? null : recoveryStanding(recovery),
    writeBack: writeBack === null ? null : writeBackStanding(writeBack.state),
  };
}

/** Whether the customer was asked, and why not. */
function decisionOf({ outcome, reason, survey }: ClosureRecord) {
  if (survey?.isAsked === true) return { text: 'asked', tone: 'plain', reason: null };
  if (survey?.state === 'undeliverable') return { text: 'not reached', tone: 'problem', reason };
  if (outcome === 'hold') return { text: 'held', tone: 'wait', reason };
  if (outcome === 'ask') return { text: 'to be asked', tone: 'wait', reason: null };
  return { text: 'not asked', tone: 'plain', reason };
}

function shortened(text: string): string {
  const letters = [...text];
  return letters.length <= LONGEST_COMMENT
    ? text
    : `${letters.slice(0, LONGEST_COMMENT).join('').trimEnd()} …`;
}
