/** Why a score was low, as the lead sees it who looks at the case: what has to change so that it does not happen again. */
export const CAUSES = ['process', 'knowledge', 'tone', 'policy', 'product'] as const;

export type Cause = (typeof CAUSES)[number];

/** For people who mark one. */
export const CAUSE_MEANINGS: Readonly<Record<Cause, string>> = {
  process: 'The case went the wrong way: waits, hand-overs, a promise nobody kept.',
  knowledge: 'The answer was wrong or incomplete.',
  tone: 'What was said was right, how it was said was not.',
  policy: 'A rule of ours stood in the way.',
  product: 'Something we sell does not do what it should.',
};

export function isCause(text: unknown): text is Cause {
  return CAUSES.some((cause) => cause === text);
}
