import type { Account, ConnectorContext, Finding } from '../../src/connector.ts';
import { FIELD_NAMES, FIELD_TITLES, LOW_SCORE_VIEW_TITLE } from '../../src/domain/fields.ts';
import { AuthError, CaseloopError, RetryableError } from '../../src/errors.ts';
import { SCOPE } from './auth.ts';
import type { ZendeskApi } from './client.ts';
import type { Config } from './config.ts';
import { findFields, isActive } from './fields.ts';
import { findView, findWebhooks, missingSubscriptions } from './provision.ts';
import { Forbidden, TokenRefused } from './refusal.ts';
import { ExportPage, TicketList } from './schema.ts';
import { findUserFields } from './user-fields.ts';

const ok = (what: string, detail: string): Finding => ({ what, level: 'ok', detail, fix: null });

/**
 * Looks at the account without changing anything. It never asks `users/me`, which answers 200 with an anonymous user when
 * the credentials are wrong or missing. Costs one of the account's 10 exports a minute.
 *
 * Throws AuthError when the credentials are refused or may not read tickets, RetryableError when Zendesk cannot be asked.
 */
export async function checkAccount(
  api: ZendeskApi,
  config: Config,
  context: ConnectorContext,
): Promise<Account> {
  const findings: Finding[] = [await checkReading(api), ...(await checkCredentials(api, config))];
  findings.push(...(await probe('incremental export', () => checkExport(api, context))));
  findings.push(...(await probe('ticket fields', () => checkFields(api, context))));
  if (context.needs.userFields === true)
    findings.push(...(await probe('user fields', () => checkUserFields(api, context))));
  findings.push(...(await probe('webhook', () => checkWebhook(api, context))));
  findings.push(...(await probe('view', () => checkView(api, context))));
  return { name: new URL(config.baseUrl).host, findings };
}

/** A scope that Zendesk does not know is granted all the same, and every call is then forbidden: only a real read proves it. */
async function checkReading(api: ZendeskApi): Promise<Finding> {
  try {
    const { tickets } = await api.read('tickets.json', { 'page[size]': '1' }, TicketList);
    if (tickets.length > 0) return ok('credentials', 'tickets can be read');
    return {
      what: 'credentials',
      level: 'warning',
      detail: 'accepted, but no ticket is visible, so reading is not proved',
      fix: 'Open a test ticket, or let the user behind the credentials see all tickets; then check again.',
    };
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    throw new AuthError('Zendesk: the credentials are known, but may not read tickets', {
      fix: `Allow the scopes "${SCOPE}" on the OAuth client and make the user behind it an administrator.`,
      cause: error,
    });
  }
}

async function checkCredentials(api: ZendeskApi, config: Config): Promise<readonly Finding[]> {
  if ('apiToken' in config.auth) {
    return [
      {
        what: 'API token',
        level: 'warning',
        detail: 'Zendesk stops all API tokens on 2027-04-30',
        fix: 'Make an OAuth client in the Zendesk Admin Center and set auth.clientId and auth.clientSecret.',
      },
    ];
  }
  const granted = await api.grantedScope();
  if (granted === null)
    return [ok('scopes', 'Zendesk does not say what it granted; the reads below prove what works')];
  const names = granted.split(/[\s,]+/);
  const missing = SCOPE.split(' ').filter((scope) => !names.includes(scope));
  if (missing.length === 0) return [ok('scopes', granted)];
  return [
    {
      what: 'scopes',
      level: 'error',
      detail: `asked for "${SCOPE}", granted "${granted}"`,
      fix: `Allow ${missing.map((scope) => `"${scope}"`).join(' and ')} on the OAuth client in the Zendesk Admin Center.`,
    },
  ];
}

/** Exports are for administrators only, which no other call tells. */
async function checkExport(api: ZendeskApi, context: ConnectorContext): Promise<readonly Finding[]> {
  const start = Math.floor(context.clock.now().getTime() / 1_000) - 600;
  try {
    api.requireLimit('incremental-exports');
    await api.read(
      'incremental/tickets/cursor.json',
      { start_time: String(start), per_page: '1' },
      ExportPage,
    );
  } catch (error) {
    if (!(error instanceof RetryableError) || error.scope !== 'endpoint' || error.retryAfterMs === null)
      throw error;
    return [
      {
        what: 'incremental export',
        level: 'warning',
        detail: "not checked: this minute's exports are used up",
        fix: 'Check again in a minute; if this stays, find out which other tool exports tickets.',
      },
    ];
  }
  return [ok('incremental export', 'changed tickets can be read')];
}

async function checkFields(api: ZendeskApi, context: ConnectorContext): Promise<readonly Finding[]> {
  const fields = await findFields(api);
  const absent = FIELD_NAMES.filter((name) => {
    const field = fields.get(name);
    return field === undefined || !isActive(field);
  });
  if (absent.length === 0) return [ok('ticket fields', 'all seven are there')];
  return [
    {
      what: 'ticket fields',
      level: 'error',
      detail: `missing or not active: ${absent.map((name) => `"${FIELD_TITLES[name]}"`).join(', ')}`,
      fix: provisionFix(context),
    },
  ];
}

async function checkUserFields(api: ZendeskApi, context: ConnectorContext): Promise<readonly Finding[]> {
  const fields = await findUserFields(api);
  const absent = FIELD_NAMES.filter((name) => {
    const field = fields.get(name);
    return field === undefined || !isActive(field);
  });
  if (absent.length === 0) return [ok('user fields', 'all seven are there')];
  return [
    {
      what: 'user fields',
      level: 'error',
      detail: `missing or not active: ${absent.map((name) => `"${FIELD_TITLES[name]}"`).join(', ')}`,
      fix: provisionFix(context),
    },
  ];
}

async function checkWebhook(api: ZendeskApi, context: ConnectorContext): Promise<readonly Finding[]> {
  const [webhook] = await findWebhooks(api, context.webhookUrl);
  const wrong = (detail: string, fix: string): readonly Finding[] => [
    { what: 'webhook', level: 'error', detail, fix },
  ];
  if (webhook === undefined) return wrong(`none pushes to ${context.webhookUrl}`, provisionFix(context));
  if (webhook.status !== 'active') return wrong('it is there, but not active', provisionFix(context));
  if (webhook.subscriptions?.includes('conditional_ticket_events')) {
    return [
      {
        what: 'webhook',
        level: 'warning',
        detail: 'it is called by triggers, so only what they name reaches Caseloop at once',
        fix: 'Check that a trigger calls it when a ticket is solved and when it is reopened.',
      },
    ];
  }
  const missing = missingSubscriptions(webhook);
  if (missing.length > 0)
    return wrong(`it does not subscribe to ${missing.join(', ')}`, provisionFix(context));
  return [ok('webhook', 'active, with all subscriptions')];
}

async function checkView(api: ZendeskApi, context: ConnectorContext): Promise<readonly Finding[]> {
  const view = await findView(api);
  if (view !== null && isActive(view)) return [ok('view', `"${LOW_SCORE_VIEW_TITLE}" is there`)];
  const detail =
    view === null ? `there is no view "${LOW_SCORE_VIEW_TITLE}"` : `"${LOW_SCORE_VIEW_TITLE}" is not active`;
  return [{ what: 'view', level: 'warning', detail, fix: provisionFix(context) }];
}

function provisionFix(context: ConnectorContext): string {
  return `Run \`caseloop provision ${context.name} --apply\`.`;
}

/** What an admin must put right is a line of the report; a refused credential or a vendor that cannot be asked ends it. */
async function probe(what: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const isForAdmin =
      error instanceof CaseloopError &&
      !(error instanceof RetryableError) &&
      !(error instanceof TokenRefused);
    if (!isForAdmin) throw error;
    const fix = error.fix ?? 'Read the message, put it right in Zendesk and check again.';
    return [{ what, level: 'error', detail: error.message, fix }];
  }
}
