import type { Response } from 'express';
import { dayIn, defaultPeriod } from '../../domain/periods.ts';
import { type ListQuestion, questionFromQuery } from '../../domain/question-query.ts';
import { type Viewer, visibleFilters } from '../../domain/staff.ts';
import { PermanentError } from '../../errors.ts';
import { readClosureRows } from '../../store/closure-rows.ts';
import type { ApiDeps } from './api/api-deps.ts';
import { type VisibleClosure, visibleClosures } from './api/closure-view.ts';
import { CLOSURE_COLUMNS } from './closure-columns.ts';
import { sendCsv } from './csv.ts';
import type { StaffRoute } from './route.ts';

/** What the button "Download as CSV" leads to, for the same question as the page it stands on. */
export function exportRoutes(deps: ApiDeps): readonly StaffRoute[] {
  return [
    {
      method: 'get',
      path: '/dashboard/export.csv',
      needs: 'agent',
      audit: 'closures exported',
      async handle(request, response, { viewer }) {
        const today = dayIn(deps.settings.zone, deps.clock.now());
        const { question, problems } = questionFromQuery(request.query, defaultPeriod(today));
        // A file about other days than those that were asked for would pass for the right one.
        if (problems.length > 0) throw new PermanentError(problems.join(' '));
        const filters = visibleFilters(viewer, question.filters);
        await sendExport(deps, response, viewer, { ...question, filters });
      },
    },
  ];
}

const ROWS_AT_ONCE = 500;

/** A CSV file with one row per closure of the question, as far as the viewer may see. */
export async function sendExport(
  deps: ApiDeps,
  response: Response,
  viewer: Viewer,
  question: ListQuestion,
): Promise<void> {
  response.type('text/csv').attachment(`caseloop-${question.from}-to-${question.to}.csv`);
  await sendCsv(response, CLOSURE_COLUMNS, pagesOf(deps, viewer, question));
}

async function* pagesOf(
  deps: ApiDeps,
  viewer: Viewer,
  question: ListQuestion,
): AsyncGenerator<readonly VisibleClosure[]> {
  let after: string | null = null;
  do {
    const { rows, next } = await readClosureRows(deps, question, { after, limit: ROWS_AT_ONCE });
    yield await visibleClosures(deps, viewer, rows);
    after = next;
  } while (after !== null);
}
