import { AVOIDING } from './evidence.ts';

/** What the checks want to know of a closure, each as a bit of one number, so that figures carry it along for little. */
export const SIGNS = { avoided: 1, addressChanged: 2, prompt: 4 } as const;

export interface SignSource {
  readonly outcome: string;
  readonly rule: string;
  readonly addressChanged: boolean;
  readonly prompt: boolean;
}

export function signsOf({ outcome, rule, addressChanged, prompt }: SignSource): number {
  const avoided = outcome === 'skip' && AVOIDING.some((one) => one === rule);
  return (
    (avoided ? SIGNS.avoided : 0) | (addressChanged ? SIGNS.addressChanged : 0) | (prompt ? SIGNS.prompt : 0)
  );
}
