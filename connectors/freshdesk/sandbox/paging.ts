import type { ApiCall, ApiReply } from './api.ts';
import { readPositive } from './params.ts';

const DEFAULT_PAGE_SIZE = 30;
const LARGEST_PAGE = 100;

/** The query parameters that every list takes. */
export const PAGE_PARAMS = ['page', 'per_page'] as const;

/** Which part of a list is asked for. Throws a 400 when a page is too large. */
export function readPage(query: URLSearchParams): { page: number; size: number } {
  return {
    page: readPositive(query, 'page', { byDefault: 1 }),
    size: readPositive(query, 'per_page', { byDefault: DEFAULT_PAGE_SIZE, most: LARGEST_PAGE }),
  };
}

/** That part of the rows, with a link to the next unless it is the last. */
export function pageReply<T>(
  call: ApiCall,
  rows: readonly T[],
  present: (row: T) => unknown,
  { page, size } = readPage(call.query),
): ApiReply {
  const end = page * size;
  const body = rows.slice(end - size, end).map(present);
  return { body, headers: end < rows.length ? nextLink(call, page + 1) : {} };
}

/** The header that leads to a page. */
export function nextLink({ url, path, query }: ApiCall, page: number): Record<string, string> {
  const next = new URLSearchParams(query);
  next.set('page', String(page));
  return { link: `<${url}${path}?${next}>;rel="next"` };
}
