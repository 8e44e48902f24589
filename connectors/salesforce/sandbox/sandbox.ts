import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Clock } from '../../../src/clock.ts';
import type { Sandbox } from '../../../src/sandbox.ts';
import { createApi, MOST_HEADER_BYTES, type RecordedRequest } from './api.ts';
import { createCredentials, SANDBOX_CLIENT } from './auth.ts';
import { createCases, type SalesforceCaseInput } from './cases.ts';
import { createChangeEvents, type TellAs } from './change-events.ts';
import { collectionRoutes } from './collection-routes.ts';
import { createComet, type Silence } from './cometd.ts';
import { compositeRoutes } from './composite-routes.ts';
import { recordsOf } from './define.ts';
import type { SalesforceFault } from './faults.ts';
import { normaliseId } from './ids.ts';
import type { TrustedKey } from './jwt.ts';
import { limitsRoutes } from './limits-routes.ts';
import { listViewRoutes } from './list-view-routes.ts';
import { answerMetadata } from './metadata-soap.ts';
import type { ApiRight, Org, ValidationRule } from './model.ts';
import { addQueue, createOrg } from './org.ts';
import { CASES_PATH, createPages } from './pages.ts';
import { queryRoutes } from './query-routes.ts';
import { createRestRouter, type RestRouter } from './rest.ts';
import { sobjectRoutes } from './sobject-routes.ts';
import { isSelectedForEvents, selectForEvents, toolingRoutes } from './tooling-routes.ts';
import { createUsage } from './usage.ts';

/** What is said by who is not given words. */
const AGENT_WORDS = 'We are sorry. This is settled now.';
const CUSTOMER_WORDS = 'Is anybody there?';
const NOTE_WORDS = 'I will look into this.';

/** How to start it; everything but the clock has a default. */
export interface SalesforceSandboxOptions {
  readonly clock: Clock;
  /** Default: a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Told what the sandbox cannot answer for: an error of its own. */
  readonly log?: { error(fields: Record<string, unknown>, message: string): void };
  /** Calls in 24 hours. Default 100,000, the Enterprise edition without further licences. */
  readonly dailyApiRequests?: number;
  /** How long a session lasts, by the clock. Default 2 hours. */
  readonly sessionMs?: number;
  /** Whether an admin has chosen cases for Change Data Capture already. Default no, as in a new org. */
  readonly changeEvents?: boolean;
  /** How long a poll for events waits, in real time. Default 110 s. */
  readonly pollMs?: number;
  /** Whether fields of tasks may be external ids or unique. Default no. */
  readonly activityExternalIds?: boolean;
}

/** What this vendor's sandbox can do beyond the contract. */
export interface SalesforceSandboxExtras {
  /** As the contract's, with the query beside the path. */
  readonly requests: readonly RecordedRequest[];
  openCase(input: SalesforceCaseInput): Promise<string>;
  /** As the contract's, with the vendor's own ways to go wrong. */
  fail(fault: SalesforceFault): void;
  /** One transaction, one SystemModstamp, however many cases. */
  massClose(caseIds: readonly string[]): Promise<void>;
  /** Closes cases in a transaction that stamps now and commits when the returned function is called. */
  closeLate(caseIds: readonly string[]): () => void;
  /** Gives the case any status, in the words of the org's own list. */
  setStatus(caseId: string, status: string): Promise<void>;
  deleteCase(caseId: string): Promise<void>;
  unlockCase(caseId: string): Promise<void>;
  comment(caseId: string, body: string, options?: { readonly published?: boolean }): Promise<void>;
  reply(caseId: string, reply: { readonly by: 'agent' | 'customer'; readonly body: string }): Promise<void>;
  /** Gives the case to a user or to a queue, which is made when there is none of that name. */
  setOwner(caseId: string, name: string): Promise<void>;
  /** The id of a user or a queue of that name. */
  idOf(name: string): string;
  /** A user who left: still the owner of what they own, and refused as the owner of anything new. */
  deactivateUser(name: string): void;
  /** A queue that takes these objects. Returns its id. */
  addQueue(name: string, objectNames: readonly string[]): string;
  addValidationRule(rule: ValidationRule): void;
  /** The next so many writes on the record find its row taken. */
  holdRow(id: string, times?: number): void;

  /** Takes a right away from the user whom the API acts as, or gives it back. */
  setRight(right: ApiRight, isGiven: boolean): void;
  /** A public key for JWT bearer tokens. Users default to the one whom the API acts as. */
  trustKey(publicKey: string, usernames?: readonly string[]): void;
  /** The user name whom the API acts as. */
  readonly apiUsername: string;
  expireSessions(): void;
  revokeSessions(): void;
  /** Other tools use up calls, or an admin buys more. */
  setUsage(values: { readonly used?: number; readonly allowance?: number }): void;

  /** The next transaction on a chosen object is told so. */
  tellNextAs(how: TellAs): void;
  /** Streams that are open now fall silent. */
  silenceStreams(how: Silence): void;
  /** The streaming server forgets its clients. */
  forgetStreams(): void;
  /** Subscriptions that are open. */
  readonly subscriptions: number;
}

/**
 * Starts a stateful Salesforce org on loopback: the API as strict as the vendor's, change events over Bayeux, and pages for
 * people. Time comes from `clock`, so that sessions, allowances and retention follow it; only polls for events pass in real
 * time.
 */
export async function startSalesforceSandbox(
  options: SalesforceSandboxOptions,
): Promise<Sandbox & SalesforceSandboxExtras> {
  const { clock, host = '127.0.0.1' } = options;
  let url = '';
  const org = createOrg({ clock, url: () => url, activityExternalIds: options.activityExternalIds ?? false });
  const credentials = createCredentials(org, options.sessionMs);
  const usage = createUsage(org.now, options.dailyApiRequests ?? 100_000);
  const events = createChangeEvents(org);
  const comet = createComet(credentials, events, options);
  // The address of a record that holds in every interface; it leads on to the page.
  const urlOf = (id: string): string => `${url}/${id}`;
  const cases = createCases(org, urlOf);
  const rest: RestRouter = createRestRouter([
    ...queryRoutes(org),
    ...collectionRoutes(org),
    ...compositeRoutes(org, () => rest),
    ...toolingRoutes(org),
    ...limitsRoutes(org, usage),
    ...listViewRoutes(org),
    ...sobjectRoutes(org),
  ]);
  const api = createApi({
    org,
    credentials,
    usage,
    rest,
    soap: (envelope) => answerMetadata(org, credentials, envelope),
    stream: comet.answer,
    onError: (error) => options.log?.error({ err: error }, 'the sandbox failed'),
  });
  if (options.changeEvents === true) selectCases(org);
  const apiUsername = String(recordsOf(org, 'User').find(({ id }) => id === org.apiUserId)?.values.Username);

  const app = express();
  app.disable('x-powered-by');
  app.use(api.router);
  app.use(createPages(org, cases));
  const server = createServer({ maxHeaderSize: MOST_HEADER_BYTES }, app);
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  url = `http://${host}:${(server.address() as AddressInfo).port}`;

  const personOf = (name: string) => {
    const everyone = [...recordsOf(org, 'User'), ...recordsOf(org, 'Group')];
    const found = everyone.find(({ values }) => values.Name === name);
    if (found === undefined) throw new Error(`the sandbox knows nobody and no queue called ${name}`);
    return found;
  };

  return {
    url,
    settings: { loginUrl: url, auth: { ...SANDBOX_CLIENT } },
    requests: api.requests,
    casesUrl: `${url}${CASES_PATH}`,
    caseUrl: (caseId) => urlOf(caseId),
    openCase: async (input) => cases.open(input),
    closeCase: async (caseId: string, how?: { readonly comment?: null }) => cases.close(caseId, how),
    reopenCase: async (caseId) => cases.setStatus([caseId], 'Working'),
    lockCase: async (caseId) => cases.lock(caseId),
    unlockCase: async (caseId) => cases.unlock(caseId),
    readCase: async (caseId) => cases.read(caseId),
    followUpsOf: async (caseId) => cases.followUpsOf(caseId),
    finishTask: async (taskId) => cases.finishTask(taskId),
    replyInPublic: async (caseId, how) =>
      cases.reply(caseId, { by: 'agent', name: how?.by, body: AGENT_WORDS }),
    replyAsCustomer: async (caseId) => cases.reply(caseId, { by: 'customer', body: CUSTOMER_WORDS }),
    noteInPrivate: async (caseId) => cases.comment(caseId, NOTE_WORDS, false),
    async finishByHand() {
      if (!isSelectedForEvents(org, 'Case')) selectCases(org);
    },
    fail: (fault) => api.faults.add(fault),
    heal() {
      api.faults.clear();
      org.takenRows.clear();
    },
    massClose: async (caseIds) => cases.setStatus(caseIds, 'Closed'),
    closeLate: (caseIds) => cases.setStatusLater(caseIds, 'Closed'),
    setStatus: async (caseId, status) => cases.setStatus([caseId], status),
    deleteCase: async (caseId) => cases.remove(caseId),
    comment: async (caseId, body, how) => cases.comment(caseId, body, how?.published ?? false),
    reply: async (caseId, reply) => cases.reply(caseId, reply),
    setOwner: async (caseId, name) => cases.setOwner(caseId, name),
    idOf: (name) => personOf(name).id,
    deactivateUser(name) {
      personOf(name).values.IsActive = false;
    },
    addQueue: (name, objectNames) => addQueue(org, name, objectNames).id,
    addValidationRule: (rule) => org.validationRules.push(rule),
    holdRow: (id, times = 1) => org.takenRows.set(normaliseId(id) ?? id, times),
    setRight(right, isGiven) {
      if (isGiven) org.missingRights.delete(right);
      else org.missingRights.add(right);
    },
    trustKey: (publicKey, usernames = [apiUsername]) =>
      credentials.trustKey({ publicKey, usernames } satisfies TrustedKey),
    apiUsername,
    expireSessions: () => credentials.expireAll(),
    revokeSessions() {
      credentials.revokeAll();
      comet.checkSessions();
    },
    setUsage: (values) => usage.set(values),
    tellNextAs: (how) => events.tellNextAs(how),
    silenceStreams: (how) => comet.silence(how),
    forgetStreams: () => comet.forgetClients(),
    get subscriptions() {
      return comet.subscriptions;
    },
    async close() {
      comet.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An admin chooses cases for Change Data Capture in Setup. */
function selectCases(org: Org): void {
  const metadata = { eventChannel: 'ChangeEvents', selectedEntity: 'CaseChangeEvent' };
  selectForEvents(org, 'ChangeEvents_CaseChangeEvent', metadata);
}
