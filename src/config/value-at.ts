import type { KeyPath } from './problem.ts';

/** What stands at a path of plain maps and lists; undefined when nothing does. */
export function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (found, part) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, part)
        ? Reflect.get(found, part)
        : undefined,
    value,
  );
}

/** The entries of a map; none when it is something else. */
export function entriesAt(value: unknown, path: KeyPath): [string, unknown][] {
  const found = valueAt(value, path);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.entries(found) : [];
}
