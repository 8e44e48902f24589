/** What proves that the customer was answered: a public reply, the task that was done, or the word of a person. */
export type RecoveredBy = 'reply' | 'task' | 'by-hand';

/** A low score, and what the CRM shows of what came after it. */
export interface Aftermath {
  readonly key: string;
  /** When the customer gave the score. */
  readonly since: Date;
  readonly repliedAt: Date | null;
  readonly taskDoneAt: Date | null;
}

/** A customer who was answered after a low score. */
export interface Recovery {
  readonly key: string;
  readonly since: Date;
  readonly at: Date;
  readonly by: RecoveredBy;
}

/**
 * Whether the customer was answered, by what and when: the first proof that is not older than the score, which CRMs tell to the
 * second. Null when there is none. A reply goes before a task that was done in the same second: it is what the customer saw.
 */
export function recoveryOf({ key, since, repliedAt, taskDoneAt }: Aftermath): Recovery | null {
  const proofs = [
    { at: repliedAt, by: 'reply' },
    { at: taskDoneAt, by: 'task' },
  ] as const;
  let first: Recovery | null = null;
  for (const { at, by } of proofs) {
    if (at === null || toSecond(at) < toSecond(since)) continue;
    if (first === null || at < first.at) first = { key, since, at, by };
  }
  // Nobody answers before the score, whatever the rest of that second was.
  return first === null || first.at >= since ? first : { ...first, at: since };
}

function toSecond(at: Date): number {
  return Math.floor(at.getTime() / 1_000);
}
