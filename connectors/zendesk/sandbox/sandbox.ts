import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Clock } from '../../../src/clock.ts';
import type { Sandbox } from '../../../src/sandbox.ts';
import { createApi, type RecordedRequest } from './api.ts';
import { createCredentials, SANDBOX_CLIENT } from './auth.ts';
import { createCases } from './cases.ts';
import { createDeliveries, type DeliveryAttempt, type WebhookDelivery } from './deliveries.ts';
import { directoryRoutes } from './directory-routes.ts';
import { exportRoutes } from './export.ts';
import { fieldRoutes } from './field-routes.ts';
import { createJobs } from './jobs.ts';
import type { Role } from './model.ts';
import { createPages } from './pages.ts';
import { ANONYMOUS_USER, presentUser } from './presenters.ts';
import { createRateLimits } from './rate-limits.ts';
import { createState, findUserByEmail, recordOf } from './state.ts';
import { ticketReadRoutes } from './ticket-reads.ts';
import { ticketWriteRoutes } from './ticket-writes.ts';
import { userFieldRoutes, userFieldValues } from './user-field-routes.ts';
import { viewRoutes } from './view-routes.ts';
import { createWebhookRegistry } from './webhooks.ts';

/** What is said by who is not given words. */
const AGENT_WORDS = 'We are sorry. This is settled now.';
const CUSTOMER_WORDS = 'Is anybody there?';
const NOTE_WORDS = 'I will look into this.';

/** How to start it; everything but the clock has a default. */
export interface ZendeskSandboxOptions {
  readonly clock: Clock;
  /** Default: a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Told what the sandbox cannot answer for: an error of its own. */
  readonly log?: { error(fields: Record<string, unknown>, message: string): void };
  /** Default `once`. */
  readonly webhookDelivery?: WebhookDelivery;
  /** Requests a minute for the whole account. Default 700, the Enterprise plan. */
  readonly planRateLimitPerMinute?: number;
  /** How long a background job stays queued and then working. Default 15. */
  readonly jobStepMs?: number;
}

/** What this vendor's sandbox can do beyond the contract. */
export interface ZendeskSandboxExtras {
  /** As the contract's, with the query beside the path. */
  readonly requests: readonly RecordedRequest[];
  /** An agent solves the case with this public comment; null: without any. Default: one when there is none yet. */
  closeCase(caseId: string, options?: { readonly comment?: string | null }): Promise<void>;
  reply(
    caseId: string,
    reply: { readonly by: 'agent' | 'customer'; readonly body: string; readonly public?: boolean },
  ): Promise<void>;
  /** Closes the case for good with the tag `closed_by_merge`. */
  mergeCase(caseId: string, intoCaseId: string): Promise<void>;
  /** Deletes the case, as marking it as spam does. */
  deleteCase(caseId: string): Promise<void>;

  /** A webhook for status changes, made in the Admin Center. */
  registerWebhook(input: { readonly endpoint: string; readonly name?: string }): {
    readonly id: string;
    readonly signingSecret: string;
  };
  /** Switches a webhook off or on, or deletes it, as an admin does. */
  setWebhookStatus(id: string, status: 'active' | 'inactive' | 'deleted'): void;
  setWebhooks(mode: WebhookDelivery): void;
  readonly deliveries: readonly DeliveryAttempt[];
  /** Resolves when every event has been delivered or given up. */
  deliveriesDone(): Promise<void>;

  /** Background jobs stay queued until `releaseJobs`. */
  holdJobs(): void;
  releaseJobs(): void;
  jobsDone(): Promise<void>;

  /** From now on the fields of that title must be filled before a ticket can be solved. */
  requireFieldOnSolve(title: string): void;
  /** What stands on the page of a person, by the titles of the fields. */
  readPerson(email: string): Promise<Readonly<Record<string, unknown>>>;
  /** What the user is allowed whom the API acts as. At the start: admin. */
  setApiUserRole(role: Role): void;
  /** A refresh token as the authorization-code flow gives it. */
  issueRefreshToken(scope: string): string;
  expireAccessTokens(): void;
}

/**
 * Starts a stateful Zendesk on loopback: the API as strict as the vendor's, signed webhook deliveries, and pages for
 * people. Time comes from `clock`, so that rate limits, tokens and the export follow it; only job steps and the pauses
 * between deliveries pass in real time.
 */
export async function startZendeskSandbox(
  options: ZendeskSandboxOptions,
): Promise<Sandbox & ZendeskSandboxExtras> {
  const { clock, host = '127.0.0.1' } = options;
  let url = '';
  const state = createState(clock);
  const credentials = createCredentials(state);
  const jobs = createJobs(state, options.jobStepMs ?? 15);
  const registry = createWebhookRegistry(state);
  const deliveries = createDeliveries(state, registry.webhooks, options.webhookDelivery ?? 'once');
  const caseUrl = (caseId: string): string => `${url}/agent/tickets/${caseId}`;
  const cases = createCases(state, caseUrl);
  const api = createApi({
    clock,
    url: () => url,
    credentials,
    rateLimits: createRateLimits(clock, options.planRateLimitPerMinute ?? 700),
    routes: [
      ...exportRoutes(state),
      ...ticketWriteRoutes(state, jobs),
      ...ticketReadRoutes(state),
      ...jobs.routes,
      ...fieldRoutes(state),
      ...userFieldRoutes(state, jobs),
      ...viewRoutes(state),
      ...registry.routes,
      ...directoryRoutes(state),
    ],
    whoAmI: (user) => ({ user: user === null ? ANONYMOUS_USER : presentUser(url, user) }),
    onError: (error) => options.log?.error({ err: error }, 'the sandbox failed'),
  });

  const app = express();
  app.disable('x-powered-by');
  app.use(api.router);
  app.use(createPages(state, cases));
  const server = createServer(app);
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  url = `http://${host}:${(server.address() as AddressInfo).port}`;

  return {
    url,
    settings: { baseUrl: url, auth: { ...SANDBOX_CLIENT } },
    requests: api.requests,
    casesUrl: `${url}/agent/tickets`,
    caseUrl,
    openCase: async (input) => cases.open(input),
    closeCase: async (caseId: string, how?: { readonly comment?: string | null }) => cases.solve(caseId, how),
    reopenCase: async (caseId) => cases.reopen(caseId),
    lockCase: async (caseId) => cases.lock(caseId),
    readCase: async (caseId) => cases.read(caseId),
    followUpsOf: async (caseId) => cases.followUpsOf(caseId),
    finishTask: async (taskId) => cases.solve(taskId, { comment: null }),
    replyInPublic: async (caseId, how) =>
      cases.reply(caseId, { by: 'agent', name: how?.by, body: AGENT_WORDS }),
    replyAsCustomer: async (caseId) => cases.reply(caseId, { by: 'customer', body: CUSTOMER_WORDS }),
    noteInPrivate: async (caseId) => cases.reply(caseId, { by: 'agent', body: NOTE_WORDS, public: false }),
    reply: async (caseId, reply) => cases.reply(caseId, reply),
    mergeCase: async (caseId, intoCaseId) => cases.merge(caseId, intoCaseId),
    deleteCase: async (caseId) => cases.remove(caseId),
    fail: (fault) => api.faults.add(fault),
    heal: () => api.faults.clear(),
    registerWebhook({ endpoint, name = 'registered by hand' }) {
      const { id, signingSecret } = registry.register({ name, endpoint });
      return { id, signingSecret };
    },
    setWebhookStatus(id, status) {
      const webhook = registry.webhooks.get(id);
      if (webhook === undefined) throw new Error(`the sandbox has no webhook ${id}`);
      if (status === 'deleted') registry.webhooks.delete(id);
      else webhook.status = status;
    },
    setWebhooks: (mode) => deliveries.setMode(mode),
    deliveries: deliveries.attempts,
    deliveriesDone: () => deliveries.idle(),
    holdJobs: () => jobs.hold(),
    releaseJobs: () => jobs.release(),
    jobsDone: () => jobs.idle(),
    requireFieldOnSolve(title) {
      for (const field of state.fields.values())
        if (field.title === title) state.requiredOnSolve.add(field.id);
    },
    async readPerson(email) {
      const user = findUserByEmail(state, email);
      if (user === undefined) throw new Error('the sandbox knows no person of that address');
      const values = userFieldValues(state, user);
      return Object.fromEntries(
        [...state.userFields.values()].map(({ title, key }) => [title, values[key] ?? null]),
      );
    },
    setApiUserRole(role) {
      state.users.set(state.apiUserId, { ...recordOf(state.users, state.apiUserId), role });
    },
    issueRefreshToken: (scope) => credentials.issueRefreshToken(scope),
    expireAccessTokens: () => credentials.expireAccessTokens(),
    async close() {
      jobs.close();
      await deliveries.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
