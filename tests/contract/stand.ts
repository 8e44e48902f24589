import { connectorTypes } from '../../connectors/index.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import type { Connector, Needs } from '../../src/connector.ts';
import type { SandboxRequest } from '../../src/sandbox.ts';
import { recordLog } from '../support/record-log.ts';
import { openPushInbox, type PushInbox } from './push-inbox.ts';
import { type RecordedTokens, recordTokens } from './recorded-tokens.ts';
import { createStandingClock, type StandingClock } from './standing-clock.ts';
import type { Stage, Subject } from './subject.ts';

/** A simulated CRM, a place for its pushes, and connectors to it: what every case of the suite works on. */
export interface Stand extends AsyncDisposable {
  readonly type: string;
  readonly subject: Subject;
  readonly stage: Stage;
  readonly sandbox: Stage['sandbox'];
  readonly clock: StandingClock;
  readonly inbox: PushInbox;
  /** Secrets and tokens that no message and no log line may show. */
  secrets(): readonly string[];
  readonly logLines: readonly Record<string, unknown>[];
  /** A connector as another process would have it: only the token store is shared. */
  connect(options?: ConnectOptions): Connector;
  /** Requests that `work` made, without those that mint tokens. */
  requestsDuring(work: () => Promise<unknown>): Promise<readonly SandboxRequest[]>;
}

export interface ConnectOptions {
  /** Put over the sandbox's own settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Default: the stand's own store, shared by all its connectors. */
  readonly tokens?: RecordedTokens;
  /** Put over what every configuration needs. */
  readonly needs?: Partial<Needs>;
}

/** Opens a stand of its own. `provisioned`: fields, webhook and view are there. */
export async function openStand(
  type: string,
  subject: Subject,
  options: { readonly provisioned: boolean },
): Promise<Stand> {
  const definition = connectorTypes[type];
  if (definition === undefined) throw new Error(`connectors/index.ts has no ${type}`);
  // Not a whole second, since instants must be cut to it.
  const clock = createStandingClock(new Date('2026-11-21T10:00:00.789Z'));
  const stage = await subject.start({ clock });
  const inbox = await openPushInbox();
  const { log, lines } = recordLog();
  const stores = [recordTokens()];
  const [shared] = stores;
  if (shared === undefined) throw new Error('the stand has no token store');

  const connect = ({ settings = {}, tokens = shared, needs = {} }: ConnectOptions = {}): Connector => {
    if (!stores.includes(tokens)) stores.push(tokens);
    return definition.connect(definition.Config.parse({ ...stage.sandbox.settings, ...settings }), {
      name: 'contract',
      webhookUrl: inbox.url,
      optOutUrl: 'https://survey.acme.example/u/',
      clock,
      log,
      tokens,
      needs: { publicReply: false, userFields: subject.traits.includes('late user fields'), ...needs },
      // Where everything is set up, pushes have come.
      pushedAt: async () => (options.provisioned ? clock.now() : null),
    });
  };
  if (options.provisioned) {
    await connect().provision('apply');
    await stage.sandbox.finishByHand?.({ webhookUrl: inbox.url });
    clock.advance(MINUTE_MS);
  }
  return {
    type,
    subject,
    stage,
    sandbox: stage.sandbox,
    clock,
    inbox,
    secrets: () => [
      ...secretsIn(stage.sandbox.settings),
      ...stores.flatMap(({ everything }) =>
        everything.flatMap(({ accessToken, refreshToken }) =>
          refreshToken === null ? [accessToken.reveal()] : [accessToken.reveal(), refreshToken.reveal()],
        ),
      ),
    ],
    logLines: lines,
    connect,
    async requestsDuring(work) {
      const before = stage.sandbox.requests.length;
      await work();
      return stage.sandbox.requests.slice(before).filter((request) => !mintsToken(subject, request));
    },
    async [Symbol.asyncDispose]() {
      await stage.sandbox.close();
      await inbox[Symbol.asyncDispose]();
    },
  };
}

/** True for a request that asks for an access token. */
export function mintsToken(subject: Subject, { method, path }: SandboxRequest): boolean {
  return subject.tokenRequests?.test(`${method} ${path}`) ?? false;
}

/** The texts that the settings keep under names of secrets. */
function secretsIn(settings: object): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (typeof value === 'object' && value !== null) return secretsIn(value);
    return typeof value === 'string' && /secret|token|key|password/i.test(name) ? [value] : [];
  });
}
