import { connectorTypes } from '../../connectors/index.ts';
import { createInHand } from '../../jobs/in-hand.ts';
import type { Work } from '../../jobs/work.ts';
import type { Clock } from '../../src/clock.ts';
import { parseConfig } from '../../src/config.ts';
import { createLinks } from '../../src/links.ts';
import { silentLog } from '../../src/log.ts';
import type { Mail } from '../../src/mail/compose.ts';
import type { Queues } from '../../src/queue.ts';
import type { Database } from '../../src/store/database.ts';
import { readInstallation } from '../../src/store/settings.ts';
import { beat } from '../../src/store/workers.ts';

/** The connector's name in `storeWork`. */
export const CONNECTOR = 'zendesk-eu';

/** What jobs work with where no CRM and no queue is needed: a store, and a mailer of the test's own. */
export async function storeWork(
  { db }: Database,
  options: {
    workerId: string;
    clock: Clock;
    quietPeriod?: string;
    /** The policy as YAML, in place of `quietPeriod`. */
    policy?: string;
    mailConcurrency?: number;
    /** More of the config file, as YAML. */
    more?: string;
    send: (mail: Mail) => Promise<void>;
  },
): Promise<Work> {
  const { workerId, clock, quietPeriod = '0m', mailConcurrency = 10, more = '', send } = options;
  const { policy = `quietPeriod: ${quietPeriod}` } = options;
  const config = parseConfig(
    `server: { publicUrl: https://survey.acme.example, secret: "${'s'.repeat(40)}" }
mail: { from: support@acme.example, concurrency: ${mailConcurrency} }
connectors: { ${CONNECTOR}: { type: zendesk, baseUrl: "https://acme.zendesk.com", auth: { clientId: a, clientSecret: b } } }
policy: { ${policy} }
${more}`,
    { file: 'caseloop.yaml', env: {}, types: connectorTypes },
  );
  await beat(db, { id: workerId, role: 'worker', startedAt: clock.now() }, clock.now());
  return {
    db,
    queues: { addMany: async () => undefined, add: async () => undefined } as unknown as Queues,
    connectors: new Map(),
    config,
    installation: await readInstallation(db),
    links: createLinks({ publicUrl: config.server.publicUrl, secrets: config.server.secrets }),
    mailer: { send, check: async () => undefined, close: async () => undefined },
    workerId,
    inHand: createInHand(),
    clock,
    log: silentLog,
  };
}
