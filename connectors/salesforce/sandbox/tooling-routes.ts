import { createCustomField, deleteCustomField, updateCustomField } from './custom-fields.ts';
import { findRecord, readField, recordsOf } from './define.ts';
import { normaliseId } from './ids.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Org, SfRecord } from './model.ts';
import { objectOf } from './org.ts';
import { notFound, RowRefusal, refuse, unreadable } from './refusal.ts';
import { DATA_PATH, type RestCall, type RestReply, type RestRoute } from './rest.ts';
import { putRecord, stamp } from './transaction.ts';
import { presentValue } from './values.ts';

/** Objects that can be chosen for change events, and how many at once without an add-on. */
const EVENT_OBJECTS = ['Case', 'CaseComment', 'Task', 'Contact', 'Account', 'EmailMessage', 'User'];
const MOST_SELECTED = 5;

/** Custom fields and what change events are chosen for, by the Tooling API. */
export function toolingRoutes(org: Org): readonly RestRoute[] {
  const base = '/tooling/sobjects';
  const make =
    (work: (fullName: string, metadata: JsonObject) => SfRecord) =>
    (call: RestCall): RestReply => {
      requireCustomizing(org);
      const { FullName, Metadata, ...others } = readObject(call.body);
      const [unknown] = Object.keys(others);
      if (unknown !== undefined) {
        throw refuse(400, 'INVALID_FIELD', `No such column '${unknown}' on sobject of this type`);
      }
      if (typeof FullName !== 'string' || !isObject(Metadata)) {
        throw new RowRefusal('REQUIRED_FIELD_MISSING', 'Required fields are missing: [FullName, Metadata]', [
          'FullName',
          'Metadata',
        ]);
      }
      const { id } = work(FullName, Metadata);
      return { status: 201, body: { id, success: true, errors: [], warnings: [], infos: [] } };
    };
  return [
    {
      method: 'POST',
      path: `${base}/CustomField`,
      handle: make((fullName, metadata) => createCustomField(org, fullName, metadata)),
    },
    {
      method: 'GET',
      path: `${base}/CustomField/:id`,
      handle: ({ params }) => ({ body: present(org, require(org, 'CustomField', params.id)) }),
    },
    {
      method: 'PATCH',
      path: `${base}/CustomField/:id`,
      handle({ params, body }) {
        requireCustomizing(org);
        const { Metadata } = readObject(body);
        if (!isObject(Metadata)) throw unreadable('Metadata must be given');
        updateCustomField(org, require(org, 'CustomField', params.id), Metadata);
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      path: `${base}/CustomField/:id`,
      handle({ params }) {
        requireCustomizing(org);
        deleteCustomField(org, require(org, 'CustomField', params.id));
        return { status: 204 };
      },
    },
    {
      method: 'POST',
      path: `${base}/PlatformEventChannelMember`,
      handle: make((fullName, metadata) => selectForEvents(org, fullName, metadata)),
    },
    {
      method: 'GET',
      path: `${base}/PlatformEventChannelMember/:id`,
      handle: ({ params }) => ({ body: present(org, require(org, 'PlatformEventChannelMember', params.id)) }),
    },
    {
      method: 'DELETE',
      path: `${base}/PlatformEventChannelMember/:id`,
      handle({ params }) {
        requireCustomizing(org);
        const { id } = require(org, 'PlatformEventChannelMember', params.id);
        org.records.get('PlatformEventChannelMember')?.delete(id);
        return { status: 204 };
      },
    },
  ];
}

/** Throws a Refusal when the user may not change Setup. */
export function requireCustomizing(org: Org): void {
  if (!org.missingRights.has('customize application')) return;
  throw refuse(403, 'INSUFFICIENT_ACCESS', 'You need the Customize Application permission');
}

/** True when changes of the object are told as events. */
export function isSelectedForEvents(org: Org, objectName: string): boolean {
  return recordsOf(org, 'PlatformEventChannelMember').some(
    ({ values }) => values.SelectedEntity === `${objectName}ChangeEvent`,
  );
}

/** Chooses an object for the standard channel. Throws RowRefusal. */
export function selectForEvents(org: Org, fullName: string, metadata: JsonObject): SfRecord {
  const { eventChannel, selectedEntity } = metadata;
  const entity = EVENT_OBJECTS.find((name) => `${name}ChangeEvent` === selectedEntity);
  if (eventChannel !== 'ChangeEvents' || entity === undefined) {
    const message = `The channel or the entity cannot be selected: ${eventChannel}, ${selectedEntity}`;
    throw new RowRefusal('FIELD_INTEGRITY_EXCEPTION', message, ['Metadata']);
  }
  const selected = recordsOf(org, 'PlatformEventChannelMember');
  if (selected.some(({ values }) => values.SelectedEntity === selectedEntity)) {
    const message = `${selectedEntity} is already a member of ${eventChannel}`;
    throw new RowRefusal('DUPLICATE_VALUE', message, ['SelectedEntity']);
  }
  if (selected.length >= MOST_SELECTED) {
    throw new RowRefusal('LIMIT_EXCEEDED', `You can select at most ${MOST_SELECTED} entities`, []);
  }
  const values = {
    DeveloperName: fullName,
    MasterLabel: fullName,
    EventChannel: 'ChangeEvents',
    SelectedEntity: `${entity}ChangeEvent`,
  };
  const about = { userId: org.apiUserId, stampMs: stamp(org), metadata };
  return putRecord(org, objectOf(org, 'PlatformEventChannelMember'), values, about);
}

function readObject(body: unknown): JsonObject {
  if (isObject(body)) return body;
  throw unreadable('The HTTP entity body is required, but this request has no entity body.');
}

function require(org: Org, objectName: string, id: string | undefined): SfRecord {
  const record = findRecord(org, objectName, normaliseId(id));
  if (record === undefined) throw notFound();
  return record;
}

function present(org: Org, record: SfRecord): Record<string, unknown> {
  const fields = [...objectOf(org, record.objectName).fields.values()];
  return {
    attributes: {
      type: record.objectName,
      url: `${DATA_PATH}/tooling/sobjects/${record.objectName}/${record.id}`,
    },
    ...Object.fromEntries(fields.map((one) => [one.name, presentValue(one, readField(org, record, one))])),
  };
}
