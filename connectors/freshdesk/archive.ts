import { PermanentError } from '../../src/errors.ts';
import type { FreshdeskApi } from './client.ts';
import { INCLUDE } from './reader.ts';
import { RecordGone } from './refusal.ts';
import { Ticket } from './schema.ts';

/**
 * A ticket by its id, wherever it is; null when there is none. Archived ones (closed and idle for 120 days) are found under
 * an address of their own. https://developers.freshdesk.com/api/#archive_tickets (2026-11-22)
 */
export async function readTicket(api: FreshdeskApi, ticketId: number): Promise<Ticket | null> {
  const ticket = await orNull(api.get(`tickets/${ticketId}`, { include: INCLUDE }, Ticket));
  return ticket ?? readArchived(api, ticketId);
}

/** An archived ticket; null when no such one is in the archive. */
async function readArchived(api: FreshdeskApi, ticketId: number): Promise<Ticket | null> {
  const ticket = await orNull(api.get(`tickets/archived/${ticketId}`, { include: INCLUDE }, Ticket));
  return ticket === null ? null : { ...ticket, archived: true };
}

/**
 * Writes on a ticket. One that is not there is looked for in the archive: 'locked' when it is, PermanentError when it is
 * not. `what` names the deed in the message.
 */
export async function unlessArchived<T>(
  api: FreshdeskApi,
  about: { readonly ticketId: number; readonly what: string },
  write: () => Promise<T>,
): Promise<T | 'locked'> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof RecordGone)) throw error;
    if ((await readArchived(api, about.ticketId)) !== null) return 'locked';
    throw new PermanentError(`Freshdesk ${about.what}: there is no ticket ${about.ticketId}`);
  }
}

async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RecordGone) return null;
    throw error;
  }
}
