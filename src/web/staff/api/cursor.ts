import type { Read } from './query.ts';

/** A place in a list as programs hold it: nothing to reckon with. */
export function writeCursor(place: string): string {
  return Buffer.from(place).toString('base64url');
}

/** The place behind `after`; null where none was given. */
export function readCursor(after: unknown, shape: RegExp): Read<string | null> {
  if (after === undefined) return { value: null, problems: [] };
  const place = typeof after === 'string' ? Buffer.from(after, 'base64url').toString() : '';
  return shape.test(place)
    ? { value: place, problems: [] }
    : { value: null, problems: ['after: this is none of ours; use the `next` of an earlier answer.'] };
}
