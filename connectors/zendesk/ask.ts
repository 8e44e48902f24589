import type { CaseAsk, Receipt } from '../../src/connector.ts';
import type { ZendeskApi } from './client.ts';
import { findComment } from './comments.ts';
import { toId } from './ids.ts';
import { outcomesWithoutJob, receiptFor, type Settled } from './jobs.ts';
import { TicketClosed } from './refusal.ts';
import { JobStatus } from './schema.ts';

/** On every ticket whose customer was asked there, for triggers that must leave our reply alone. */
const ASKED_TAG = 'csat_asked';

/**
 * Asks on solved tickets by one `update_many` of public comments. No status is sent: an agent's comment leaves it alone, and
 * sending "solved" would close a ticket that was opened again meanwhile. Zendesk mails the comment to a requester with an
 * address, if the account's triggers say so. An ask whose outcome is unknown is looked for first.
 *
 * https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-many-tickets (2026-11-21)
 */
export async function askAll(api: ZendeskApi, asks: readonly CaseAsk[]): Promise<Receipt> {
  const settled: Settled = { found: [], refused: [] };
  const missing = new Map<number, CaseAsk[]>();
  for (const ask of asks) {
    const ticketId = toId(ask.caseId);
    const there = ticketId === null ? 'no ticket' : await findAsk(api, ticketId, ask);
    if (ticketId === null || there === 'no ticket') {
      settled.refused.push({ key: ask.key, why: `Zendesk asking: there is no ticket ${ask.caseId}` });
    } else if (there === 'there') settled.found.push({ key: ask.key, ticketId: null });
    else missing.set(ticketId, [...(missing.get(ticketId) ?? []), ask]);
  }
  if (missing.size === 0) return { outcomes: outcomesWithoutJob(api, settled) };
  // A ticket stands once in a job, since the results of two items for one ticket could not be told apart.
  const tickets = [...missing].map(([id, wanted]) => ({
    id,
    comment: { body: wanted.map(({ text }) => text).join('\n\n'), public: true },
    additional_tags: [ASKED_TAG],
  }));
  let started: JobStatus;
  try {
    started = await api.call(JobStatus, (zendesk) =>
      zendesk.tickets.put(['tickets', 'update_many'], { tickets }),
    );
  } catch (error) {
    // A refusal of the whole request names no ticket, so it must be the only one.
    if (!(error instanceof TicketClosed) || missing.size > 1) throw error;
    const locked = [...missing.values()].flat().map(({ key }) => ({ key, result: 'locked' as const }));
    return { outcomes: [...outcomesWithoutJob(api, settled), ...locked] };
  }
  const entries = [...missing].map(([ticketId, wanted]) => ({
    keys: wanted.map(({ key }) => key),
    ticketId,
  }));
  return receiptFor(api, started, { action: 'update', of: 'tickets', entries, ...settled });
}

/** Whether an earlier attempt has asked. Looks only where that is not known. */
async function findAsk(
  api: ZendeskApi,
  ticketId: number,
  { mark, outcomeUnknown }: CaseAsk,
): Promise<'there' | 'missing' | 'no ticket'> {
  return outcomeUnknown ? findComment(api, ticketId, mark) : 'missing';
}
