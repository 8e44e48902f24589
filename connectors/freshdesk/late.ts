import type { LateAnswer, LatePlace, Receipt } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import { fieldValues } from './answer-values.ts';
import type { FreshdeskApi } from './client.ts';
import { findAgain } from './follow-up.ts';
import { toId } from './ids.ts';
import { inTurn } from './in-turn.ts';
import type { MadeTickets } from './made-tickets.ts';
import { agentUrl, CLOSED_STATUS, OPEN_STATUS } from './snapshot.ts';
import type { FieldDirectory } from './ticket-fields.ts';

/** The places that `late` can name for Freshdesk. */
export const LATE_PLACES: readonly LatePlace[] = ['follow-up-ticket'];

const LOW_PRIORITY = 1;

/**
 * One ticket per answer whose own ticket is archived, with the answer in the same fields as on any ticket, for the internal
 * requester, closed from the start where the account's required fields allow that. Found again by its key like a follow-up.
 *
 * Throws ConfigError when a field is missing.
 */
export async function writeLateAll(
  api: FreshdeskApi,
  made: MadeTickets,
  fields: FieldDirectory,
  items: readonly LateAnswer[],
): Promise<Receipt> {
  if (items.length === 0) return { outcomes: [] };
  const names = await fields.answers();
  await made.requireField();
  const found = await findAgain(made, items);
  return inTurn(
    items.map((item) => ({ keys: [item.key], item })),
    async ({ item }) => {
      const ref = found.get(item.key);
      if (ref !== undefined) return { ref };
      if (toId(item.caseId) === null)
        throw new PermanentError(`Freshdesk late answer: there is no ticket ${item.caseId}`);
      return {
        ref: await made.make({
          key: item.key,
          subject: item.subject,
          body: `${item.body}\n\nCase #${item.caseId}: ${agentUrl(api.baseUrl, item.caseId)}`,
          status: item.leaveOpen ? OPEN_STATUS : CLOSED_STATUS,
          priority: LOW_PRIORITY,
          dueAt: null,
          ownerId: null,
          teamId: null,
          parentId: null,
          customFields: fieldValues(item, names),
        }),
      };
    },
  );
}
