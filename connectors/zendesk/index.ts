import type { ConnectorDefinition } from '../../src/connector.ts';
import { createBrandNames } from './brands.ts';
import { checkAccount } from './check.ts';
import { createApi } from './client.ts';
import { Config, warnings } from './config.ts';
import { createFieldDirectory } from './fields.ts';
import { followUpAll } from './follow-up.ts';
import { settle } from './jobs.ts';
import { provisionAccount } from './provision.ts';
import { createReceive } from './receive.ts';
import { BATCH_SIZE, fetchCases, watchPage } from './watch.ts';
import { writeBackAll } from './write-back.ts';

/** Zendesk Support. What it can, cannot and needs is in README.md beside this file. */
export const zendesk: ConnectorDefinition<Config> = {
  type: 'zendesk',
  Config,
  warnings,
  connect(config, context) {
    const api = createApi(config, context);
    const brands = createBrandNames(api, context.clock);
    const fields = createFieldDirectory(api, context);
    return {
      batchSize: BATCH_SIZE,
      check: () => checkAccount(api, config, context),
      watch: (from) => watchPage(api, brands, context, from),
      fetch: (ids) => fetchCases(api, brands, ids),
      receive: createReceive(api, config, context),
      writeBack: (items) => writeBackAll(api, fields, items),
      followUp: (tasks) => followUpAll(api, tasks),
      settle: (handle) => settle(api, handle),
      provision: (mode) => provisionAccount(api, context, mode),
    };
  },
};
