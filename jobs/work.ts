import type { Kysely } from 'kysely';
import type { Clock } from '../src/clock.ts';
import type { Config } from '../src/config.ts';
import type { Connector } from '../src/connector.ts';
import { ConfigError } from '../src/errors.ts';
import type { Links } from '../src/links.ts';
import type { Log } from '../src/log.ts';
import type { Mailer } from '../src/mail/mailer.ts';
import type { Queues } from '../src/queue.ts';
import type { Installation } from '../src/store/settings.ts';
import type { Tables } from '../src/store/tables.ts';
import type { InHand } from './in-hand.ts';

/** What jobs work with. Every job reads the store, does what is still due, and may run twice, late or never. */
export interface Work {
  readonly db: Kysely<Tables>;
  readonly queues: Queues;
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly config: Config;
  readonly installation: Installation;
  readonly links: Links;
  readonly mailer: Mailer;
  readonly workerId: string;
  readonly inHand: InHand;
  readonly clock: Clock;
  readonly log: Log;
}

/** The running connector of that name. Throws ConfigError when the config file no longer has it. */
export function connectorNamed(work: Pick<Work, 'connectors'>, name: string): Connector {
  const connector = work.connectors.get(name);
  if (connector === undefined) {
    throw new ConfigError(
      `connectors.${name}: there is work for this connector, but the config file does not have it.`,
      {
        fix: `Put connectors.${name} back into the config file.`,
      },
    );
  }
  return connector;
}
