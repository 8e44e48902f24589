import type { ConfigWarning, KeyPath } from './problem.ts';
import type { Source } from './source.ts';
import { valueAt } from './value-at.ts';

interface NotYet {
  readonly path: KeyPath;
  /** True for values that ask for what is missing. */
  readonly asksForIt: (value: unknown) => boolean;
  /** What happens instead. */
  readonly instead: string;
}

/** Keys that are taken and checked, but whose feature comes in a later version. */
const NOT_YET: readonly NotYet[] = [
  {
    path: ['followUp', 'owner'],
    asksForIt: (value) => value === 'lead',
    instead: 'the task goes to whoever owned the case when it closed',
  },
  {
    path: ['followUp', 'notify'],
    asksForIt: (value) => Array.isArray(value) && value.length > 0,
    instead: 'nobody is told by mail; the task stands on the CRM',
  },
];

/** A warning for every key in the file that asks for something this version does not do. */
export function warnOfNotYet(source: Source, value: unknown): ConfigWarning[] {
  return NOT_YET.filter(({ path, asksForIt }) => asksForIt(valueAt(value, path))).map(({ path, instead }) =>
    source.warning(path, `this comes in a later version. Until then ${instead}.`),
  );
}
