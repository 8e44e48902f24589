import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connectorTypes } from '../../connectors/index.ts';
import { sandboxes } from '../../connectors/sandboxes.ts';
import { type App, openApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import type { Log } from '../../src/log.ts';
import type { Sandbox } from '../../src/sandbox.ts';
import { type Serving, serveApp } from '../../src/serve.ts';
import { readConnector } from '../../src/store/connectors.ts';
import type { OpenEngine } from './engines.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { createMovableClock, type MovableClock } from './movable-clock.ts';
import { type SmtpSink, startSmtpSink } from './smtp.ts';
import { mailsTo, type SurveyMail } from './survey-mail.ts';

/** One installation that is connected to a simulated CRM of every type, and to two of the first. */
export interface SeveralCrms {
  /** By connector name. */
  readonly crms: ReadonlyMap<string, Sandbox>;
  readonly app: App;
  readonly serving: Serving;
  readonly smtp: SmtpSink;
  readonly clock: MovableClock;
  mailsTo(address: string): Promise<SurveyMail[]>;
  close(): Promise<void>;
}

let opened = 0;

export async function openSeveralCrms(options: {
  engine: OpenEngine;
  log: Log;
  /** Instead of one of every type and two of the first: CRMs of these types. */
  types?: readonly string[];
  /** How long a CRM may take for an answer. Default: 1 s. */
  timeout?: string;
  /** Merged into the config file's top level. */
  config?: Readonly<Record<string, unknown>>;
}): Promise<SeveralCrms> {
  opened += 1;
  const clock = createMovableClock();
  const dir = await mkdtemp(join(tmpdir(), 'caseloop-test-'));
  const crms = new Map<string, Sandbox>();
  const all = Object.keys(sandboxes);
  for (const type of options.types ?? [...all, ...all.slice(0, 1)]) {
    const name = `${type}-${opened}-${crms.size + 1}`;
    const start = sandboxes[type];
    if (start !== undefined) crms.set(name, await start({ clock }));
  }
  const smtp = await startSmtpSink();
  const port = await freePort();
  const { database, queue } = options.engine.urls;
  const typeOf = (name: string): string => name.split('-')[0] ?? '';
  const file = join(dir, 'caseloop.yaml');
  await writeFile(
    file,
    stringify({
      server: {
        publicUrl: `http://127.0.0.1:${port}`,
        port,
        secret: 'a secret of the tests, long enough for them',
      },
      dataDir: 'data',
      ...(database === null ? {} : { database: { url: database } }),
      ...(queue === null ? {} : { queue: { url: queue } }),
      mail: { from: 'Acme Support <support@acme.example>', replyTo: 'no-reply@acme.example', url: smtp.url },
      connectors: Object.fromEntries(
        [...crms].map(([name, crm]) => [
          name,
          { type: typeOf(name), timeout: options.timeout ?? '1s', ...crm.settings },
        ]),
      ),
      writeBack: { gather: '0s' },
      ...options.config,
    }),
  );
  const config = await loadConfig({ file, env: {}, types: connectorTypes });
  const app = await openApp({
    config,
    types: connectorTypes,
    clock,
    log: options.log,
    engine: options.engine,
  });
  for (const [name, crm] of crms) {
    await app.provision(name, 'apply');
    await crm.finishByHand?.({ webhookUrl: `${config.server.publicUrl}/webhooks/${name}` });
  }
  const serving = await serveApp(app, { role: 'all' });
  for (const name of crms.keys()) {
    await eventually(`the first watch and check of ${name}`, async () => {
      const row = await readConnector(app.work.db, name);
      return row?.watched_at != null && row.checked_at !== null;
    });
  }
  return {
    crms,
    app,
    serving,
    smtp,
    clock,
    mailsTo: (address) => mailsTo(smtp, address),
    async close() {
      await serving.close();
      await app.close();
      for (const crm of crms.values()) await crm.close();
      await smtp.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
