import { z } from 'zod';
import type { ConnectorContext, ProvisionStep } from '../../src/connector.ts';
import { FIELD_NAMES, FIELD_TITLES, type FieldName, LOW_SCORE_VIEW_TITLE } from '../../src/domain/fields.ts';
import type { ZendeskApi } from './client.ts';
import { FIELD_TYPES, findFields, isActive, LEVEL_VALUES } from './fields.ts';
import { TicketField, UserField, View, Webhook } from './schema.ts';
import { findUserFields, USER_FIELD_KEYS, USER_FIELD_TYPES } from './user-fields.ts';

/** The events we ask for. A webhook cannot later switch between events and triggers (2026-11-21). */
const SUBSCRIPTIONS: readonly string[] = [
  'zen:event-type:ticket.status_changed',
  'zen:event-type:ticket.merged',
];

const FIELD_NOTES: Readonly<Record<FieldName, string>> = {
  score: 'Score the customer gave. Written by Caseloop.',
  rating: 'The score in words. Written by Caseloop.',
  level: 'Low, neutral or high. Written by Caseloop; views and triggers can filter on it.',
  comment: 'What the customer wrote. Written by Caseloop.',
  reasons: 'Reasons the customer picked. Written by Caseloop.',
  answeredAt: 'When the customer answered, in UTC. Written by Caseloop.',
  link: 'The case in Caseloop, with all that is known about the answer. Written by Caseloop.',
};

const LEVEL_OPTIONS: readonly { readonly name: string; readonly value: string }[] = [
  { name: 'Low', value: LEVEL_VALUES.low },
  { name: 'Neutral', value: LEVEL_VALUES.neutral },
  { name: 'High', value: LEVEL_VALUES.high },
];

const FORMS_BY_HAND = '; an account with several ticket forms adds the new fields to them by hand';

/** A step and what makes it. `apply` is absent for what only a person can do. */
interface Change extends ProvisionStep {
  readonly apply?: () => Promise<unknown>;
}

/**
 * Seven ticket fields, as many user fields where late answers go there, one webhook, one view. Everything is found by title and type (the webhook by its address), so applying
 * twice changes nothing. What an admin has changed beyond that is left alone. If a step fails, the ones before it stand and
 * the next run goes on from there.
 */
export async function provisionAccount(
  api: ZendeskApi,
  context: ConnectorContext,
  mode: 'plan' | 'apply',
): Promise<readonly ProvisionStep[]> {
  const changes = [
    ...(await planFields(api)),
    ...(context.needs.userFields === true ? await planUserFields(api) : []),
    ...(await planWebhook(api, context)),
    ...(await planView(api)),
  ];
  if (mode === 'apply') {
    for (const change of changes) {
      await change.apply?.();
      context.log.info({ action: change.action, what: change.what }, 'provisioned');
    }
  }
  return changes.map(({ action, what, detail }) => ({ action, what, detail }));
}

/** The webhooks that push to our address, active ones first. */
export async function findWebhooks(api: ZendeskApi, webhookUrl: string): Promise<readonly Webhook[]> {
  const all = await api.list(Webhook, (zendesk) => zendesk.webhooks.list());
  const ours = all.filter((webhook) => webhook.endpoint === webhookUrl);
  return ours.sort((a, b) => Number(b.status === 'active') - Number(a.status === 'active'));
}

/** Our view, or null. Titles are not unique in Zendesk: an active one wins. */
export async function findView(api: ZendeskApi): Promise<View | null> {
  const all = await api.list(View, (zendesk) => zendesk.views.list());
  const same = all.filter((view) => view.title === LOW_SCORE_VIEW_TITLE);
  return same.find(isActive) ?? same[0] ?? null;
}

/** The subscriptions of ours that this webhook lacks. */
export function missingSubscriptions(webhook: Webhook): readonly string[] {
  return SUBSCRIPTIONS.filter((name) => !webhook.subscriptions?.includes(name));
}

async function planFields(api: ZendeskApi): Promise<readonly Change[]> {
  const fields = await findFields(api);
  const last = FIELD_NAMES.findLast((name) => !fields.has(name));
  return FIELD_NAMES.flatMap((name) => {
    const field = fields.get(name);
    return field === undefined ? [createField(api, name, name === last)] : updateField(api, name, field);
  });
}

/** The last one says for all of them what is left to a person. */
function createField(api: ZendeskApi, name: FieldName, isLast: boolean): Change {
  const ticket_field = {
    type: FIELD_TYPES[name],
    title: FIELD_TITLES[name],
    agent_description: FIELD_NOTES[name],
    ...(name === 'level' ? { custom_field_options: LEVEL_OPTIONS } : {}),
  };
  return {
    action: 'create',
    what: `ticket field "${FIELD_TITLES[name]}"`,
    detail: `type ${FIELD_TYPES[name]}, seen by agents only${isLast ? FORMS_BY_HAND : ''}`,
    apply: () => api.call(FieldAnswer, (zendesk) => zendesk.ticketfields.create({ ticket_field })),
  };
}

function updateField(api: ZendeskApi, name: FieldName, field: TicketField): readonly Change[] {
  const wanted: Record<string, unknown> = {};
  const details: string[] = [];
  if (!isActive(field)) {
    wanted.active = true;
    details.push('activate it');
  }
  const options = field.custom_field_options ?? [];
  const missing =
    name === 'level' ? LEVEL_OPTIONS.filter((one) => !options.some(({ value }) => value === one.value)) : [];
  if (missing.length > 0) {
    // The list replaces the field's own, so what stands there is sent along.
    wanted.custom_field_options = [...options, ...missing];
    details.push(`add the options ${missing.map(({ value }) => value).join(', ')}`);
  }
  if (details.length === 0) return [];
  return [
    {
      action: 'update',
      what: `ticket field "${FIELD_TITLES[name]}"`,
      detail: details.join('; '),
      apply: () =>
        api.call(FieldAnswer, (zendesk) =>
          zendesk.ticketfields.put(['ticket_fields', field.id], { ticket_field: wanted }),
        ),
    },
  ];
}

/** Fields on people, for accounts whose late answers go there. */
async function planUserFields(api: ZendeskApi): Promise<readonly Change[]> {
  const fields = await findUserFields(api);
  return FIELD_NAMES.flatMap((name): readonly Change[] => {
    const field = fields.get(name);
    const what = `user field "${FIELD_TITLES[name]}"`;
    if (field === undefined) {
      const user_field = {
        type: USER_FIELD_TYPES[name],
        key: USER_FIELD_KEYS[name],
        title: FIELD_TITLES[name],
        description: FIELD_NOTES[name],
      };
      return [
        {
          action: 'create',
          what,
          detail: `type ${USER_FIELD_TYPES[name]}, on every person; filled when a ticket can no longer be written`,
          apply: () =>
            api.call(UserFieldAnswer, (zendesk) => zendesk.userfields.post(['user_fields'], { user_field })),
        },
      ];
    }
    if (isActive(field)) return [];
    return [
      {
        action: 'update',
        what,
        detail: 'activate it',
        apply: () =>
          api.call(UserFieldAnswer, (zendesk) =>
            zendesk.userfields.put(['user_fields', field.id], { user_field: { active: true } }),
          ),
      },
    ];
  });
}

async function planWebhook(api: ZendeskApi, context: ConnectorContext): Promise<readonly Change[]> {
  const [webhook] = await findWebhooks(api, context.webhookUrl);
  const what = `webhook to ${context.webhookUrl}`;
  if (webhook === undefined) {
    const wanted = {
      name: `Caseloop (${context.name})`,
      status: 'active',
      endpoint: context.webhookUrl,
      http_method: 'POST',
      request_format: 'json',
      subscriptions: SUBSCRIPTIONS,
    };
    return [
      {
        action: 'create',
        what,
        detail: `subscribed to ${SUBSCRIPTIONS.join(', ')}`,
        apply: () =>
          api.call(WebhookAnswer, (zendesk) => zendesk.webhooks.post(['webhooks'], { webhook: wanted })),
      },
    ];
  }
  // Zendesk turns no trigger webhook into an event webhook; its trigger may well call us, so it is not ours to remove.
  if (webhook.subscriptions?.includes('conditional_ticket_events')) {
    if (webhook.status === 'active') return [];
    return [
      {
        action: 'manual',
        what,
        detail: 'it is called by triggers and not active: activate it in the Admin Center',
      },
    ];
  }
  const missing = missingSubscriptions(webhook);
  if (webhook.status === 'active' && missing.length === 0) return [];
  const subscriptions = [...(webhook.subscriptions ?? []), ...missing];
  return [
    {
      action: 'update',
      what,
      detail: [
        webhook.status === 'active' ? '' : 'activate it',
        ...missing.map((name) => `subscribe to ${name}`),
      ]
        .filter((part) => part !== '')
        .join('; '),
      apply: () =>
        // PATCH and not PUT, which would take away what an admin added, such as authentication.
        api.call(NoAnswer, (zendesk) =>
          zendesk.webhooks.patch(webhook.id, { webhook: { status: 'active', subscriptions } }),
        ),
    },
  ];
}

async function planView(api: ZendeskApi): Promise<readonly Change[]> {
  const view = await findView(api);
  const what = `view "${LOW_SCORE_VIEW_TITLE}"`;
  if (view === null) {
    return [
      {
        action: 'create',
        what,
        detail: `tickets with the tag ${LEVEL_VALUES.low}, latest change first`,
        apply: () => api.call(ViewAnswer, (zendesk) => zendesk.views.create({ view: lowScoreView() })),
      },
    ];
  }
  if (isActive(view)) return [];
  return [
    {
      action: 'update',
      what,
      detail: 'activate it',
      apply: () =>
        api.call(ViewAnswer, (zendesk) => zendesk.views.update(view.id, { view: { active: true } })),
    },
  ];
}

/**
 * Filters on the tag that the level's value becomes. A view must also name a status, type, group, assignee or requester;
 * "above new" leaves out nothing that was ever solved.
 * https://developer.zendesk.com/api-reference/ticketing/business-rules/views/ (2026-11-21)
 */
function lowScoreView(): Record<string, unknown> {
  return {
    title: LOW_SCORE_VIEW_TITLE,
    all: [
      { field: 'status', operator: 'greater_than', value: 'new' },
      { field: 'current_tags', operator: 'includes', value: LEVEL_VALUES.low },
    ],
    any: [],
    output: {
      columns: ['status', 'requester', 'assignee', 'updated'],
      sort_by: 'updated',
      sort_order: 'desc',
    },
  };
}

const FieldAnswer = z.object({ ticket_field: TicketField });
const UserFieldAnswer = z.object({ user_field: UserField });
const WebhookAnswer = z.object({ webhook: Webhook });
const ViewAnswer = z.object({ view: View });
/** A changed webhook is answered with 204 and nothing. */
const NoAnswer = z.unknown().optional();
