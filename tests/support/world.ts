import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connectorTypes } from '../../connectors/index.ts';
import { startZendeskSandbox } from '../../connectors/zendesk/sandbox/sandbox.ts';
import { type App, openApp } from '../../src/app.ts';
import { loadConfig, type Registry } from '../../src/config.ts';
import type { Connector, ConnectorContext } from '../../src/connector.ts';
import type { Explanation } from '../../src/explain.ts';
import { silentLog } from '../../src/log.ts';
import { type Serving, serveApp } from '../../src/serve.ts';
import { readConnector } from '../../src/store/connectors.ts';
import type { OpenEngine } from './engines.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { createMovableClock, type MovableClock } from './movable-clock.ts';
import { type SmtpSink, startSmtpSink } from './smtp.ts';
import { mailsTo, type SurveyMail } from './survey-mail.ts';

type ZendeskSandbox = Awaited<ReturnType<typeof startZendeskSandbox>>;

/** The whole program between a simulated CRM and a real SMTP server, all over real sockets. */
export interface World {
  readonly crm: ZendeskSandbox;
  readonly smtp: SmtpSink;
  readonly clock: MovableClock;
  readonly app: App;
  readonly serving: Serving;
  readonly configFile: string;
  /** The connector's name: a new one for each world, so that worlds can share an engine. */
  readonly connector: string;
  explain(caseId: string): Promise<Explanation>;
  /** Every mail to that address, parsed. */
  mailsTo(address: string): Promise<SurveyMail[]>;
  close(): Promise<void>;
}

let worlds = 0;

export interface WorldOptions {
  readonly engine: OpenEngine;
  /** Merged into the config file's top level. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Put over the connector's own keys. */
  readonly connector?: Readonly<Record<string, unknown>>;
  /** False: nothing is provisioned, so no webhook exists and only watches find closings. */
  readonly provision?: boolean;
  /** Stands between the program and the connector. Default: nothing. */
  readonly wrap?: (connector: Connector) => Connector;
}

export async function openWorld(options: WorldOptions): Promise<World> {
  worlds += 1;
  const connector = `zendesk-${worlds}`;
  const clock = createMovableClock();
  const dir = await mkdtemp(join(tmpdir(), 'caseloop-test-'));
  const crm = await startZendeskSandbox({ clock });
  const smtp = await startSmtpSink();
  const configFile = join(dir, 'caseloop.yaml');
  const { database, queue } = options.engine.urls;
  await writeFile(configFile, stringify(await configFor(connector, crm, smtp, { database, queue }, options)));
  const types = wrapTypes(options.wrap ?? ((one) => one));
  const config = await loadConfig({ file: configFile, env: {}, types });
  const app = await openApp({ config, types, clock, log: silentLog, engine: options.engine });
  if (options.provision !== false) await app.provision(connector, 'apply');
  const serving = await serveApp(app, { role: 'all' });
  // The first watch and the first check run by themselves: what a test does and counts comes after them.
  await eventually('the first watch and check', async () => {
    const row = await readConnector(app.work.db, connector);
    return row?.watched_at != null && row.checked_at !== null;
  });
  return {
    crm,
    smtp,
    clock,
    app,
    serving,
    configFile,
    connector,
    explain: (caseId) => app.explain(connector, caseId),
    mailsTo: (address) => mailsTo(smtp, address),
    async close() {
      await serving.close();
      await app.close();
      await crm.close();
      await smtp.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function configFor(
  connector: string,
  crm: ZendeskSandbox,
  smtp: SmtpSink,
  urls: { database: string | null; queue: string | null },
  options: WorldOptions,
): Promise<Record<string, unknown>> {
  const port = await freePort();
  return {
    server: {
      publicUrl: `http://127.0.0.1:${port}`,
      port,
      secret: 'a secret of the tests, long enough for them',
    },
    dataDir: 'data',
    ...(urls.database === null ? {} : { database: { url: urls.database } }),
    ...(urls.queue === null ? {} : { queue: { url: urls.queue } }),
    mail: { from: 'Acme Support <support@acme.example>', replyTo: 'no-reply@acme.example', url: smtp.url },
    connectors: { [connector]: { type: 'zendesk', ...crm.settings, ...options.connector } },
    writeBack: { gather: '0s' },
    ...options.config,
  };
}

function wrapTypes(wrap: (connector: Connector) => Connector): Registry {
  return Object.fromEntries(
    Object.entries(connectorTypes).map(([type, definition]) => [
      type,
      {
        ...definition,
        connect: (config: unknown, context: ConnectorContext) => wrap(definition.connect(config, context)),
      },
    ]),
  );
}
