import { BOTH } from './both.ts';
import { MACHINES } from './machines.ts';
import { PEOPLE } from './people.ts';
import type { Trace } from './trace.ts';

export const TRACES: readonly Trace[] = [...MACHINES, ...BOTH, ...PEOPLE];
