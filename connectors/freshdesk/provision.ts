import type { ConnectorContext, ProvisionStep } from '../../src/connector.ts';
import { LOW_SCORE_VIEW_TITLE } from '../../src/domain/fields.ts';
import type { FreshdeskApi } from './client.ts';
import type { Config } from './config.ts';
import { SECRET_HEADER } from './receive.ts';
import { TicketField } from './schema.ts';
import {
  FIELD_TYPES,
  findImpostor,
  LABELS,
  LEVELS,
  missingLevels,
  OWN_FIELDS,
  type OwnField,
  pickOwnFields,
} from './ticket-fields.ts';

/** A step and what makes it. `apply` is absent for what only a person can do. */
interface Change extends ProvisionStep {
  readonly apply?: () => Promise<unknown>;
}

/** The body of the rule's call, to be pasted as it stands: nothing but the id, since placeholders are not escaped. */
const PUSH_BODY = '{\n    "ticket_id": "{{ticket.id}}"\n  }';

/**
 * Eight ticket fields by the API; the automation rule and the view by hand, since Freshdesk documents no way to make them.
 * Fields are found by label and type, so applying twice changes nothing. If a step fails, the ones before it stand and the next
 * run goes on from there. https://developers.freshdesk.com/api/#create_ticket_field (2026-11-22)
 */
export async function provisionAccount(
  api: FreshdeskApi,
  config: Config,
  context: ConnectorContext,
  mode: 'plan' | 'apply',
): Promise<readonly ProvisionStep[]> {
  const changes = [
    ...(await planFields(api)),
    ...(await planRule(config, context)),
    {
      action: 'manual' as const,
      what: `view "${LOW_SCORE_VIEW_TITLE}"`,
      detail: `in Tickets, filter by "${LABELS.level}" is low and save the filter as "${LOW_SCORE_VIEW_TITLE}" for all agents; views cannot be made or seen through the API`,
    },
  ];
  if (mode === 'apply') {
    for (const change of changes) {
      if (change.apply === undefined) continue;
      await change.apply();
      context.log.info({ action: change.action, what: change.what }, 'provisioned');
    }
  }
  return changes.map(({ action, what, detail }) => ({ action, what, detail }));
}

/** The fields as administrators have them: refused for anybody else, which is what must be known before making any. */
export function readAdminFields(api: FreshdeskApi): Promise<readonly TicketField[]> {
  return api.get('admin/ticket_fields', {}, TicketField.array());
}

async function planFields(api: FreshdeskApi): Promise<readonly Change[]> {
  const all = await readAdminFields(api);
  const own = pickOwnFields(all);
  return OWN_FIELDS.flatMap((name): readonly Change[] => {
    const field = own.get(name);
    const what = `ticket field "${LABELS[name]}"`;
    const impostor = findImpostor(all, name);
    if (field === undefined && impostor !== null) {
      const detail = `there is one of type ${impostor.type}, and Freshdesk changes no types: rename or delete it, then provision again`;
      return [{ action: 'manual', what, detail }];
    }
    if (field === undefined) return [createField(api, name, what)];
    // The list of fields leaves the choices out for some accounts; check looks at them where agents see them.
    const missing = name === 'level' && field.choices !== undefined ? missingLevels(field) : [];
    if (missing.length === 0) return [];
    return [{ action: 'manual', what, detail: `add the choices ${missing.join(', ')}, in small letters` }];
  });
}

function createField(api: FreshdeskApi, name: OwnField, what: string): Change {
  const field = {
    label: LABELS[name],
    label_for_customers: LABELS[name],
    type: FIELD_TYPES[name],
    displayed_to_customers: false,
    customers_can_edit: false,
    required_for_closure: false,
    ...(name === 'level' ? { choices: LEVELS.map((value, at) => ({ value, position: at + 1 })) } : {}),
  };
  return {
    action: 'create',
    what,
    detail: `type ${FIELD_TYPES[name]}, seen by agents only`,
    apply: () => api.write('POST', 'admin/ticket_fields', field, TicketField),
  };
}

/** Nobody can ask Freshdesk for its rules. Once a push has come, there is one. */
async function planRule(config: Config, context: ConnectorContext): Promise<readonly Change[]> {
  const what = `automation rule that calls ${context.webhookUrl}`;
  if (config.webhookSecret === undefined) {
    const detail =
      'without webhookSecret no pushes are taken: make one with `openssl rand -hex 32`, set it, and provision again for the steps';
    return [{ action: 'manual', what, detail }];
  }
  if ((await context.pushedAt()) !== null) return [];
  return [{ action: 'manual', what, detail: ruleSteps(context.webhookUrl) }];
}

function ruleSteps(webhookUrl: string): string {
  return [
    'in Freshdesk, as an administrator:',
    '  1. Open Admin > Workflows > Automations, choose the tab "Ticket Updates" and click "New rule". Name it Caseloop.',
    '  2. "When an action performed by": Agent or requester. "Involves any of these events": Status is changed, from Any status to Any status.',
    '  3. "On tickets with these properties": leave it empty (remove the condition that is shown).',
    '  4. "Perform these actions": Trigger webhook. Request type POST. URL:',
    `  ${webhookUrl}`,
    '  5. Leave "Requires authentication" off. "Add custom headers", as one line, with the value of webhookSecret from your configuration:',
    `  ${SECRET_HEADER}: YOUR WEBHOOK SECRET`,
    '  6. Encoding JSON, content Advanced. Paste this body:',
    `  ${PUSH_BODY}`,
    '  7. "Preview and save", then "Save and enable". Close a test ticket: `caseloop check` says when the first push has come.',
  ].join('\n');
}
