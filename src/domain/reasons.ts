/** What a low score was about, in one tap: only the first is about the person, so only that one speaks about an agent. */
export const REASONS = ['person', 'policy', 'product', 'wait'] as const;

export type Reason = (typeof REASONS)[number];
