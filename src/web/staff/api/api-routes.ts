import type { StaffRoute } from '../route.ts';
import { answersEndpoint } from './answers-route.ts';
import type { ApiDeps } from './api-deps.ts';
import { caseEndpoint, closuresEndpoint, exportEndpoint } from './closures-route.ts';
import { type Endpoint, routeOf } from './endpoint.ts';
import { openApiOf } from './openapi.ts';
import { metricsEndpoint, reportEndpoint } from './report-route.ts';

/** Every address of the API but that of its own document. */
export function endpointsOf(deps: ApiDeps): readonly Endpoint[] {
  return [
    reportEndpoint(deps),
    metricsEndpoint(deps),
    closuresEndpoint(deps),
    exportEndpoint(deps),
    caseEndpoint(deps),
    answersEndpoint(deps),
  ];
}

/** The JSON API for programs: figures, closures and answers, as far as the role of their key sees them. */
export function apiRoutes(deps: ApiDeps): readonly StaffRoute[] {
  const endpoints = endpointsOf(deps);
  const document = openApiOf(endpoints, deps.publicUrl);
  return [
    ...endpoints.map(routeOf),
    {
      method: 'get',
      path: '/api/v1/openapi.json',
      needs: 'agent',
      audit: null,
      async handle(_request, response) {
        response.json(document);
      },
    },
  ];
}
