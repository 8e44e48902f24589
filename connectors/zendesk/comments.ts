import type { ZendeskApi } from './client.ts';
import { RecordGone } from './refusal.ts';
import { CommentList } from './schema.ts';

/** Comments looked through for one of ours, latest first. */
const LATEST = 100;

/** Whether one of the ticket's latest comments has this line; "no ticket" when Zendesk has none of that id. */
export async function findComment(
  api: ZendeskApi,
  ticketId: number,
  line: string,
): Promise<'there' | 'missing' | 'no ticket'> {
  const query = { 'page[size]': String(LATEST), sort: '-created_at' };
  try {
    const { comments } = await api.read(`tickets/${ticketId}/comments.json`, query, CommentList);
    // The whole line: a key may begin like another.
    const isOurs = (one: string): boolean => one.trim() === line;
    return comments.some(({ body }) => body?.split('\n').some(isOurs)) ? 'there' : 'missing';
  } catch (error) {
    if (error instanceof RecordGone) return 'no ticket';
    throw error;
  }
}
