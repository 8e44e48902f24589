import type { Status, Ticket, TicketComment, TicketMetrics } from './model.ts';
import { minutesBetween } from './state.ts';

/** The metric set of a ticket that was just made. */
export function newMetrics(id: number, at: Date): TicketMetrics {
  return {
    id,
    reopens: 0,
    replies: 0,
    assigneeStations: 0,
    groupStations: 0,
    assignedAt: null,
    initiallyAssignedAt: null,
    solvedAt: null,
    statusUpdatedAt: at,
    latestCommentAddedAt: null,
    firstReplyMinutes: null,
    firstResolutionMinutes: null,
    fullResolutionMinutes: null,
  };
}

/** Counts who held the ticket. */
export function noteStations(metrics: TicketMetrics, before: Ticket | null, after: Ticket, at: Date): void {
  if (after.assigneeId !== null && after.assigneeId !== (before?.assigneeId ?? null)) {
    metrics.assigneeStations += 1;
    metrics.assignedAt = at;
    metrics.initiallyAssignedAt ??= at;
  }
  if (after.groupId !== null && after.groupId !== (before?.groupId ?? null)) metrics.groupStations += 1;
}

/** Counts a comment; the first public one by staff that is not the description is the first reply. */
export function noteComment(ticket: Ticket, comment: TicketComment, isByStaff: boolean, at: Date): void {
  ticket.metrics.latestCommentAddedAt = at;
  if (!comment.public || !isByStaff || ticket.comments[0] === comment) return;
  ticket.metrics.replies += 1;
  ticket.metrics.firstReplyMinutes ??= minutesBetween(ticket.createdAt, at);
}

/** Solving sets `solvedAt`; reopening counts and keeps it; closing keeps it. */
export function noteStatus(ticket: Ticket, previous: Status | null, at: Date): void {
  const { metrics, status } = ticket;
  metrics.statusUpdatedAt = at;
  const isFinished = status === 'solved' || status === 'closed';
  const wasFinished = previous === 'solved' || previous === 'closed';
  if (isFinished && !wasFinished) {
    metrics.solvedAt = at;
    metrics.fullResolutionMinutes = minutesBetween(ticket.createdAt, at);
    metrics.firstResolutionMinutes ??= metrics.fullResolutionMinutes;
  }
  if (wasFinished && !isFinished && status !== 'deleted') metrics.reopens += 1;
}
