const DAY_MS = 24 * 60 * 60_000;

/** How long a mail that its relay puts off is tried. */
export const TRY_FOR_MS = 3 * DAY_MS;

/**
 * An enhanced status that speaks of the address itself: it, its domain or its mailbox is gone, or takes no mail at all.
 * RFC 3463 and RFC 7505. Others that begin with 5 are about this mail or about us: the next one may arrive.
 */
export function isAddressGone(status: string): boolean {
  return ['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1'].includes(status);
}
