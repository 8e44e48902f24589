import type { Request } from 'express';
import { may } from '../../../domain/staff.ts';
import { readReport } from '../../../store/report.ts';
import { readMetrics } from '../../../store/report-filters.ts';
import type { ApiDeps } from './api-deps.ts';
import { endpoint } from './endpoint.ts';
import { QUESTION_PARAMETERS, quoted, readQuestion, readSplits, readStep, refuseQuery } from './query.ts';
import { Metrics, Report } from './shapes.ts';

const PARAMETERS = [
  ...QUESTION_PARAMETERS,
  { name: 'by', isList: true, about: 'Splits the figures by this dimension.' },
  { name: 'step', about: 'Steps of the trend: day, week or month. Without it: what suits the period.' },
];

export const reportEndpoint = (deps: ApiDeps) =>
  endpoint({
    path: '/api/v1/report',
    about: 'The figures of a period: the same as on the dashboard for the same question.',
    parameters: PARAMETERS,
    answer: Report,
    audit: null,
    async handle(request, response, visit) {
      const { db, settings, clock } = deps;
      const asked = { zone: settings.zone, now: clock.now(), parameters: PARAMETERS };
      const question = readQuestion(request, visit, asked);
      const splits = readSplits(request.query);
      const step = readStep(request.query);
      const problems = [...question.problems, ...splits.problems, ...step.problems];
      problems.push(...(await problemsOfMetric(deps, request.query)));
      if (question.value === null || splits.value === null || step.value === null || problems.length > 0)
        return refuseQuery(response, problems);
      const { from, to, filters, metric } = question.value;
      const wish = {
        splits: splits.value,
        // Flags compare people with each other: they are for those who see all of them.
        flags: may(visit.viewer.role, 'lead'),
        ...(step.value === undefined ? {} : { step: step.value }),
      };
      response.json(await readReport({ db, settings, clock }, { from, to, filters, metric }, wish));
    },
  });

export const metricsEndpoint = ({ db }: ApiDeps) =>
  endpoint({
    path: '/api/v1/metrics',
    about: 'Every metric that was ever asked with.',
    parameters: [],
    answer: Metrics,
    audit: null,
    async handle(_request, response) {
      const metrics = [...(await readMetrics(db)).values()].map(({ id: _, ...metric }) => metric);
      response.json({ metrics });
    },
  });

/** A sentence where nobody was ever asked with the metric of this query. */
export async function problemsOfMetric(
  { db }: ApiDeps,
  { metric: key }: Request['query'],
): Promise<readonly string[]> {
  if (typeof key !== 'string' || key === '') return [];
  const known = [...(await readMetrics(db)).values()].map((metric) => metric.key);
  return known.includes(key)
    ? []
    : [`metric: ${quoted(key)} is none; /api/v1/metrics lists the keys of all there are.`];
}
