import type { Request, Response } from 'express';
import { CAUSE_MEANINGS, CAUSES } from '../../domain/causes.ts';
import { may, seesComment, type Viewer } from '../../domain/staff.ts';
import { readCreditable } from '../../store/credit.ts';
import { type CaseHistory, readCaseHistory } from '../../store/history.ts';
import { releasedOf } from '../../store/released-comments.ts';
import { readReviews } from '../../store/reviews.ts';
import { nameReader } from './actor-names.ts';
import type { CaseDeps, SurveyOrder } from './case-deps.ts';
import { CASE_PATH, casePathOf } from './case-paths.ts';
import { caseView } from './case-view.ts';
import { doneNotice } from './done.ts';
import type { StaffRoute, Visit } from './route.ts';

/** Something that was wanted and was not done. */
export interface Refusal {
  /** The whole sentence. */
  readonly sentence: string;
  /** Where it can be done all the same: what to send. */
  readonly again: (Pick<SurveyOrder, 'action'> & { readonly mails: number | null }) | null;
}

/** One case with all that is known of it. */
export function casePageRoute(deps: CaseDeps): StaffRoute {
  return {
    method: 'get',
    path: CASE_PATH,
    needs: 'agent',
    audit: 'case seen',
    handle: (request, response, visit) => showCase(deps, request, response, visit),
  };
}

/**
 * Answers with the page of the case that the path names: 404 for one that is not known, or not this agent's, and 409 with
 * what could not be done.
 */
export async function showCase(
  deps: CaseDeps,
  request: Request,
  response: Response,
  visit: Visit,
  refusal: Refusal | null = null,
): Promise<void> {
  const { connector, caseId } = caseIn(request);
  const found = await readCaseHistory(deps.db, connector, caseId);
  const history = found === null ? null : visibleOf(found, visit.viewer);
  if (history === null) {
    response.status(404).send(
      deps.pages.render('staff-notice', {
        visit,
        title: 'No such case',
        path: '/dashboard/cases',
        paragraphs: ['Caseloop knows no such case, or it is not one of yours.'],
        onwards: { href: '/dashboard/cases', label: 'All cases' },
      }),
    );
    return;
  }
  const isLead = may(visit.viewer.role, 'lead');
  const closureIds = history.closures.map(({ closure }) => closure.id);
  const surveyIds = history.closures.flatMap(({ survey }) => survey?.id ?? []);
  const released = await releasedOf(deps.db, surveyIds);
  const reviews = await readReviews(deps.db, closureIds);
  const last = history.closures.at(-1)?.closure;
  const view = caseView(history, caseId, {
    viewer: visit.viewer,
    zone: deps.settings.zone,
    reviews,
    readable: new Set(
      surveyIds.filter((id) => seesComment(visit.viewer, deps.signIn.agentsSee.comments, released.has(id))),
    ),
    released: isLead && deps.signIn.agentsSee.comments === 'released' ? released : null,
  });
  response.status(refusal === null ? 200 : 409).send(
    deps.pages.render('case', {
      visit,
      title: `Case ${view.number}`,
      path: casePathOf(connector, caseId),
      notice: doneNotice(request.query.done),
      zone: deps.settings.zone,
      case: view,
      refusal,
      creditable: isLead && last !== undefined ? await readCreditable(deps.db, last) : [],
      causes: CAUSES.map((cause) => ({ cause, means: CAUSE_MEANINGS[cause] })),
      openReview: null,
      nameOf: await nameReader(deps.db, actorsIn(history)),
    }),
  );
}

export function caseIn(request: Request): { readonly connector: string; readonly caseId: string } {
  return { connector: String(request.params.connector), caseId: String(request.params.caseId) };
}

/** What of a case this viewer sees: an agent only the closings they are credited with. Null when that is nothing. */
function visibleOf(history: CaseHistory, viewer: Viewer): CaseHistory | null {
  if (viewer.role !== 'agent') {
    const isKnown = history.snapshot !== null || history.isRinging || history.refusal !== null;
    return isKnown || history.closures.length > 0 ? history : null;
  }
  const closures = history.closures.filter(({ closure }) =>
    viewer.agents.includes(`${closure.connector}/${closure.credited_id}`),
  );
  return closures.length === 0 ? null : { ...history, closures };
}

function actorsIn({ closures }: CaseHistory): string[] {
  return closures.flatMap(({ creditMoves, confirmations }) => [
    ...creditMoves.map(({ moved_by }) => moved_by),
    ...confirmations.flatMap(({ decided_by }) => decided_by ?? []),
  ]);
}
