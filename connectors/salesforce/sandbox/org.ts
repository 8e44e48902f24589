import type { Clock } from '../../../src/clock.ts';
import { makeId } from './ids.ts';
import type { ObjectDef, Org, SfRecord, Value } from './model.ts';
import { serviceObjects } from './schema.ts';
import { setupObjects } from './setup-schema.ts';
import { putRecord, stamp } from './transaction.ts';

/** How a new org differs from the plain one. */
export interface OrgOptions {
  readonly clock: Clock;
  readonly url: () => string;
  readonly activityExternalIds: boolean;
}

const API_USERNAME = 'robot@acme.example';

/** An org with two agents, their lead, two queues and no cases. */
export function createOrg({ clock, url, activityExternalIds }: OrgOptions): Org {
  const org: Org = {
    now: () => clock.now(),
    url,
    id: makeId('00D', 1),
    objects: new Map([...serviceObjects(), ...setupObjects()].map((one) => [one.name.toLowerCase(), one])),
    records: new Map(),
    counters: new Map(),
    validationRules: [],
    lockedIds: new Set(),
    takenRows: new Map(),
    commitListeners: [],
    customerMails: [],
    missingRights: new Set(),
    activityExternalIds,
    apiUserId: '',
    lastStampMs: 0,
  };
  seedSetup(org);
  org.apiUserId = addUser(org, { name: 'Caseloop Robot', email: API_USERNAME }).id;
  addUser(org, { name: 'Maya Lindqvist', email: 'maya@acme.example' });
  addUser(org, { name: 'Tom Okafor', email: 'tom@acme.example' });
  addUser(org, { name: 'Lena Vogt', email: 'lead@acme.example' });
  addUser(org, { name: 'Automated Process', email: 'process@acme.example', userType: 'AutomatedProcess' });
  for (const name of ['Support', 'Billing']) addQueue(org, name, ['Case']);
  return org;
}

/** The object of that name, for names that the sandbox itself uses. */
export function objectOf(org: Org, name: string): ObjectDef {
  const object = org.objects.get(name.toLowerCase());
  if (object === undefined) throw new Error(`the sandbox has no object ${name}`);
  return object;
}

/** Stores a record as it is, in the name of the API user. */
export function seed(org: Org, objectName: string, values: Readonly<Record<string, Value>>): SfRecord {
  return putRecord(org, objectOf(org, objectName), values, {
    userId: org.apiUserId,
    stampMs: stamp(org),
  });
}

/** Adds an active user of the org. */
export function addUser(
  org: Org,
  { name, email, userType = 'Standard' }: { name: string; email: string; userType?: string },
): SfRecord {
  const [first = '', ...rest] = name.split(' ');
  return seed(org, 'User', {
    Username: email,
    FirstName: rest.length > 0 ? first : null,
    LastName: rest.length > 0 ? rest.join(' ') : first,
    Name: name,
    Email: email,
    Alias: first.slice(0, 8).toLowerCase(),
    IsActive: true,
    UserType: userType,
    ManagerId: null,
    ProfileId: [...(org.records.get('Profile')?.keys() ?? [])][0] ?? null,
    LanguageLocaleKey: 'en_US',
    LocaleSidKey: 'en_GB',
    TimeZoneSidKey: 'Europe/Berlin',
  });
}

/** Adds a queue that takes records of these objects. */
export function addQueue(org: Org, name: string, objectNames: readonly string[]): SfRecord {
  const developerName = name.replaceAll(/[^A-Za-z0-9]+/g, '_');
  const queue = seed(org, 'Group', { Name: name, DeveloperName: developerName, Type: 'Queue', Email: null });
  for (const SobjectType of objectNames) seed(org, 'QueueSobject', { QueueId: queue.id, SobjectType });
  return queue;
}

function seedSetup(org: Org): void {
  const organization = putRecord(
    org,
    objectOf(org, 'Organization'),
    {
      Name: 'Acme Support',
      InstanceName: 'EU5',
      IsSandbox: false,
      OrganizationType: 'Enterprise Edition',
      LanguageLocaleKey: 'en_US',
      DefaultLocaleSidKey: 'en_GB',
      TimeZoneSidKey: 'Europe/Berlin',
    },
    { userId: '', stampMs: stamp(org) },
  );
  if (organization.id !== org.id) throw new Error('the sandbox numbers its organization wrongly');
  seed(org, 'Profile', { Name: 'Minimum Access - API Only Integrations' });
  seedList(
    org,
    'CaseStatus',
    ['New', 'Working', 'Waiting on Customer', 'Escalated', 'Closed', 'Closed - Duplicate'],
    {
      IsClosed: (label) => label.startsWith('Closed'),
    },
  );
  seedList(org, 'TaskStatus', ['Not Started', 'In Progress', 'Completed', 'Deferred'], {
    IsClosed: (label) => label === 'Completed',
  });
  seedList(org, 'TaskPriority', ['High', 'Normal', 'Low'], {
    IsHighPriority: (label) => label === 'High',
  });
}

function seedList(
  org: Org,
  objectName: string,
  labels: readonly string[],
  flags: Readonly<Record<string, (label: string) => boolean>>,
): void {
  for (const [at, label] of labels.entries()) {
    seed(org, objectName, {
      MasterLabel: label,
      ApiName: label,
      SortOrder: at + 1,
      IsDefault: at === 0,
      ...Object.fromEntries(Object.entries(flags).map(([name, is]) => [name, is(label)])),
    });
  }
}
