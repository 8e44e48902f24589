import type { ApiCall, ApiRoute } from './api.ts';
import { isObject, type JsonObject } from './params.ts';
import { type Refusal, webhookRefusal } from './refusal.ts';
import { newSigningSecret } from './signature.ts';
import { instant, type State, stamp, takeId } from './state.ts';

/** The event that the sandbox sends; webhooks may subscribe to others and hear nothing. */
export const STATUS_CHANGED = 'zen:event-type:ticket.status_changed';
const CONDITIONAL = 'conditional_ticket_events';

/** A webhook with its secret. */
export interface Webhook {
  readonly id: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  name: string;
  description: string | null;
  endpoint: string;
  status: 'active' | 'inactive';
  httpMethod: string;
  requestFormat: string;
  subscriptions: readonly string[];
  authentication: WebhookAuthentication | null;
  signingSecret: string;
  updatedAt: Date;
}

/** How deliveries prove themselves besides the signature. */
interface WebhookAuthentication {
  readonly type: 'bearer_token' | 'basic_auth' | 'api_key';
  readonly data: Readonly<Record<string, unknown>>;
}

/** The account's webhooks and the API over them. */
export interface WebhookRegistry {
  readonly webhooks: Map<string, Webhook>;
  readonly routes: readonly ApiRoute[];
  /** Makes a webhook as an admin would in the Admin Center. */
  register(input: { readonly name: string; readonly endpoint: string }): Webhook;
}

/** The webhooks API. Event webhooks must be POST and JSON, and stay event webhooks. */
export function createWebhookRegistry(state: State): WebhookRegistry {
  const webhooks = new Map<string, Webhook>();
  const resource = 'webhooks';

  const find = (id: string | undefined): Webhook => {
    const webhook = webhooks.get(id ?? '');
    if (webhook === undefined) throw webhookRefusal(404, 'WebhookNotFound', 'Not Found', 'Webhook not found');
    return webhook;
  };

  const add = (attributes: JsonObject, createdBy: string): Webhook => {
    const at = stamp(state);
    const id = newWebhookId(takeId(state), at);
    const fixed = { id, createdAt: at, createdBy, signingSecret: newSigningSecret() };
    const webhook: Webhook = { ...readWebhook(attributes), ...fixed, updatedAt: at };
    webhooks.set(webhook.id, webhook);
    return webhook;
  };

  const change = (id: string | undefined, attributes: JsonObject): void => {
    const webhook = find(id);
    const wanted = readWebhook(attributes);
    if (isConditional(wanted.subscriptions) !== isConditional(webhook.subscriptions)) {
      throw invalid('subscriptions cannot switch between events and triggers');
    }
    Object.assign(webhook, wanted, { updatedAt: stamp(state) });
  };

  return {
    webhooks,
    register: ({ name, endpoint }) =>
      add(
        {
          name,
          endpoint,
          status: 'active',
          http_method: 'POST',
          request_format: 'json',
          subscriptions: [STATUS_CHANGED],
        },
        String(state.apiUserId),
      ),
    routes: [
      {
        method: 'get',
        path: '/webhooks',
        resource,
        adminOnly: true,
        handle: (call) => listWebhooks(webhooks, call),
      },
      {
        method: 'post',
        path: '/webhooks',
        resource,
        adminOnly: true,
        handle: ({ body, user }) => ({
          status: 201,
          body: { webhook: presentWebhook(add(readEnvelope(body), String(user.id))) },
        }),
      },
      {
        method: 'get',
        path: '/webhooks/:id',
        resource,
        adminOnly: true,
        handle: ({ params }) => ({ body: { webhook: presentWebhook(find(params.id)) } }),
      },
      {
        method: 'put',
        path: '/webhooks/:id',
        resource,
        adminOnly: true,
        handle: ({ params, body }) => {
          change(params.id, readEnvelope(body));
          return { status: 204 };
        },
      },
      {
        method: 'patch',
        path: '/webhooks/:id',
        resource,
        adminOnly: true,
        handle: ({ params, body }) => {
          const webhook = find(params.id);
          const current = { ...presentWebhook(webhook), authentication: webhook.authentication };
          change(params.id, { ...current, ...readEnvelope(body) });
          return { status: 204 };
        },
      },
      {
        method: 'delete',
        path: '/webhooks/:id',
        resource,
        adminOnly: true,
        handle: ({ params }) => {
          webhooks.delete(find(params.id).id);
          return { status: 204 };
        },
      },
      {
        method: 'get',
        path: '/webhooks/:id/signing_secret',
        resource,
        adminOnly: true,
        handle: ({ params }) => ({ body: presentSecret(find(params.id)) }),
      },
      {
        method: 'post',
        path: '/webhooks/:id/signing_secret',
        resource,
        adminOnly: true,
        handle: ({ params }) => {
          const webhook = find(params.id);
          webhook.signingSecret = newSigningSecret();
          return { status: 201, body: presentSecret(webhook) };
        },
      },
    ],
  };
}

function listWebhooks(webhooks: ReadonlyMap<string, Webhook>, { query, url }: ApiCall): { body: unknown } {
  const text = (query.get('filter[name_contains]') ?? '').toLowerCase();
  const status = query.get('filter[status]');
  const size = Number(query.get('page[size]') ?? '100');
  if (!Number.isInteger(size) || size < 1 || size > 100)
    throw invalid('page[size] must be between 1 and 100');
  const after = query.get('page[after]') ?? '';
  // Ids sort by age, so the last one of a page is its cursor.
  const rows = [...webhooks.values()]
    .filter(
      (webhook) =>
        webhook.name.toLowerCase().includes(text) && (status === null || webhook.status === status),
    )
    .filter((webhook) => webhook.id > after);
  const page = rows.slice(0, size);
  const cursor = page.at(-1)?.id ?? null;
  const hasMore = rows.length > page.length;
  const next = new URLSearchParams(query);
  next.set('page[after]', cursor ?? '');
  return {
    body: {
      webhooks: page.map(presentWebhook),
      meta: { has_more: hasMore, after_cursor: cursor, before_cursor: page[0]?.id ?? null },
      links: { next: hasMore ? `${url}/api/v2/webhooks?${next}` : null, prev: null },
    },
  };
}

function presentWebhook(webhook: Webhook): Record<string, unknown> {
  return {
    id: webhook.id,
    name: webhook.name,
    description: webhook.description,
    endpoint: webhook.endpoint,
    status: webhook.status,
    http_method: webhook.httpMethod,
    request_format: webhook.requestFormat,
    subscriptions: webhook.subscriptions,
    created_at: instant(webhook.createdAt),
    created_by: webhook.createdBy,
    updated_at: instant(webhook.updatedAt),
    updated_by: webhook.createdBy,
    ...(webhook.authentication === null
      ? {}
      : { authentication: { type: webhook.authentication.type, add_position: 'header' } }),
  };
}

function presentSecret(webhook: Webhook): Record<string, unknown> {
  return { signing_secret: { secret: webhook.signingSecret, algorithm: 'SHA256' } };
}

function readEnvelope(body: unknown): JsonObject {
  if (!isObject(body) || !isObject(body.webhook)) throw invalid('webhook must be an object');
  return body.webhook;
}

type WebhookAttributes = Omit<Webhook, 'id' | 'createdAt' | 'createdBy' | 'signingSecret' | 'updatedAt'>;

function readWebhook(attributes: JsonObject): WebhookAttributes {
  const { name, endpoint, status, http_method: httpMethod, request_format: requestFormat } = attributes;
  if (typeof name !== 'string' || name === '') throw invalid('name is required');
  if (typeof endpoint !== 'string' || !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    throw invalid('endpoint must be a URL');
  }
  if (status !== 'active' && status !== 'inactive') throw invalid('status must be active or inactive');
  if (typeof httpMethod !== 'string' || !/^(GET|POST|PUT|PATCH|DELETE)$/.test(httpMethod)) {
    throw invalid('http_method must be GET, POST, PUT, PATCH or DELETE');
  }
  if (typeof requestFormat !== 'string' || !/^(json|xml|form_encoded)$/.test(requestFormat)) {
    throw invalid('request_format must be json, xml or form_encoded');
  }
  const subscriptions = readSubscriptions(attributes.subscriptions);
  if (!isConditional(subscriptions) && (httpMethod !== 'POST' || requestFormat !== 'json')) {
    throw invalid('event webhooks must use POST and json');
  }
  const description = typeof attributes.description === 'string' ? attributes.description : null;
  const authentication = readAuthentication(attributes.authentication);
  return { name, description, endpoint, status, httpMethod, requestFormat, subscriptions, authentication };
}

function readSubscriptions(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) throw invalid('subscriptions is required');
  const subscriptions = value.map(String);
  if (!subscriptions.every((one) => one === CONDITIONAL || /^zen:event-type:[a-z_]+\.[a-z_]+$/.test(one))) {
    throw invalid('subscriptions must be event types or conditional_ticket_events');
  }
  if (isConditional(subscriptions) && subscriptions.length > 1) {
    throw invalid('conditional_ticket_events cannot be mixed with event types');
  }
  return subscriptions;
}

function isConditional(subscriptions: readonly string[]): boolean {
  return subscriptions.includes(CONDITIONAL);
}

function readAuthentication(value: unknown): WebhookAuthentication | null {
  if (value === undefined || value === null) return null;
  const type = isObject(value) ? value.type : undefined;
  if (!isObject(value) || (type !== 'bearer_token' && type !== 'basic_auth' && type !== 'api_key')) {
    throw invalid('authentication.type must be bearer_token, basic_auth or api_key');
  }
  return { type, data: isObject(value.data) ? value.data : {} };
}

function invalid(detail: string): Refusal {
  return webhookRefusal(400, 'InvalidWebhook', 'Invalid webhook', detail);
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID: ten characters of time, sixteen that count instead of being random. */
function newWebhookId(count: number, at: Date): string {
  return encode(at.getTime(), 10) + encode(count, 16);
}

function encode(value: number, length: number): string {
  let rest = value;
  let text = '';
  while (text.length < length) {
    text = CROCKFORD.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
