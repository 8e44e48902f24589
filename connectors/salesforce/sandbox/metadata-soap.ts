import type { Credentials } from './auth.ts';
import {
  createCustomField,
  createCustomObject,
  deleteCustomField,
  findCustomField,
  updateCustomField,
} from './custom-fields.ts';
import { isObject, type JsonObject } from './json.ts';
import { findListView, saveListView } from './list-views.ts';
import type { Org } from './model.ts';
import { RowRefusal } from './refusal.ts';
import type { RestReply } from './rest.ts';
import { readXml, writeXml, XmlError } from './xml.ts';

const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata';
const MOST_COMPONENTS = 10;
const XML_TYPE = { 'Content-Type': 'text/xml;charset=UTF-8' };

/** What can be done with one type of component. */
interface Kind {
  has(org: Org, fullName: string): boolean;
  read(org: Org, fullName: string): JsonObject | null;
  create(org: Org, fullName: string, metadata: JsonObject): void;
  update(org: Org, fullName: string, metadata: JsonObject): void;
  remove(org: Org, fullName: string): void;
}

const KINDS: Readonly<Record<string, Kind>> = {
  CustomField: {
    has: (org, fullName) => findCustomField(org, fullName) !== undefined,
    read: (org, fullName) => findCustomField(org, fullName)?.metadata ?? null,
    create: (org, fullName, metadata) => createCustomField(org, fullName, metadata),
    update(org, fullName, metadata) {
      const field = findCustomField(org, fullName);
      if (field === undefined) throw unknownComponent('CustomField', fullName);
      updateCustomField(org, field, metadata);
    },
    remove(org, fullName) {
      const field = findCustomField(org, fullName);
      if (field === undefined) throw unknownComponent('CustomField', fullName);
      deleteCustomField(org, field);
    },
  },
  ListView: {
    has: (org, fullName) => findListView(org, fullName) !== undefined,
    read: (org, fullName) => findListView(org, fullName)?.metadata ?? null,
    create(org, fullName, metadata) {
      if (findListView(org, fullName) !== undefined) {
        const message = `There is already a list view of that name: ${fullName}`;
        throw new RowRefusal('DUPLICATE_DEVELOPER_NAME', message, []);
      }
      saveListView(org, fullName, metadata);
    },
    update(org, fullName, metadata) {
      if (findListView(org, fullName) === undefined) throw unknownComponent('ListView', fullName);
      saveListView(org, fullName, metadata);
    },
    remove(org, fullName) {
      const view = findListView(org, fullName);
      if (view === undefined) throw unknownComponent('ListView', fullName);
      org.records.get('ListView')?.delete(view.id);
    },
  },
  CustomObject: {
    has: (org, fullName) => org.objects.get(fullName.toLowerCase())?.custom === true,
    read(org, fullName) {
      const object = org.objects.get(fullName.toLowerCase());
      return object?.custom === true ? { label: object.label } : null;
    },
    create: (org, fullName, metadata) => createCustomObject(org, fullName, metadata),
    update() {
      throw new RowRefusal('UNSUPPORTED_API', 'the sandbox does not change custom objects', []);
    },
    remove: (org, fullName) => org.objects.delete(fullName.toLowerCase()),
  },
};

/** Answers a call of the Metadata API, as far as it makes fields, objects and list views. */
export function answerMetadata(org: Org, credentials: Credentials, envelope: string): RestReply {
  let parts: { readonly session: unknown; readonly method: string; readonly args: JsonObject };
  try {
    parts = readEnvelope(envelope);
  } catch (error) {
    if (error instanceof XmlError) return soapFault('soapenv:Client', error.message);
    throw error;
  }
  const { session, method, args } = parts;
  const userId = credentials.identify(`Bearer ${typeof session === 'string' ? session.trim() : ''}`);
  if (userId === null) {
    const message = 'INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session';
    return soapFault('sf:INVALID_SESSION_ID', message);
  }
  if (org.missingRights.has('customize application')) {
    return soapFault(
      'sf:INSUFFICIENT_ACCESS',
      'INSUFFICIENT_ACCESS: use of the Metadata API requires Customize Application',
    );
  }
  const results = answer(org, method, args);
  if (results === null)
    return soapFault('soapenv:Client', `No operation available for request {${NAMESPACE}}${method}`);
  const body = `<${method}Response xmlns="${NAMESPACE}">${results}</${method}Response>`;
  return { status: 200, body: toEnvelope(body), headers: XML_TYPE };
}

/** A SOAP fault, always with HTTP 500. */
export function soapFault(code: string, message: string): RestReply {
  const fault = writeXml('soapenv:Fault', { faultcode: code, faultstring: message });
  return { status: 500, body: toEnvelope(fault), headers: XML_TYPE };
}

function answer(org: Org, method: string, args: JsonObject): string | null {
  switch (method) {
    case 'createMetadata':
      return save(args, (kind, fullName, metadata) => {
        kind.create(org, fullName, metadata);
        return {};
      });
    case 'updateMetadata':
      return save(args, (kind, fullName, metadata) => {
        kind.update(org, fullName, metadata);
        return {};
      });
    case 'upsertMetadata':
      return save(args, (kind, fullName, metadata) => {
        const created = !kind.has(org, fullName);
        if (created) kind.create(org, fullName, metadata);
        else kind.update(org, fullName, metadata);
        return { created };
      });
    case 'deleteMetadata':
      return each(namesOf(args), (fullName) => {
        kindOf(args.type).remove(org, fullName);
        return {};
      });
    case 'readMetadata': {
      const type = String(args.type);
      const records = namesOf(args).map((fullName) => {
        const found = kindOf(type).read(org, fullName);
        return found === null ? '<records xsi:nil="true"/>' : writeRecord(type, fullName, found);
      });
      return `<result>${records.join('')}</result>`;
    }
    default:
      return null;
  }
}

function writeRecord(type: string, fullName: string, metadata: JsonObject): string {
  const { fullName: _own, ...rest } = metadata;
  const inner = Object.entries({ fullName, ...rest }).map(([key, value]) => writeXml(key, value));
  return `<records xsi:type="${type}">${inner.join('')}</records>`;
}

function save(
  args: JsonObject,
  work: (kind: Kind, fullName: string, metadata: JsonObject) => Record<string, unknown>,
): string {
  return each(asList(args.metadata), (component) => {
    const { '@type': type, fullName, ...metadata } = isObject(component) ? component : {};
    if (typeof fullName !== 'string')
      throw new RowRefusal('REQUIRED_FIELD_MISSING', 'Required field is missing: fullName', []);
    return work(kindOf(type), fullName, metadata);
  });
}

/** One result per component: a refused one does not undo the others. */
function each<T>(components: readonly T[], work: (component: T) => Record<string, unknown>): string {
  const results = components.slice(0, MOST_COMPONENTS).map((component) => {
    const fullName = isObject(component) ? component.fullName : component;
    try {
      return { ...work(component), fullName, success: true };
    } catch (error) {
      if (!(error instanceof RowRefusal)) throw error;
      const { errorCode, message, fields } = error.error;
      return { errors: { fields, message, statusCode: errorCode }, fullName, success: false };
    }
  });
  return writeXml('result', results);
}

function kindOf(type: unknown): Kind {
  const kind = KINDS[String(type)];
  if (kind === undefined) throw new RowRefusal('INVALID_TYPE', `Metadata type is not supported: ${type}`, []);
  return kind;
}

function namesOf({ fullNames }: JsonObject): readonly string[] {
  return asList(fullNames).map(String);
}

function unknownComponent(type: string, fullName: string): RowRefusal {
  return new RowRefusal(
    'INVALID_CROSS_REFERENCE_KEY',
    `In field: fullName - no ${type} named ${fullName} found`,
    [],
  );
}

function readEnvelope(text: string): {
  readonly session: unknown;
  readonly method: string;
  readonly args: JsonObject;
} {
  const { Envelope } = readXml(text);
  const { Header, Body } = isObject(Envelope) ? Envelope : {};
  const header = isObject(Header) && isObject(Header.SessionHeader) ? Header.SessionHeader : {};
  const [call] = isObject(Body) ? Object.entries(Body) : [];
  if (call === undefined) throw new XmlError('the body of the envelope is empty');
  return { session: header.sessionId, method: call[0], args: isObject(call[1]) ? call[1] : {} };
}

function toEnvelope(body: string): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"',
    ' xmlns:sf="http://soap.sforce.com/2006/04/metadata"',
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">',
    `<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
  ].join('');
}

function asList(value: unknown): readonly unknown[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
}
