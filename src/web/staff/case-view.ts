import { describeRule } from '../../domain/policy.ts';
import { reasonInWords } from '../../domain/reasons.ts';
import { may, type Viewer } from '../../domain/staff.ts';
import { explainCase } from '../../explain.ts';
import { dueOf } from '../../explain-due.ts';
import type { CaseHistory, ClosureHistory } from '../../store/history.ts';
import type { Review } from '../../store/reviews.ts';
import type { FollowUpRow, SurveyRow, WriteBackRow } from '../../store/tables.ts';
import { ledgerView } from './case-ledger-view.ts';
import { instantsIn, type ShownInstant } from './instants.ts';
import { shownScore } from './shown-score.ts';
import { followUpStanding, writeBackStanding } from './step-words.ts';

/** What the case page is made of besides the case's history. */
export interface CaseViewFacts {
  readonly viewer: Viewer;
  /** IANA. */
  readonly zone: string;
  readonly reviews: ReadonlyMap<string, Review>;
  /** Surveys whose comments this viewer may read. */
  readonly readable: ReadonlySet<string>;
  /** Surveys whose comments a lead has released to the agent; null where there is nothing to release. */
  readonly released: ReadonlySet<string> | null;
}

/** The page of one case; newest closing first. */
export function caseView(history: CaseHistory, caseId: string, facts: CaseViewFacts) {
  const { snapshot, connector } = history;
  const when = instantsIn(facts.zone);
  const words = history.closures.every(({ survey }) => survey === null || facts.readable.has(survey.id));
  const explained = explainCase(history, caseId, { words });
  const named = (one: { id: string; name: string | null } | null | undefined) => one?.name ?? one?.id ?? null;
  return {
    number: explained.case,
    url: explained.url,
    connector: connector.name,
    state: explained.state,
    summary: explained.summary,
    subject: snapshot?.subject ?? null,
    facts: present([
      ['Owner now', named(snapshot?.assignee)],
      ['Team now', named(snapshot?.team)],
      ['Channel', snapshot?.channel],
      ['Brand', snapshot?.brand],
      ['Kind', snapshot?.kind],
      ['Tier', snapshot?.tier],
      ['Customer', snapshot?.organisation],
      ['Priority', snapshot?.priority],
    ]),
    closures: history.closures
      .map((closure, index) => ({
        ...closureView(closure, facts, when),
        isLatest: index === history.closures.length - 1,
        events: (explained.closures[index]?.events ?? []).map(({ at, what }) => ({ at: when(at), what })),
        due: dueView(closure, when),
      }))
      .toReversed(),
  };
}

/** What is still to come; what stopped and what is held have places of their own on the page. */
function dueView(history: ClosureHistory, when: When) {
  const isElsewhere = ({ about, at, fix }: ReturnType<typeof dueOf>[number]) =>
    at === null && fix !== null && (about === 'tap' || about === 'write-back' || about === 'follow-up');
  return dueOf(history)
    .filter((one) => !isElsewhere(one))
    .map(({ at, what, fix }) => ({ at: at === null ? null : when(at), what, fix }));
}

type When = (at: Date | string) => ShownInstant;

function closureView(history: ClosureHistory, facts: CaseViewFacts, when: When) {
  const { closure, survey, answers, writeBack, followUps } = history;
  const thresholds = survey === null ? null : thresholdsOf(survey);
  const isReadable = survey !== null && facts.readable.has(survey.id);
  const review = facts.reviews.get(closure.id) ?? null;
  const versions =
    thresholds === null
      ? []
      : answers.map((answer) => ({
          version: answer.version,
          at: when(answer.answered_at),
          score: shownScore(thresholds, answer.score),
          reasons: (answer.reasons as string[]).map(reasonInWords),
          comment: commentOf(answer.comment, isReadable),
          how: answer.source === 'auto' ? 'one tap in the mail' : 'the form',
        }));
  return {
    id: closure.id,
    cycle: closure.cycle,
    closedAt: when(closure.closed_at),
    decision: {
      outcome: closure.outcome,
      rule: closure.rule,
      reason: closure.reason,
      means: describeRule(closure.rule),
    },
    answer: versions.at(-1) ?? null,
    versions,
    comment: commentView(history, facts),
    credit: creditView(history, when),
    writeBack: writeBack === null ? null : writeBackView(writeBack, when),
    followUps: followUps.map((row) => followUpView(row, when)),
    review: review === null ? null : { ...review, at: when(review.at) },
    hand: may(facts.viewer.role, 'lead') ? handView(history) : null,
    ...ledgerView(history, when),
  };
}

function commentOf(comment: string | null, isReadable: boolean): string {
  if (comment === null) return '';
  return isReadable ? comment : 'not shown to you';
}

function thresholdsOf({ kind, scale, satisfied_from, follow_up_below }: SurveyRow) {
  return { kind, scale, satisfiedFrom: satisfied_from, followUpBelow: follow_up_below };
}

/** The latest comment, if the viewer may read it, and whether there is one to release to the agent. */
function commentView({ survey, answers }: ClosureHistory, facts: CaseViewFacts) {
  const text = answers.at(-1)?.comment ?? null;
  if (survey === null || text === null) return null;
  return {
    surveyId: survey.id,
    text: facts.readable.has(survey.id) ? text : null,
    release: facts.released === null ? null : facts.released.has(survey.id) ? 'released' : 'held',
  };
}

const CREDITED_BY = {
  assignee: 'owned the case when it closed',
  'last-replier': 'answered the customer last before it closed',
  team: 'the team counts, nobody by name',
  'by-hand': 'moved by hand',
} as const;

function creditView({ closure, creditMoves }: ClosureHistory, when: When) {
  const { credited_id, credited_name, credited_by } = closure;
  return {
    id: credited_id,
    who: credited_name ?? credited_id ?? (credited_by === null ? 'nobody' : 'the team alone'),
    why: credited_by === null ? 'nobody had the case' : CREDITED_BY[credited_by],
    moves: creditMoves.map((move) => ({
      at: when(move.moved_at),
      by: move.moved_by,
      from: move.from_name ?? move.from_id ?? 'nobody by name',
      to: move.to_name ?? move.to_id ?? 'the team alone',
      reason: move.reason,
    })),
  };
}

function writeBackView(row: WriteBackRow, when: When) {
  const isStuck = row.state === 'waiting' || row.state === 'failed';
  return {
    id: row.id,
    standing: writeBackStanding(row.state),
    place: row.place,
    url: row.ref_url,
    at: row.done_at === null ? null : when(row.done_at),
    error: row.last_error,
    fix: row.fix,
    isStuck,
    isOutdated: row.written_version !== null && row.written_version < row.version,
  };
}

function followUpView(row: FollowUpRow, when: When) {
  return {
    id: row.id,
    action: row.action,
    standing: followUpStanding(row.state),
    url: row.ref_url,
    error: row.last_error,
    fix: row.fix,
    isStuck: row.state === 'waiting' || row.state === 'failed',
    unowned: row.owner_refused,
    clock: row.is_clock ? clockView(row, when) : null,
  };
}

const RECOVERED_BY = {
  reply: 'a public reply on the case',
  task: 'the task that was done',
  'by-hand': 'the word of a lead',
} as const;

/** Whether the customer was answered after the low score. */
function clockView(row: FollowUpRow, when: When) {
  const { recovered_at, recovered_by, stopped_at, escalated_at, due_at } = row;
  return {
    dueAt: when(due_at),
    recovered:
      recovered_at === null || recovered_by === null
        ? null
        : { at: when(recovered_at), by: RECOVERED_BY[recovered_by] },
    isStopped: stopped_at !== null,
    escalatedAt: escalated_at === null ? null : when(escalated_at),
  };
}

/** What can be done with a closing's survey by hand. */
function handView({ survey, mails, caseAsk }: ClosureHistory) {
  const isOpen = caseAsk?.state === 'due' || mails.some(({ state }) => state === 'due' || state === 'held');
  const isHeld = survey?.held_by_hand === true || mails.some(({ state }) => state === 'held');
  return {
    send: survey === null || survey.state !== 'asked',
    hold: isOpen && survey?.held_by_hand === false,
    release: isOpen && isHeld,
    resend: survey?.state === 'asked' && caseAsk === null,
    mails: mails.length,
  };
}

function present(facts: readonly (readonly [string, string | null | undefined])[]) {
  return facts.flatMap(([name, value]) => (value == null || value === '' ? [] : [{ name, value }]));
}
