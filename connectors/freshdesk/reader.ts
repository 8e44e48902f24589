import type { ConnectorContext } from '../../src/connector.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import type { FreshdeskApi } from './client.ts';
import type { Config } from './config.ts';
import { createLanguages } from './languages.ts';
import type { Names } from './names.ts';
import type { Ticket } from './schema.ts';
import { isClosedCase, toSnapshot } from './snapshot.ts';
import type { FieldDirectory } from './ticket-fields.ts';

/** What a ticket is asked with everywhere, so that every look at it shows the same. */
export const INCLUDE = 'stats,requester';

/** Turns tickets into snapshots, with the names and languages they refer to. Nothing is asked for no tickets. */
export type ReadTickets = (tickets: readonly Ticket[]) => Promise<readonly CaseSnapshot[]>;

/** No I/O until asked. The language costs a call per contact, and only closed tickets of customers are worth it. */
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
  const languageOf = createLanguages(api, context.clock);

  return async (tickets) => {
    if (tickets.length === 0) return [];
    const names = await about.names();
    const facts = await fields.factsFor(tickets.map(({ status }) => status));
    const { closedStatuses } = config;
    const languages = new Map<number, string | null>();
    if (context.needs.requesterLanguage === true) {
      for (const ticket of tickets) {
        const id = ticket.requester_id ?? null;
        if (id === null || names.agents.has(id) || !ticket.requester?.email) continue;
        if (isClosedCase(ticket, { facts, closedStatuses })) languages.set(id, await languageOf(id));
      }
    }
    const around = { baseUrl: api.baseUrl, names, facts, closedStatuses, languages };
    return tickets.map((ticket) => toSnapshot(ticket, around));
  };
}
