import type { Account, ConnectorContext, Finding } from '../../src/connector.ts';
import { AuthError, CaseloopError, RetryableError } from '../../src/errors.ts';
import type { FreshdeskApi } from './client.ts';
import type { Config } from './config.ts';
import { readMe } from './names.ts';
import { readAccepted } from './native-rating.ts';
import { readAdminFields } from './provision.ts';
import { Forbidden } from './refusal.ts';
import { type Agent, BareTicket, type TicketField } from './schema.ts';
import {
  FIELD_TYPES,
  findImpostor,
  LABELS,
  missingLevels,
  OWN_FIELDS,
  pickOwnFields,
  readFields,
  readStatuses,
} from './ticket-fields.ts';

/** `ticket_scope` of an agent who sees all tickets (2026-11-22). */
const SEES_ALL = 1;

const ok = (what: string, detail: string): Finding => ({ what, level: 'ok', detail, fix: null });

const wrong = (what: string, detail: string, fix: string): Finding => ({ what, level: 'error', detail, fix });

/**
 * Looks at the account without changing anything. Costs five calls, six with `nativeRating`.
 *
 * Throws AuthError when the key is refused or may not read itself, RetryableError when Freshdesk cannot be asked.
 */
export async function checkAccount(
  api: FreshdeskApi,
  config: Config,
  context: ConnectorContext,
): Promise<Account> {
  const findings: Finding[] = [checkScope(await readAgent(api))];
  findings.push(...(await probe('tickets', () => checkReading(api))));
  findings.push(...(await probe('administrator', () => checkAdmin(api))));
  findings.push(...(await probe('ticket fields', () => checkFields(api, config, context))));
  if (config.nativeRating) findings.push(...(await probe('survey', () => checkSurvey(api))));
  findings.push(await checkPushes(config, context));
  return { name: new URL(config.baseUrl).host, findings };
}

async function readAgent(api: FreshdeskApi): Promise<Agent> {
  try {
    return await readMe(api);
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    throw new AuthError('Freshdesk: the API key is known, but its agent may not use the API', {
      fix: 'Use the API key of an administrator.',
      cause: error,
    });
  }
}

function checkScope({ ticket_scope: scope }: Agent): Finding {
  if (scope == null || scope === SEES_ALL) return ok('credentials', 'the API key is accepted');
  return wrong(
    'credentials',
    'the agent behind the API key sees only tickets of their groups or their own',
    'In Freshdesk open Admin > Team > Agents, edit that agent and set the scope to "All tickets".',
  );
}

async function checkReading(api: FreshdeskApi): Promise<readonly Finding[]> {
  await api.get('tickets', { per_page: '1' }, BareTicket.array());
  return [ok('tickets', 'can be read')];
}

async function checkAdmin(api: FreshdeskApi): Promise<readonly Finding[]> {
  await readAdminFields(api);
  return [ok('administrator', 'ticket fields can be managed')];
}

async function checkFields(
  api: FreshdeskApi,
  config: Config,
  context: ConnectorContext,
): Promise<readonly Finding[]> {
  const all = await readFields(api);
  return [...checkOwnFields(all, context), ...checkStatuses(all, config)];
}

function checkOwnFields(all: readonly TicketField[], context: ConnectorContext): readonly Finding[] {
  const own = pickOwnFields(all);
  const absent = OWN_FIELDS.filter((name) => !own.has(name));
  const impostors = absent.filter((name) => findImpostor(all, name) !== null);
  const level = own.get('level');
  const levels = level === undefined ? [] : missingLevels(level);
  if (impostors.length > 0) {
    const named = impostors.map((name) => `"${LABELS[name]}" (must be ${FIELD_TYPES[name]})`);
    const fix = 'Rename or delete these fields in Freshdesk, then run `caseloop provision` with --apply.';
    return [wrong('ticket fields', `of another type: ${named.join(', ')}`, fix)];
  }
  if (absent.length > 0) {
    const named = absent.map((name) => `"${LABELS[name]}"`).join(', ');
    const fix = `Run \`caseloop provision ${context.name} --apply\`.`;
    return [wrong('ticket fields', `missing: ${named}`, fix)];
  }
  if (levels.length > 0) {
    const fix = `In Freshdesk open Admin > Workflows > Ticket fields and add these choices to "${LABELS.level}".`;
    return [wrong('ticket fields', `"${LABELS.level}" does not offer ${levels.join(', ')}`, fix)];
  }
  return [ok('ticket fields', 'all six are there')];
}

function checkStatuses(all: readonly TicketField[], { closedStatuses }: Config): readonly Finding[] {
  const labels = [...readStatuses(all).values()].map((label) => label.toLowerCase());
  const unknown = closedStatuses.filter((label) => !labels.includes(label.toLowerCase()));
  if (unknown.length === 0) return [];
  const detail = `the account has no status ${unknown.map((label) => `"${label}"`).join(', ')}`;
  const fix = 'Write closedStatuses as agents see them under Admin > Workflows > Ticket fields > Status.';
  return [wrong('closedStatuses', detail, fix)];
}

async function checkSurvey(api: FreshdeskApi): Promise<readonly Finding[]> {
  if ((await readAccepted(api)).length > 0) return [ok('survey', 'an active one takes ratings')];
  const fix =
    'Activate a survey under Admin > Workflows > Customer satisfaction, or set nativeRating: false.';
  return [wrong('survey', 'nativeRating is on, but no survey is active', fix)];
}

/** Rules cannot be asked for; only a push that came proves one. */
async function checkPushes(config: Config, context: ConnectorContext): Promise<Finding> {
  const steps = `follow the steps that \`caseloop provision ${context.name}\` prints`;
  if (config.webhookSecret === undefined) {
    return {
      what: 'pushes',
      level: 'warning',
      detail: 'webhookSecret is not set, so closed tickets are noticed by polling alone',
      fix: `Make a secret with \`openssl rand -hex 32\`, set webhookSecret, and ${steps}.`,
    };
  }
  if ((await context.pushedAt()) !== null) return ok('pushes', 'the automation rule has called');
  return {
    what: 'pushes',
    level: 'warning',
    detail: 'none has come yet, so closed tickets are noticed by polling alone',
    fix: `Make the automation rule: ${steps}, then close a test ticket.`,
  };
}

/** What an admin must put right is a line of the report; a refused key or a vendor that cannot be asked ends it. */
async function probe(what: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const isForAdmin =
      error instanceof CaseloopError && !(error instanceof RetryableError) && !(error instanceof AuthError);
    if (!isForAdmin) throw error;
    return [
      wrong(what, error.message, error.fix ?? 'Read the message, put it right in Freshdesk and check again.'),
    ];
  }
}
