import type { CaseAsk, Receipt } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import { unlessArchived } from './archive.ts';
import type { FreshdeskApi } from './client.ts';
import { toHtml } from './html.ts';
import { toId } from './ids.ts';
import { inTurn } from './in-turn.ts';
import { Conversation, Written } from './schema.ts';

/**
 * Asks on tickets, each by a public note, which the customer reads in the portal and, with an address, gets by mail. A note
 * needs no address and touches no status. An ask whose outcome is unknown is looked for first.
 *
 * https://developers.freshdesk.com/api/#add_note_to_a_ticket (2026-11-22)
 */
export async function askAll(api: FreshdeskApi, asks: readonly CaseAsk[]): Promise<Receipt> {
  return inTurn(
    asks.map((ask) => ({ keys: [ask.key], ask })),
    async ({ ask }) => {
      const ticketId = toId(ask.caseId);
      if (ticketId === null) throw new PermanentError(`Freshdesk asking: ${ask.caseId} is not a ticket id`);
      return unlessArchived(api, { ticketId, what: 'asking' }, async () => {
        if (ask.outcomeUnknown && (await hasAsk(api, ticketId, ask))) return { ref: null };
        const note = { body: withLinks(toHtml(ask.text)), private: false };
        await api.write('POST', `tickets/${ticketId}/notes`, note, Written);
        return { ref: null };
      });
    },
  );
}

/** Addresses in escaped HTML as links, since Freshdesk makes none of them by itself. */
function withLinks(html: string): string {
  return html.replaceAll(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
}

/** Whether a public note shows the mark, between two tags, so that one may begin like another. */
async function hasAsk(api: FreshdeskApi, ticketId: number, { mark }: CaseAsk): Promise<boolean> {
  const conversations = await api.all(`tickets/${ticketId}/conversations`, {}, Conversation);
  const line = withLinks(toHtml(mark)).replaceAll(/<[^>]*>/g, '');
  return conversations.some((one) => one.private === false && one.body?.includes(`>${line}<`) === true);
}
