import type { Links } from '../links.ts';

/** Where what comes back from mails arrives: the config's `mail.mailbox`. */
export interface ReturnMailbox {
  readonly address: string;
  readonly plusAddresses: boolean;
}

/** The address that what comes back from one survey's mails is sent to; null is the sender's. */
export function returnAddress(
  mailbox: ReturnMailbox | null,
  surveyId: string,
  links: Pick<Links, 'mailTag'>,
): string | null {
  if (mailbox === null || !mailbox.plusAddresses) return mailbox?.address ?? null;
  const at = mailbox.address.lastIndexOf('@');
  return `${mailbox.address.slice(0, at)}+${links.mailTag(surveyId)}${mailbox.address.slice(at)}`;
}

/** The survey that one of these addresses names by a tag that we signed; null when none does. */
export function surveyReturned(
  addresses: readonly string[],
  links: Pick<Links, 'verifyMailTag'>,
): string | null {
  for (const address of addresses) {
    const tag = /\+([0-9a-v]+)@/i.exec(address)?.[1];
    const named = tag === undefined ? null : links.verifyMailTag(tag);
    if (named !== null) return named.surveyId;
  }
  return null;
}
