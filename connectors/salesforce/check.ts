import { z } from 'zod';
import type { Account, ConnectorContext, Finding } from '../../src/connector.ts';
import { FIELD_NAMES, FIELD_TITLES, LOW_SCORE_VIEW_TITLE } from '../../src/domain/fields.ts';
import { AuthError, CaseloopError, RetryableError } from '../../src/errors.ts';
import type { SalesforceApi } from './client.ts';
import type { Config } from './config.ts';
import { FIELD_API_NAMES } from './fields.ts';
import { Forbidden } from './refusal.ts';
import { Organization } from './schema.ts';
import {
  findAssignment,
  findChannelMember,
  findFieldPermissions,
  findFields,
  findListView,
  findPermissionSet,
  PERMISSION_SET,
} from './setup.ts';

const ok = (what: string, detail: string): Finding => ({ what, level: 'ok', detail, fix: null });

/**
 * Looks at the org without changing anything. Throws AuthError when the credentials are refused or the API is closed to our
 * user, RetryableError when Salesforce cannot be asked.
 */
export async function checkAccount(
  api: SalesforceApi,
  config: Config,
  context: ConnectorContext,
): Promise<Account> {
  const name = await readName(api);
  const findings: Finding[] = [ok('credentials', 'the API can be used')];
  const look = async (what: string, probe: () => Promise<Finding>): Promise<void> => {
    findings.push(await probing(what, probe));
  };
  await look('cases', () => checkReading(api));
  await look('case fields', () => checkFields(api, context));
  await look('permission set', () => checkPermissions(api, context));
  await look('list view', () => checkListView(api, context));
  if (config.stream) await look('change events', () => checkChangeEvents(api, context));
  findings.push(checkUsage(api, config));
  return { name, findings };
}

/** The first call: a user without "API Enabled" is refused here. */
async function readName(api: SalesforceApi): Promise<string> {
  try {
    const [org] = await api.rows(Organization, 'SELECT Name FROM Organization');
    return org?.Name ?? new URL(api.orgUrl).host;
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    throw new AuthError('Salesforce: the credentials are known, but the API is closed to their user', {
      fix: 'Give the user Caseloop acts as "API Enabled", and check that the edition of the org has the API.',
      cause: error,
    });
  }
}

async function checkReading(api: SalesforceApi): Promise<Finding> {
  await api.rows(z.unknown(), 'SELECT Id FROM Case LIMIT 1');
  return ok('cases', 'cases can be read; all of them only with "View All Records"');
}

async function checkFields(api: SalesforceApi, context: ConnectorContext): Promise<Finding> {
  const there = await findFields(api);
  const missing = FIELD_NAMES.filter((name) => !there.has(name));
  if (missing.length > 0) {
    const titles = missing.map((name) => `"${FIELD_TITLES[name]}"`).join(', ');
    return { what: 'case fields', level: 'error', detail: `missing: ${titles}`, fix: provisionFix(context) };
  }
  // Field-level security hides a field as if it were not there; reading is the proof.
  const names = FIELD_NAMES.map((name) => FIELD_API_NAMES[name]).join(',');
  await api.rows(z.unknown(), `SELECT ${names} FROM Case LIMIT 1`);
  return ok('case fields', 'all seven are there and our user sees them');
}

async function checkPermissions(api: SalesforceApi, context: ConnectorContext): Promise<Finding> {
  const what = 'permission set';
  const wrong = (detail: string): Finding => ({ what, level: 'error', detail, fix: provisionFix(context) });
  const setId = await findPermissionSet(api);
  if (setId === null) return wrong(`there is no permission set "${PERMISSION_SET}"`);
  const editable = (await findFieldPermissions(api, setId)).filter(({ PermissionsEdit }) => PermissionsEdit);
  if (editable.length < FIELD_NAMES.length)
    return wrong(`"${PERMISSION_SET}" does not let its users fill all seven fields`);
  const userId = await api.userId();
  if (userId === null || !(await findAssignment(api, setId, userId)))
    return wrong(`"${PERMISSION_SET}" is not assigned to the user Caseloop acts as`);
  return ok(what, 'assigned, and all seven fields can be filled');
}

async function checkListView(api: SalesforceApi, context: ConnectorContext): Promise<Finding> {
  if (await findListView(api)) return ok('list view', `"${LOW_SCORE_VIEW_TITLE}" is there`);
  const detail = `there is no list view "${LOW_SCORE_VIEW_TITLE}"`;
  return { what: 'list view', level: 'warning', detail, fix: provisionFix(context) };
}

async function checkChangeEvents(api: SalesforceApi, context: ConnectorContext): Promise<Finding> {
  const what = 'change events';
  const found = await findChannelMember(api);
  if (found === 'there') return ok(what, 'Change Data Capture is on for Case');
  if (found === 'missing')
    return {
      what,
      level: 'error',
      detail: 'Change Data Capture is off for Case',
      fix: provisionFix(context),
    };
  return {
    what,
    level: 'warning',
    detail: 'our user may not see whether Change Data Capture is on for Case',
    fix: 'Look in Setup > Integrations > Change Data Capture, or give the user "View Setup and Configuration".',
  };
}

/** What the calls just made were told: no call of its own. */
function checkUsage(api: SalesforceApi, config: Config): Finding {
  const what = 'API usage';
  const usage = api.budget.usage();
  if (usage === null) return ok(what, 'Salesforce does not say how many calls are used');
  const percent = Math.floor((usage.used / usage.limit) * 100);
  const detail = `${percent} % of ${usage.limit} calls of the last 24 hours are used`;
  if (!api.budget.isSpent()) return ok(what, detail);
  return {
    what,
    level: 'warning',
    detail: `${detail}, above the budget of ${Math.round(config.apiBudget * 100)} %, so watching has slowed down`,
    fix: 'Find out in Setup > Company Information which integration uses them, or raise apiBudget.',
  };
}

function provisionFix(context: ConnectorContext): string {
  return `Run \`caseloop provision ${context.name} --apply\`.`;
}

/** What an admin must put right is a line of the report; a refused credential or a vendor that cannot be asked ends it. */
async function probing(what: string, probe: () => Promise<Finding>): Promise<Finding> {
  try {
    return await probe();
  } catch (error) {
    const isForAdmin =
      error instanceof CaseloopError && !(error instanceof RetryableError) && !(error instanceof AuthError);
    if (!isForAdmin) throw error;
    const fix = error.fix ?? 'Read the message, put it right in Salesforce and check again.';
    return { what, level: 'error', detail: error.message, fix };
  }
}
