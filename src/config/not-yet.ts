import type { ConfigWarning, KeyPath } from './problem.ts';
import type { Source } from './source.ts';
import { valueAt } from './value-at.ts';

interface NotYet {
  /** `*` stands for any name. */
  readonly path: KeyPath;
  /** True for values that ask for what is missing. */
  readonly asksForIt: (value: unknown) => boolean;
  /** What happens instead. */
  readonly instead: string;
}

/** Keys that are taken and checked, but whose feature comes in a later version. */
const NOT_YET: readonly NotYet[] = [
  {
    path: ['connectors', '*', 'late'],
    asksForIt: (value) => value !== undefined && value !== 'keep',
    instead: 'a late answer is kept here and shown, but not put elsewhere on the CRM',
  },
  {
    path: ['followUp', 'action'],
    asksForIt: (value) => value === 'reopen' || value === 'both',
    instead: 'a low score makes a task and the case stays closed',
  },
  {
    path: ['followUp', 'notify'],
    asksForIt: (value) => Array.isArray(value) && value.length > 0,
    instead: 'nobody is told by mail; the task stands on the CRM',
  },
];

/** A warning for every key in the file that asks for something this version does not do. */
export function warnOfNotYet(source: Source, value: unknown): ConfigWarning[] {
  return NOT_YET.flatMap(({ path, asksForIt, instead }) =>
    placesOf(path, value)
      .filter((place) => asksForIt(valueAt(value, place)))
      .map((place) => source.warning(place, `this comes in a later version. Until then ${instead}.`)),
  );
}

/** The path with every `*` replaced by each name that is there. */
function placesOf(path: KeyPath, value: unknown): KeyPath[] {
  const star = path.indexOf('*');
  if (star === -1) return [path];
  const above = path.slice(0, star);
  const names = valueAt(value, above);
  if (typeof names !== 'object' || names === null) return [];
  return Object.keys(names).flatMap((name) => placesOf([...above, name, ...path.slice(star + 1)], value));
}
