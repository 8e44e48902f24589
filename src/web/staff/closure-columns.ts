import type { VisibleClosure } from './api/closure-view.ts';
import type { CsvColumn } from './csv.ts';

const MINUTE_MS = 60_000;

/** Whole minutes: what people reckon with in a spreadsheet. */
function minutes(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / MINUTE_MS);
}

/** The columns of an export. New ones come last, so that nobody's sheet moves. */
export const CLOSURE_COLUMNS: readonly CsvColumn<VisibleClosure>[] = [
  { name: 'connector', cell: (row) => row.connector },
  { name: 'case id', cell: (row) => row.caseId },
  { name: 'case number', cell: (row) => row.caseNumber },
  { name: 'closing', cell: (row) => row.cycle },
  { name: 'closed on', cell: (row) => row.day },
  { name: 'opened at', cell: (row) => row.openedAt },
  { name: 'closed at', cell: (row) => row.closedAt },
  { name: 'first reply min', cell: (row) => minutes(row.firstReplyMs) },
  { name: 'resolution min', cell: (row) => minutes(row.resolutionMs) },
  { name: 'reopened', cell: (row) => row.reopened },
  { name: 'decision', cell: (row) => row.decision.outcome },
  { name: 'rule', cell: (row) => row.decision.rule },
  { name: 'reason', cell: (row) => row.decision.reason },
  { name: 'asked', cell: (row) => row.survey?.isAsked ?? false },
  { name: 'asked at', cell: (row) => row.survey?.askedAt ?? null },
  { name: 'metric', cell: (row) => row.survey?.metric.name ?? null },
  { name: 'kind', cell: (row) => row.survey?.metric.kind ?? null },
  // Under its own name, since spreadsheets take 1-5 for a day of January.
  { name: 'scale', cell: (row) => (row.survey === null ? null : `scale ${row.survey.metric.scale}`) },
  { name: 'satisfied from', cell: (row) => row.survey?.metric.satisfiedFrom ?? null },
  { name: 'answered at', cell: (row) => row.answer?.answeredAt ?? null },
  { name: 'score', cell: (row) => row.answer?.score ?? null },
  { name: 'level', cell: (row) => row.answer?.level ?? null },
  { name: 'satisfied', cell: (row) => row.answer?.satisfied ?? null },
  { name: 'reasons', cell: (row) => row.answer?.reasons.join('; ') ?? null },
  { name: 'comment', cell: (row) => commentOf(row) },
  { name: 'agent', cell: (row) => row.credited?.agent ?? null },
  { name: 'agent name', cell: (row) => row.credited?.name ?? null },
  { name: 'credited by', cell: (row) => row.credited?.by ?? null },
  { name: 'team', cell: (row) => row.team },
  { name: 'channel', cell: (row) => row.channel },
  { name: 'topic', cell: (row) => row.topic },
  { name: 'brand', cell: (row) => row.brand },
  { name: 'organisation', cell: (row) => row.organisation },
  { name: 'tier', cell: (row) => row.tier },
  { name: 'language', cell: (row) => row.language },
  { name: 'handled by', cell: (row) => row.handledBy },
  { name: 'follow-up', cell: (row) => row.recovery?.state ?? null },
  { name: 'due at', cell: (row) => row.recovery?.dueAt ?? null },
  { name: 'overdue', cell: (row) => row.recovery?.isOverdue ?? null },
  { name: 'recovered at', cell: (row) => row.recovery?.recoveredAt ?? null },
  { name: 'recovered by', cell: (row) => row.recovery?.recoveredBy ?? null },
  { name: 'write-back', cell: (row) => row.writeBack?.state ?? null },
  { name: 'written at', cell: (row) => row.writeBack?.doneAt ?? null },
  { name: 'write-back error', cell: (row) => row.writeBack?.error ?? null },
  { name: 'case url', cell: (row) => row.url },
];

function commentOf({ answer }: VisibleClosure): string | null {
  if (answer === null) return null;
  return answer.commentHidden ? '(not released)' : answer.comment;
}
