import type { SendingHours } from './sending-hours.ts';

/** The config's `policy`, with every default filled in. */
export interface Policy extends SendingHours {
  /** `manual`: every survey waits until a person releases it. */
  readonly send: 'automatic' | 'manual';
  /** From closing to sending. */
  readonly delayMs: number;
  /** Per person over all connectors; 0 switches it off. Wins over `again`. */
  readonly quietPeriodMs: number;
  /** Per case: one ask ever, or one for each closure. */
  readonly again: 'never' | 'each-closure';
  /** The share of cases that are asked, 0 to 1. */
  readonly sampleRatio: number;
  readonly skip: SkipPolicy;
  /** From the first mail to the one reminder; null: there is none. */
  readonly remindAfterMs: number | null;
  /** More asks than this within an hour are held back, over all connectors. */
  readonly maxPerHour: number;
}

/** Which cases are not asked about. */
interface SkipPolicy {
  /** The CRM's own agents and addresses at our own domains. */
  readonly staff: boolean;
  readonly merged: boolean;
  readonly spam: boolean;
  readonly outbound: boolean;
  readonly ours: boolean;
  /** Where answers are written; a call or a chat leaves no public reply. */
  readonly noPublicReply: boolean;
  readonly botHandled: boolean;
  /** Mail domains; their subdomains count too. */
  readonly domains: readonly string[];
  readonly tags: readonly string[];
}
