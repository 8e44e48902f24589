import type { ConnectorDefinition } from '../../src/connector.ts';
import { PermanentError } from '../../src/errors.ts';
import { askAll } from './ask.ts';
import { checkAccount } from './check.ts';
import { createApi } from './client.ts';
import { Config, warnings } from './config.ts';
import { followUpAll } from './follow-up.ts';
import { lookAfterAll } from './look-after.ts';
import { createPeople } from './people.ts';
import { createPicklists } from './picklists.ts';
import { provisionOrg } from './provision.ts';
import { BATCH_SIZE, fetchCases } from './read-cases.ts';
import { reopenAll } from './reopen.ts';
import { streamCases } from './stream.ts';
import { watchPage } from './watch.ts';
import { writeBackAll } from './write-back.ts';

/** Salesforce Service Cloud. What it can, cannot and needs is in README.md beside this file. */
export const salesforce: ConnectorDefinition<Config> = {
  type: 'salesforce',
  Config,
  warnings,
  connect(config, context) {
    const api = createApi(config, context);
    const people = createPeople(api, context.clock);
    const picklists = createPicklists(api, config, context.clock);
    return {
      batchSize: BATCH_SIZE,
      // Salesforce counts calls by the day, all integrations' together.
      hurriedFetchMs: 30_000,
      check: () => checkAccount(api, config, context),
      watch: (from) => watchPage(api, people, context, from),
      fetch: (ids) => fetchCases(api, people, context, ids),
      ...(config.stream ? { stream: (...listen) => streamCases({ api, config, context }, ...listen) } : {}),
      writeBack: (items) => writeBackAll(api, items),
      reopen: (tasks) => reopenAll(api, picklists, tasks),
      askInCase: (asks) => askAll(api, asks),
      lookAfter: (items) => lookAfterAll(api, people, context.optOutUrl, items),
      followUp: (tasks) => followUpAll(api, { config, people, picklists }, tasks),
      settle: async () => {
        throw new PermanentError('Salesforce runs no jobs for Caseloop, so there is no handle to ask after');
      },
      provision: (mode) => provisionOrg(api, config, context, mode),
    };
  },
};
