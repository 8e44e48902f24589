import type { ConnectorDefinition } from '../../src/connector.ts';
import { askAll } from './ask.ts';
import { createBrandNames } from './brands.ts';
import { checkAccount } from './check.ts';
import { createApi } from './client.ts';
import { Config, warnings } from './config.ts';
import { createFieldDirectory } from './fields.ts';
import { followUpAll } from './follow-up.ts';
import { MOST_JOBS, settle } from './jobs.ts';
import { LATE_PLACES, writeLateAll } from './late.ts';
import { lookAfterAll } from './look-after.ts';
import { provisionAccount } from './provision.ts';
import { createReceive } from './receive.ts';
import { reopenAll } from './reopen.ts';
import { createRepliers } from './repliers.ts';
import { createUserFieldDirectory } from './user-fields.ts';
import { BATCH_SIZE, fetchCases, watchPage } from './watch.ts';
import { forgetAfterRefusal, writeBackAll } from './write-back.ts';

/** Zendesk Support. What it can, cannot and needs is in README.md beside this file. */
export const zendesk: ConnectorDefinition<Config> = {
  type: 'zendesk',
  Config,
  latePlaces: LATE_PLACES,
  warnings,
  connect(config, context) {
    const api = createApi(config, context);
    const around = {
      brands: createBrandNames(api, context.clock),
      repliers: context.needs.lastReplier === true ? createRepliers(api, context.optOutUrl) : null,
    };
    const fields = createFieldDirectory(api, context);
    const userFields = createUserFieldDirectory(api, context);
    return {
      batchSize: BATCH_SIZE,
      jobsAtOnce: MOST_JOBS,
      check: () => checkAccount(api, config, context),
      watch: (from) => watchPage(api, around, context, from),
      fetch: (ids) => fetchCases(api, around, ids),
      receive: createReceive(api, config, context),
      writeBack: (items) => writeBackAll(api, fields, items),
      writeLate: (items, place) => writeLateAll(api, fields, userFields, items, place),
      reopen: (tasks) => reopenAll(api, tasks),
      askInCase: (asks) => askAll(api, asks),
      lookAfter: (items) => lookAfterAll(api, context.optOutUrl, items),
      followUp: (tasks) => followUpAll(api, tasks),
      settle: async (handle) => forgetAfterRefusal(fields, await settle(api, handle)),
      provision: (mode) => provisionAccount(api, context, mode),
    };
  },
};
