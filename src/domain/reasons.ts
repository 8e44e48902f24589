/** What a low score was about, in one tap: only the first is about the person, so only that one speaks about an agent. */
export const REASONS = ['person', 'policy', 'product', 'wait'] as const;

export type Reason = (typeof REASONS)[number];

const IN_WORDS: Readonly<Record<Reason, string>> = {
  person: 'the person who helped',
  policy: 'a rule or policy',
  product: 'the product',
  wait: 'the wait',
};

export function isReason(text: string): text is Reason {
  return REASONS.some((reason) => reason === text);
}

/** For staff, in English, after "about". What is no reason of ours stays as it is: older answers may hold other words. */
export function reasonInWords(reason: string): string {
  return isReason(reason) ? IN_WORDS[reason] : reason;
}
