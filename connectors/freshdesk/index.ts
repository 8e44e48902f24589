import type { ConnectorDefinition } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import { askAll } from './ask.ts';
import { checkAccount } from './check.ts';
import { createApi } from './client.ts';
import { Config, warnings } from './config.ts';
import { BATCH_SIZE, fetchCases } from './fetch.ts';
import { followUpAll } from './follow-up.ts';
import { LATE_PLACES, writeLateAll } from './late.ts';
import { createLatestState } from './latest-state.ts';
import { lookAfterAll } from './look-after.ts';
import { createMadeTickets } from './made-tickets.ts';
import { createNames } from './names.ts';
import { createNativeRating } from './native-rating.ts';
import { provisionAccount } from './provision.ts';
import { createReader } from './reader.ts';
import { createReceive } from './receive.ts';
import { reopenAll } from './reopen.ts';
import { createFieldDirectory } from './ticket-fields.ts';
import { watchPage } from './watch.ts';
import { writeBackAll } from './write-back.ts';

/** Freshdesk. What it can, cannot and needs is in README.md beside this file. */
export const freshdesk: ConnectorDefinition<Config> = {
  type: 'freshdesk',
  Config,
  latePlaces: LATE_PLACES,
  warnings,
  connect(config, context) {
    const { clock } = context;
    const api = createApi(config, context);
    const fields = createFieldDirectory(api, context);
    const read = createReader(api, { config, context, names: createNames(api, clock), fields });
    const made = createMadeTickets(api, { config, clock, fields });
    const readLatest = createLatestState(api, clock);
    const giveRating = config.nativeRating ? createNativeRating(api, clock) : null;
    return {
      batchSize: BATCH_SIZE,
      check: () => checkAccount(api, config, context),
      watch: (from) => watchPage(api, read, from),
      fetch: (ids) => fetchCases(api, read, clock, ids),
      ...(config.webhookSecret === undefined ? {} : { receive: createReceive(config.webhookSecret) }),
      writeBack: (items) => writeBackAll(api, fields, giveRating, items),
      writeLate: (items) => writeLateAll(api, made, fields, items),
      reopen: (tasks) => reopenAll(api, tasks),
      askInCase: (asks) => askAll(api, asks),
      lookAfter: (items) => lookAfterAll(api, { config, context, fields, readLatest }, items),
      followUp: (tasks) => followUpAll(api, made, config.followUp, tasks),
      async settle() {
        throw new PermanentError(
          'Freshdesk: there is no such job, since nothing here runs in the background',
        );
      },
      provision: (mode) => provisionAccount(api, config, context, mode),
    };
  },
};
