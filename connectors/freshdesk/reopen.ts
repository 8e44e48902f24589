import type { FollowUpTask, Receipt } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import { unlessArchived } from './archive.ts';
import type { FreshdeskApi } from './client.ts';
import { toHtml } from './html.ts';
import { toId } from './ids.ts';
import { inTurn } from './in-turn.ts';
import { Conversation, Written } from './schema.ts';
import { OPEN_STATUS } from './snapshot.ts';

/**
 * Opens tickets again, each with a private note, which mails nobody. The note ends with the task's key: one whose outcome is
 * unknown is looked for first, since opening a ticket again that an agent has closed meanwhile would be wrong, and a second
 * note too. The status goes first: an owner who is refused leaves the ticket untouched.
 *
 * An archived ticket cannot be opened again. https://developers.freshdesk.com/api/#update_ticket (2026-11-22)
 */
export async function reopenAll(api: FreshdeskApi, tasks: readonly FollowUpTask[]): Promise<Receipt> {
  return inTurn(
    tasks.map((task) => ({ keys: [task.key], task })),
    async ({ task }) => {
      const ticketId = toId(task.caseId);
      if (ticketId === null)
        throw new PermanentError(`Freshdesk reopening: ${task.caseId} is not a ticket id`);
      return unlessArchived(api, { ticketId, what: 'reopening' }, async () => {
        if (task.outcomeUnknown && (await hasNote(api, ticketId, task))) return { ref: null };
        const changes = {
          status: OPEN_STATUS,
          ...(task.ownerId === null ? {} : { responder_id: Number(task.ownerId) }),
          ...(task.teamId === null ? {} : { group_id: Number(task.teamId) }),
        };
        await api.write('PUT', `tickets/${ticketId}`, changes, Written);
        const note = { body: toHtml(`${task.body}\n\n${markOf(task)}`), private: true };
        await api.write('POST', `tickets/${ticketId}/notes`, note, Written);
        return { ref: null };
      });
    },
  );
}

/** What the note is known by again. The brackets end the key: one may begin like another. */
function markOf({ key }: FollowUpTask): string {
  return `[Caseloop ${key}]`;
}

async function hasNote(api: FreshdeskApi, ticketId: number, task: FollowUpTask): Promise<boolean> {
  const conversations = await api.all(`tickets/${ticketId}/conversations`, {}, Conversation);
  const mark = toHtml(markOf(task)).slice('<div>'.length, -'</div>'.length);
  return conversations.some((one) => one.private !== false && one.body?.includes(mark) === true);
}
