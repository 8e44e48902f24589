import { readClosureRows } from '../../../store/closure-rows.ts';
import { readClosuresOfCase } from '../../../store/closures-of-case.ts';
import { sendExport } from '../export-closures.ts';
import { refusalOf } from '../refusals.ts';
import type { ApiDeps } from './api-deps.ts';
import { visibleClosures } from './closure-view.ts';
import { readCursor } from './cursor.ts';
import { endpoint } from './endpoint.ts';
import { QUESTION_PARAMETERS, readLimit, readQuestion, refuse, refuseQuery } from './query.ts';
import { problemsOfMetric } from './report-route.ts';
import { Closures, ClosuresOfCase } from './shapes.ts';

const LIST_PARAMETERS = [
  ...QUESTION_PARAMETERS,
  { name: 'only', about: 'Which of them: low, not-answered, overdue and so on; all without it.' },
  { name: 'score', about: 'Only answers with this score.', schema: { type: 'integer' } },
];
const PAGE_PARAMETERS = [
  ...LIST_PARAMETERS,
  { name: 'search', about: 'A case by its number or id, or by how its subject begins.' },
  { name: 'after', about: 'The `next` of an earlier answer: goes on behind it.' },
  { name: 'limit', about: 'Most per page, 1 to 500; 100 without it.', schema: { type: 'integer' } },
];
/** What `readClosureRows` gives as `next`. */
const PLACE = /^\d{4}-\d\d-\d\d \S+Z [0-9a-f-]{36}$/;

export const closuresEndpoint = (deps: ApiDeps) =>
  endpoint({
    path: '/api/v1/closures',
    about: 'One entry per closure, the latest first.',
    parameters: PAGE_PARAMETERS,
    answer: Closures,
    audit: 'closures read by API',
    async handle(request, response, visit) {
      const { settings, clock } = deps;
      const asked = { zone: settings.zone, now: clock.now(), parameters: PAGE_PARAMETERS };
      const question = readQuestion(request, visit, asked);
      const after = readCursor(request.query.after, PLACE);
      const limit = readLimit(request.query);
      const problems = [...question.problems, ...after.problems, ...limit.problems];
      problems.push(...(await problemsOfMetric(deps, request.query)));
      if (question.value === null || limit.value === null || problems.length > 0)
        return refuseQuery(response, problems);
      const { search, after: cursor } = request.query;
      const page = {
        after: typeof cursor === 'string' ? cursor : null,
        limit: limit.value,
        ...(typeof search === 'string' ? { search } : {}),
      };
      const { rows, next } = await readClosureRows(deps, question.value, page);
      response.json({ closures: await visibleClosures(deps, visit.viewer, rows), next });
    },
  });

export const caseEndpoint = (deps: ApiDeps) =>
  endpoint({
    path: '/api/v1/closures/:connector/:caseId',
    about: 'Every closure of one case, the first one first.',
    parameters: [],
    answer: ClosuresOfCase,
    audit: 'case read by API',
    async handle(request, response, { viewer }) {
      const { connector = '', caseId = '' } = request.params as Record<string, string>;
      const records = await readClosuresOfCase(deps, { connector, caseId });
      const visible = records.filter(
        ({ credited }) => viewer.role !== 'agent' || viewer.agents.includes(credited?.agent ?? ''),
      );
      if (visible.length === 0) return refuse(response, refusalOf(404));
      response.json({ closures: await visibleClosures(deps, viewer, visible) });
    },
  });

export const exportEndpoint = (deps: ApiDeps) =>
  endpoint({
    path: '/api/v1/closures.csv',
    about: 'One row per closure, the latest first, as a CSV file of any length.',
    parameters: LIST_PARAMETERS,
    answer: null,
    audit: 'closures exported',
    async handle(request, response, visit) {
      const { settings, clock } = deps;
      const asked = { zone: settings.zone, now: clock.now(), parameters: LIST_PARAMETERS };
      const question = readQuestion(request, visit, asked);
      const problems = [...question.problems, ...(await problemsOfMetric(deps, request.query))];
      if (question.value === null || problems.length > 0) return refuseQuery(response, problems);
      await sendExport(deps, response, visit.viewer, question.value);
    },
  });
