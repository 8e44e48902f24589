import type { ConnectorContext } from '../../src/connector.ts';
import type { CaseSnapshot, Named } from '../../src/domain/case.ts';
import type { FreshdeskApi } from './client.ts';
import type { Config } from './config.ts';
import { type ContactFacts, createContacts } from './contacts.ts';
import { createMergeLook } from './merged.ts';
import type { Names } from './names.ts';
import { createReplierLook } from './repliers.ts';
import type { Ticket } from './schema.ts';
import { closingOf, isAskable, isOurs, toSnapshot } from './snapshot.ts';
import type { FieldDirectory } from './ticket-fields.ts';

/** What a ticket is asked with everywhere, so that every look at it shows the same. */
export const INCLUDE = 'stats,requester';

/** Turns tickets into snapshots, with the names and languages they refer to. Nothing is asked for no tickets. */
export type ReadTickets = (tickets: readonly Ticket[]) => Promise<readonly CaseSnapshot[]>;

/** No I/O until asked. Language and merge cost calls, and only tickets whose requester may be asked are worth them; who answered last costs one for each closed ticket. */
export function createReader(
  api: FreshdeskApi,
  about: {
    readonly config: Config;
    readonly context: ConnectorContext;
    readonly names: () => Promise<Names>;
    readonly fields: FieldDirectory;
  },
): ReadTickets {
  const { config, context, fields } = about;
  const readContact = createContacts(api, context.clock);
  const lookForMerge = createMergeLook(api);
  const findReplier = context.needs.lastReplier === true ? createReplierLook(api, context.optOutUrl) : null;

  return async (tickets) => {
    if (tickets.length === 0) return [];
    const names = await about.names();
    const facts = await fields.factsFor(tickets.map(({ status }) => status));
    const { closedStatuses } = config;
    const contacts = new Map<number, ContactFacts>();
    const merged = new Set<number>();
    for (const ticket of tickets) {
      const id = ticket.requester_id ?? null;
      if (id === null || names.agents.has(id) || !isAskable(ticket, { facts, closedStatuses })) continue;
      if (await lookForMerge(ticket)) merged.add(ticket.id);
      else if (context.needs.requesterLanguage === true) contacts.set(id, await readContact(id));
    }
    const repliers = new Map<number, Named>();
    for (const ticket of findReplier === null ? [] : tickets) {
      const closedAt = closingOf(ticket, { facts, closedStatuses });
      if (closedAt === null || ticket.archived === true || isOurs(ticket, facts.reference)) continue;
      const replier = await findReplier?.(ticket, closedAt, names);
      if (replier != null) repliers.set(ticket.id, replier);
    }
    const around = { baseUrl: api.baseUrl, names, facts, closedStatuses, contacts, merged, repliers };
    return tickets.map((ticket) => toSnapshot(ticket, around));
  };
}
