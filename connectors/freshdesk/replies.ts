import { isOwnAsk } from '../../src/domain/own-ask.ts';
import type { FreshdeskApi } from './client.ts';
import { toLines } from './html.ts';
import { RecordGone } from './refusal.ts';
import { Conversation } from './schema.ts';

/** Something that somebody on our side said where the customer reads it. */
export interface Reply {
  readonly at: Date;
  readonly userId: number | null;
}

/**
 * What our side said in public on a ticket, oldest first; nothing when it is gone. Left out is what Freshdesk says by itself,
 * and surveys of ours. A call for 100 replies and notes.
 */
export async function readReplies(
  api: FreshdeskApi,
  ticketId: number,
  optOutUrl: string,
): Promise<readonly Reply[]> {
  try {
    const said = await api.all(`tickets/${ticketId}/conversations`, {}, Conversation);
    const isReply = ({ private: hidden, incoming, auto_response: automatic, body }: Conversation): boolean =>
      hidden === false &&
      incoming === false &&
      automatic !== true &&
      !isOwnAsk(toLines(body ?? ''), optOutUrl);
    return said
      .filter(isReply)
      .flatMap(({ created_at: at, user_id }) => (at == null ? [] : [{ at, userId: user_id ?? null }]))
      .sort((a, b) => a.at.getTime() - b.at.getTime());
  } catch (error) {
    if (error instanceof RecordGone) return [];
    throw error;
  }
}
