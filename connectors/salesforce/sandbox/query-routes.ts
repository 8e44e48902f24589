import { DAY_MS } from '../../../src/clock.ts';
import { makeId } from './ids.ts';
import type { Org } from './model.ts';
import { refuse } from './refusal.ts';
import { DATA_PATH, type RestCall, type RestReply, type RestRoute } from './rest.ts';
import { type QueryResult, runQuery } from './soql.ts';
import { nextOrdinal } from './transaction.ts';

const PAGE_SIZE = 2_000;
const SMALLEST_PAGE = 200;
const LOCATOR_LIFE_MS = 2 * DAY_MS;

interface Locator {
  readonly result: QueryResult;
  readonly pageSize: number;
  readonly path: string;
  readonly openedAtMs: number;
}

/** Queries of the REST and of the Tooling API, 2,000 rows a page. */
export function queryRoutes(org: Org): readonly RestRoute[] {
  const locators = new Map<string, Locator>();

  const ask =
    (surface: 'data' | 'tooling', path: string, includeDeleted: boolean) =>
    (call: RestCall): RestReply => {
      if (surface === 'tooling' && org.missingRights.has('view setup')) {
        throw refuse(403, 'INSUFFICIENT_ACCESS', 'You need the View Setup and Configuration permission');
      }
      const text = call.query.get('q');
      if (text === null) throw refuse(400, 'MALFORMED_QUERY', 'A query string has to be specified');
      const result = runQuery(org, text, { userId: call.userId, surface, includeDeleted });
      if (result.isCount) return { body: { totalSize: result.totalSize, done: true, records: [] } };
      const locator = { result, pageSize: readPageSize(call), path, openedAtMs: org.now().getTime() };
      return { body: page(locator, null, 0) };
    };

  const page = (locator: Locator, id: string | null, from: number): Record<string, unknown> => {
    const { result, pageSize, path } = locator;
    const to = Math.min(result.totalSize, from + pageSize);
    const records = Array.from({ length: to - from }, (_one, at) => result.row(from + at));
    if (to === result.totalSize) return { totalSize: result.totalSize, done: true, records };
    const name = id ?? makeId('01g', nextOrdinal(org, '01g'));
    locators.set(name, locator);
    const nextRecordsUrl = `${DATA_PATH}${path}/${name}-${to}`;
    return { totalSize: result.totalSize, done: false, nextRecordsUrl, records };
  };

  const goOn = ({ params }: RestCall): RestReply => {
    const [id = '', from = ''] = (params.locator ?? '').split('-');
    const locator = locators.get(id);
    const isOld = locator !== undefined && org.now().getTime() - locator.openedAtMs > LOCATOR_LIFE_MS;
    if (locator === undefined || isOld || !/^\d+$/.test(from)) {
      throw refuse(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    }
    return { body: page(locator, id, Number(from)) };
  };

  return (
    [
      ['/query', 'data', false],
      ['/queryAll', 'data', true],
      ['/tooling/query', 'tooling', false],
    ] as const
  ).flatMap(([path, surface, includeDeleted]) => [
    { method: 'GET', path, handle: ask(surface, path, includeDeleted) },
    { method: 'GET', path: `${path}/:locator`, handle: goOn },
  ]);
}

function readPageSize(call: RestCall): number {
  const asked = /batchSize=(\d+)/.exec(call.header('sforce-query-options') ?? '')?.[1];
  if (asked === undefined) return PAGE_SIZE;
  return Math.min(PAGE_SIZE, Math.max(SMALLEST_PAGE, Number(asked)));
}
