import type { ApiCall } from './api.ts';
import { readCount } from './params.ts';
import { invalidAttribute, Refusal } from './refusal.ts';

const PAGE_SIZE = 100;
const OFFSET_DEPTH = 10_000;

/**
 * One page of `rows` under `key`: by cursor when the query has `page[size]` or `page[after]`, else by offset.
 * Rows keep their order; the cursor holds the position, which is stable as long as rows are only appended.
 */
export function paginate<T>(
  call: ApiCall,
  key: string,
  rows: readonly T[],
  present: (row: T) => unknown,
  path: string,
): Record<string, unknown> {
  const { query, url } = call;
  if (query.has('page[size]') || query.has('page[after]')) {
    const size = readCount(query, 'page[size]', { min: 1, max: PAGE_SIZE, byDefault: PAGE_SIZE });
    const start = readPosition(query.get('page[after]'));
    const page = rows.slice(start, start + size);
    const hasMore = start + size < rows.length;
    const after = page.length === 0 ? null : encodePosition(start + page.length);
    const next = new URLSearchParams(query);
    next.set('page[after]', after ?? '');
    return {
      [key]: page.map(present),
      meta: {
        has_more: hasMore,
        after_cursor: after,
        before_cursor: page.length === 0 ? null : encodePosition(start),
      },
      links: { next: hasMore ? `${url}/api/v2/${path}.json?${next}` : null, prev: null },
    };
  }
  const perPage = readCount(query, 'per_page', { min: 1, max: PAGE_SIZE, byDefault: PAGE_SIZE });
  const page = readCount(query, 'page', { min: 1, max: 1_000_000, byDefault: 1 });
  if (page * perPage > OFFSET_DEPTH) {
    throw new Refusal(400, {
      error: 'InvalidPaginationDepth',
      description: `Limit of ${OFFSET_DEPTH} records reached. Use cursor pagination`,
    });
  }
  const at = (number: number): string => {
    const other = new URLSearchParams(query);
    other.set('page', String(number));
    return `${url}/api/v2/${path}.json?${other}`;
  };
  return {
    [key]: rows.slice((page - 1) * perPage, page * perPage).map(present),
    next_page: page * perPage < rows.length ? at(page + 1) : null,
    previous_page: page > 1 ? at(page - 1) : null,
    count: rows.length,
  };
}

function encodePosition(position: number): string {
  return Buffer.from(`p${position}`).toString('base64');
}

function readPosition(cursor: string | null): number {
  if (cursor === null || cursor === '') return 0;
  const position = /^p(\d+)$/.exec(Buffer.from(cursor, 'base64').toString('utf8'))?.[1];
  if (position === undefined) throw invalidAttribute('page[after]', 'a cursor of an earlier page');
  return Number(position);
}
