import type { ZendeskApi } from './client.ts';
import { RecordGone } from './refusal.ts';
import { type Comment, CommentList, Conversation } from './schema.ts';

/** Comments looked through for one of ours or for an answer, latest first. */
const LATEST = { 'page[size]': '100', sort: '-created_at' };

/** Whether one of the ticket's latest comments has this line; "no ticket" when Zendesk has none of that id. */
export async function findComment(
  api: ZendeskApi,
  ticketId: number,
  line: string,
): Promise<'there' | 'missing' | 'no ticket'> {
  try {
    const { comments } = await api.read(`tickets/${ticketId}/comments.json`, LATEST, CommentList);
    // The whole line: a key may begin like another.
    const isOurs = (one: string): boolean => one.trim() === line;
    return comments.some(({ body }) => body?.split('\n').some(isOurs)) ? 'there' : 'missing';
  } catch (error) {
    if (error instanceof RecordGone) return 'no ticket';
    throw error;
  }
}

/** The ticket's latest 100 comments, none when it is gone. */
export async function readLatest(api: ZendeskApi, ticketId: number): Promise<readonly Comment[]> {
  try {
    return (await api.read(`tickets/${ticketId}/comments.json`, LATEST, Conversation)).comments;
  } catch (error) {
    if (error instanceof RecordGone) return [];
    throw error;
  }
}
