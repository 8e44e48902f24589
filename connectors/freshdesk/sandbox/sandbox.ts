import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Clock } from '../../../src/clock.ts';
import type { Sandbox, SandboxCaseInput } from '../../../src/sandbox.ts';
import { createApi, type RecordedRequest } from './api.ts';
import { createCredentials, SANDBOX_API_KEY } from './auth.ts';
import { type CaseReply, type CloseOptions, createCases } from './cases.ts';
import { conversationRoutes } from './conversation-routes.ts';
import {
  type AdminAlert,
  createDeliveries,
  type DeliveryAttempt,
  type WebhookDelivery,
} from './deliveries.ts';
import { directoryRoutes } from './directory-routes.ts';
import { addDefaultFields, fieldRoutes } from './field-routes.ts';
import type { Role } from './model.ts';
import { createPages } from './pages.ts';
import { createRateLimits, type Limits, PLANS } from './rate-limits.ts';
import { ratingRoutes } from './rating-routes.ts';
import { createRules, type RuleInput } from './rules.ts';
import { searchRoute } from './search.ts';
import { createState, recordOf } from './state.ts';
import { ticketListRoute } from './ticket-list.ts';
import { ticketRoutes } from './ticket-routes.ts';

/** What is said by who is not given words. */
const AGENT_WORDS = 'We are sorry. This is settled now.';
const CUSTOMER_WORDS = 'Is anybody there?';
const NOTE_WORDS = 'I will look into this.';

/** How to start it; everything but the clock has a default. */
export interface FreshdeskSandboxOptions {
  readonly clock: Clock;
  /** Default: a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Told what the sandbox cannot answer for: an error of its own. */
  readonly log?: { error(fields: Record<string, unknown>, message: string): void };
  /** Default `once`. */
  readonly webhookDelivery?: WebhookDelivery;
  /** Whose limits a minute apply. Default enterprise: 700 credits. */
  readonly plan?: keyof typeof PLANS;
}

/** The sandbox with what only this vendor's can do. */
export interface FreshdeskSandbox extends Sandbox {
  /** As the contract's, with the query and the credits beside the path. */
  readonly requests: readonly RecordedRequest[];
  /** An agent resolves the case, or closes it at once. */
  closeCase(caseId: string, options?: CloseOptions): Promise<void>;
  /** An agent picks a status by its label, one of the account's own among them. */
  setStatus(caseId: string, agentLabel: string): Promise<void>;
  reply(caseId: string, reply: CaseReply): Promise<void>;
  /** Closes the case with a private note that says into which ticket it was merged; the API has no other mark of it. */
  mergeCase(caseId: string, intoCaseId: string): Promise<void>;
  deleteCase(caseId: string): Promise<void>;
  markSpam(caseId: string): Promise<void>;
  /** So many resolved cases of one person at this instant, for tests of paging. Gives their ids. */
  openClosedCases(count: number, input?: SandboxCaseInput): readonly string[];
  /** Moves `updated_at` to now and nothing else, as an escalation does: of these cases, or of the `count` that changed least recently. */
  bulkTouch(which: number | readonly string[]): readonly string[];

  /** An admin makes an automation rule by hand: the status changes from any to any, call this webhook. */
  installRule(input: RuleInput): { readonly id: number };
  /** As `installRule`, done as the connector's guide asks for: the secret of `settings` in `X-Caseloop-Secret`. */
  finishByHand(options: { webhookUrl: string }): Promise<void>;
  setRuleStatus(id: number, status: 'active' | 'inactive' | 'deleted'): void;
  setWebhooks(mode: WebhookDelivery): void;
  readonly deliveries: readonly DeliveryAttempt[];
  /** Mails to the admins about webhooks that failed for good. */
  readonly adminAlerts: readonly AdminAlert[];
  /** Resolves when every delivery that is due has been made; those that wait for their next attempt are not. */
  deliveriesDone(): Promise<void>;

  /** From now on the fields of that label must be filled before a ticket can be resolved or closed. */
  requireFieldOnClosure(label: string): void;
  /** What the agent is allowed whose key the API takes. At the start: admin. */
  setApiAgentRole(role: Role): void;
  /** Whether the key is accepted. At the start: yes. */
  setApiKeyAccepted(isAccepted: boolean): void;
  /** Whether the account has the vendor's own surveys. At the start: yes. */
  setSurveyActive(isActive: boolean): void;
  /** Other limits a minute than the plan's. */
  setLimits(limits: Partial<Limits>): void;
}

/** The secret in the header of the rule that `finishByHand` makes. */
const WEBHOOK_SECRET = 'freshdesk-sandbox-secret-5f0c1d7e9a2b4836';

/** The layout that the vendor itself proposes, which is JSON only as long as no value breaks it. */
const RULE_BODY = `{"freshdesk_webhook":{"triggered_event":"{{triggered_event}}","ticket_id":"{{ticket.id}}","ticket_url":"{{ticket.url}}","ticket_status":"{{ticket.status}}"}}`;

const ANY_CASE: SandboxCaseInput = {
  subject: 'One of many',
  requester: { name: 'Many Example', email: 'many@example.org' },
};

/**
 * Starts a stateful Freshdesk on loopback: the API as strict as the vendor's, webhooks of automation rules, and pages for
 * people. Time comes from `clock`, so that rate limits, lockouts and repeated deliveries follow it.
 */
export async function startFreshdeskSandbox(options: FreshdeskSandboxOptions): Promise<FreshdeskSandbox> {
  const { clock, host = '127.0.0.1' } = options;
  let url = '';
  const state = createState(clock);
  addDefaultFields(state);
  const credentials = createCredentials(state);
  const rateLimits = createRateLimits(clock, PLANS[options.plan ?? 'enterprise']);
  const rules = createRules(state);
  const deliveries = createDeliveries(state, rules.all, {
    initial: options.webhookDelivery ?? 'once',
    url: () => url,
  });
  const caseUrl = (caseId: string): string => `${url}/a/tickets/${caseId}`;
  const cases = createCases(state, caseUrl);
  const api = createApi({
    clock,
    url: () => url,
    credentials,
    rateLimits,
    routes: [
      ticketListRoute(state),
      ...ticketRoutes(state),
      ...conversationRoutes(state),
      ...ratingRoutes(state),
      ...fieldRoutes(state),
      searchRoute(state),
      ...directoryRoutes(state),
    ],
    onError: (error) => options.log?.error({ err: error }, 'the sandbox failed'),
  });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(api.router);
  app.use(createPages(state, cases));
  const server = createServer(app);
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  url = `http://${host}:${(server.address() as AddressInfo).port}`;

  return {
    url,
    settings: { baseUrl: url, apiKey: SANDBOX_API_KEY, webhookSecret: WEBHOOK_SECRET },
    requests: api.requests,
    casesUrl: `${url}/a/tickets`,
    caseUrl,
    openCase: async (input) => cases.open(input),
    closeCase: async (caseId: string, how?: CloseOptions) => cases.close(caseId, how),
    reopenCase: async (caseId) => cases.reopen(caseId),
    lockCase: async (caseId) => cases.archive(caseId),
    setStatus: async (caseId, label) => cases.setStatus(caseId, label),
    readCase: async (caseId) => cases.read(caseId),
    followUpsOf: async (caseId) => cases.followUpsOf(caseId),
    finishTask: async (taskId) => cases.close(taskId, { comment: null }),
    replyInPublic: async (caseId, how) =>
      cases.reply(caseId, { by: 'agent', name: how?.by, body: AGENT_WORDS }),
    replyAsCustomer: async (caseId) => cases.reply(caseId, { by: 'customer', body: CUSTOMER_WORDS }),
    noteInPrivate: async (caseId) => cases.reply(caseId, { by: 'agent', body: NOTE_WORDS, public: false }),
    reply: async (caseId, reply) => cases.reply(caseId, reply),
    mergeCase: async (caseId, intoCaseId) => cases.merge(caseId, intoCaseId),
    deleteCase: async (caseId) => cases.remove(caseId),
    markSpam: async (caseId) => cases.markSpam(caseId),
    openClosedCases: (count, input = ANY_CASE) => cases.openClosed(count, input),
    bulkTouch: (which) => cases.touch(which),
    fail: (fault) => api.faults.add(fault),
    heal: () => api.faults.clear(),
    installRule: (input) => ({ id: rules.add(input).id }),
    async finishByHand({ webhookUrl }) {
      const headers = { 'X-Caseloop-Secret': WEBHOOK_SECRET };
      rules.add({ name: 'Caseloop', url: webhookUrl, headers, body: RULE_BODY });
    },
    setRuleStatus(id, status) {
      if (status === 'deleted') rules.remove(id);
      else rules.find(id).isActive = status === 'active';
    },
    setWebhooks: (mode) => deliveries.setMode(mode),
    deliveries: deliveries.attempts,
    adminAlerts: deliveries.alerts,
    deliveriesDone: () => deliveries.idle(),
    requireFieldOnClosure(label) {
      for (const field of state.fields.values()) if (field.label === label) field.requiredForClosure = true;
    },
    setApiAgentRole(role) {
      state.agents.set(state.apiAgentId, { ...recordOf(state.agents, state.apiAgentId), role });
    },
    setApiKeyAccepted: (isAccepted) => credentials.setAccepted(isAccepted),
    setSurveyActive(isActive) {
      for (const survey of state.surveys) survey.isActive = isActive;
    },
    setLimits: (limits) => rateLimits.set(limits),
    async close() {
      await deliveries.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
