import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { StaffRoute, Visit } from '../route.ts';
import { type Parameter, problemsOfKeys, refuseQuery } from './query.ts';

/** One address of the API, with all that its document says of it. */
export interface Endpoint {
  readonly path: string;
  /** A sentence. */
  readonly about: string;
  /** Of the query; those of the path are in the path. */
  readonly parameters: readonly Parameter[];
  /** What it answers with; null is a CSV file. */
  readonly answer: z.ZodType | null;
  /** What the audit calls it; null where it tells nothing of single cases. */
  readonly audit: string | null;
  handle(request: Request, response: Response, visit: Visit): Promise<void>;
}

/** Types an endpoint where it is written. */
export function endpoint(one: Endpoint): Endpoint {
  return one;
}

/** For the table of routes. A query with a parameter that is not listed gets no further. */
export function routeOf({ path, parameters, audit, handle }: Endpoint): StaffRoute {
  return {
    method: 'get',
    path,
    needs: 'agent',
    audit,
    async handle(request, response, visit) {
      if (parameters.length > 0) return handle(request, response, visit);
      const problems = problemsOfKeys(request.query, parameters);
      if (problems.length > 0) refuseQuery(response, problems);
      else await handle(request, response, visit);
    },
  };
}
