/** Where an answer would be written: a mail, or words on a page that the customer comes back to. In the words of snapshots. */
const WRITTEN: ReadonlySet<string> = new Set([
  'email',
  'web',
  'web_widget',
  'widget',
  'portal',
  'help_center',
  'mobile',
  'api',
]);

/**
 * True where a case without a public reply was not answered. On the phone, in a chat, on a messenger or on a channel of the
 * account's own the answer may have been given by talking, and the CRM often keeps no public reply of it.
 */
export function isAnsweredInWriting(channel: string | null): boolean {
  return channel !== null && WRITTEN.has(channel.toLowerCase());
}

/** Channels on which people talk to and fro, as the CRMs name them. */
const CONVERSATIONS =
  /chat|messag|whatsapp|facebook|instagram|telegram|twitter|wechat|viber|sms|^(line|x|apple_business|google_business)$/;

/** Whether the case was a chat, or messages by some service. */
export function isConversation(channel: string | null): boolean {
  return channel !== null && CONVERSATIONS.test(channel.toLowerCase());
}

/** Channels that show an address as it is, on a telephone. */
export function isNarrow(channel: string | null): boolean {
  return (
    channel !== null &&
    /whatsapp|sms|facebook|instagram|telegram|twitter|viber|^(line|x)$/.test(channel.toLowerCase())
  );
}
