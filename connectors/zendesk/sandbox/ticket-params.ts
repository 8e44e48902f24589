import { PRIORITIES, type Priority, STATUSES, type Status, TICKET_TYPES, type TicketType } from './model.ts';
import {
  isObject,
  type JsonObject,
  readArray,
  readBoolean,
  readDateOrNull,
  readId,
  readIdOrNull,
  readString,
  readStringOrNull,
  readTags,
} from './params.ts';
import { invalidAttribute, invalidValue } from './refusal.ts';

/** What a request wants of a ticket, read and typed. An absent key leaves the ticket as it is. */
export interface TicketPatch {
  subject?: string;
  comment?: CommentPatch;
  requesterId?: number;
  requester?: { readonly name: string | null; readonly email: string };
  submitterId?: number;
  assigneeId?: number | null;
  groupId?: number | null;
  organizationId?: number | null;
  brandId?: number;
  type?: TicketType | null;
  priority?: Priority | null;
  status?: Status;
  customStatusId?: number;
  tags?: string[];
  additionalTags?: string[];
  removeTags?: string[];
  externalId?: string | null;
  problemId?: number | null;
  dueAt?: Date | null;
  customFields?: readonly { readonly id: number; readonly value: unknown }[];
  followUpOf?: number;
  recipient?: string;
  safeUpdate?: boolean;
  updatedStamp?: Date | null;
}

/** A comment to add; without an author it is the caller's. */
export interface CommentPatch {
  readonly body: string;
  readonly public: boolean;
  readonly authorId: number | null;
}

type Reader = (patch: TicketPatch, value: unknown) => void;

const ignored: Reader = () => undefined;

const COMMON: Readonly<Record<string, Reader>> = {
  subject: (patch, value) => {
    patch.subject = readStringOrNull('subject', value) ?? '';
  },
  comment: (patch, value) => {
    patch.comment = readComment(value);
  },
  requester_id: (patch, value) => {
    patch.requesterId = readId('requester_id', value);
  },
  assignee_id: (patch, value) => {
    patch.assigneeId = readIdOrNull('assignee_id', value);
  },
  group_id: (patch, value) => {
    patch.groupId = readIdOrNull('group_id', value);
  },
  organization_id: (patch, value) => {
    patch.organizationId = readIdOrNull('organization_id', value);
  },
  brand_id: (patch, value) => {
    patch.brandId = readId('brand_id', value);
  },
  type: (patch, value) => {
    patch.type = value === null ? null : readOneOf('type', TICKET_TYPES, value);
  },
  priority: (patch, value) => {
    patch.priority = value === null ? null : readOneOf('priority', PRIORITIES, value);
  },
  status: (patch, value) => {
    const status = readOneOf('status', STATUSES, value);
    if (status === 'deleted') throw invalidValue('status', 'Status: deleted is not a valid status');
    patch.status = status;
  },
  custom_status_id: (patch, value) => {
    patch.customStatusId = readId('custom_status_id', value);
  },
  tags: (patch, value) => {
    patch.tags = readTags('tags', value);
  },
  external_id: (patch, value) => {
    patch.externalId = readStringOrNull('external_id', value);
  },
  problem_id: (patch, value) => {
    patch.problemId = readIdOrNull('problem_id', value);
  },
  due_at: (patch, value) => {
    patch.dueAt = readDateOrNull('due_at', value);
  },
  custom_fields: (patch, value) => {
    patch.customFields = readCustomFields(value);
  },
  collaborator_ids: ignored,
  email_ccs: ignored,
  followers: ignored,
  metadata: ignored,
  ticket_form_id: ignored,
  sharing_agreement_ids: ignored,
};

const ON_UPDATE: Readonly<Record<string, Reader>> = {
  ...COMMON,
  additional_collaborators: ignored,
  safe_update: (patch, value) => {
    // `false` behaves as `true`; only leaving the key out switches the check off (Zendesk, "Protecting against ticket
    // update collisions", 2026-11-21).
    readBoolean('safe_update', value);
    patch.safeUpdate = true;
  },
  updated_stamp: (patch, value) => {
    patch.updatedStamp = readDateOrNull('updated_stamp', value);
  },
};

const ON_BATCH_UPDATE: Readonly<Record<string, Reader>> = {
  ...ON_UPDATE,
  id: ignored,
  additional_tags: (patch, value) => {
    patch.additionalTags = readTags('additional_tags', value);
  },
  remove_tags: (patch, value) => {
    patch.removeTags = readTags('remove_tags', value);
  },
};

const ON_CREATE: Readonly<Record<string, Reader>> = {
  ...COMMON,
  description: (patch, value) => {
    patch.comment ??= { body: readString('description', value), public: true, authorId: null };
  },
  requester: (patch, value) => {
    if (!isObject(value)) throw invalidAttribute('requester', 'an object');
    patch.requester = {
      email: readString('email', value.email),
      name: value.name === undefined ? null : readStringOrNull('name', value.name),
    };
  },
  submitter_id: (patch, value) => {
    patch.submitterId = readId('submitter_id', value);
  },
  recipient: (patch, value) => {
    patch.recipient = readString('recipient', value);
  },
  via_followup_source_id: (patch, value) => {
    patch.followUpOf = readId('via_followup_source_id', value);
  },
  macro_ids: ignored,
  via: ignored,
};

const READERS = { create: ON_CREATE, update: ON_UPDATE, 'update many': ON_BATCH_UPDATE } as const;
/** Which keys are known depends on what is done. */
export type TicketAction = keyof typeof READERS;

/**
 * Reads the attributes of a `ticket` object. Keys that Zendesk does not know are left out and named in `unpermitted`;
 * a known key of a wrong type refuses the request (400), a value outside its list too (422).
 */
export function readTicketPatch(
  action: TicketAction,
  attributes: JsonObject,
): { patch: TicketPatch; unpermitted: readonly string[] } {
  const readers = READERS[action];
  const patch: TicketPatch = {};
  const unpermitted: string[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    const read = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (read === undefined) unpermitted.push(`ticket.${key}`);
    else read(patch, value);
  }
  return { patch, unpermitted };
}

/** The header that tells a caller which keys had no effect. */
export function warnAbout(action: string, unpermitted: readonly string[]): Record<string, string> {
  if (unpermitted.length === 0) return {};
  const keys = [...new Set(unpermitted)]
    .map((key) => JSON.stringify(key.replaceAll(/[^\x20-\x7e]/g, '?')))
    .join(', ');
  return {
    'x-zendesk-api-warn': `{:controller=>"tickets", :action=>"${action}", :unpermitted_keys=>[${keys}]}`,
  };
}

function readOneOf<T extends string>(name: string, allowed: readonly T[], value: unknown): T {
  const text = readString(name, value);
  const found = allowed.find((one) => one === text);
  if (found === undefined) {
    const label = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    throw invalidValue(name, `${label}: ${text} is not a valid ${name}`);
  }
  return found;
}

function readComment(value: unknown): CommentPatch {
  if (typeof value === 'string') return { body: value, public: true, authorId: null };
  if (!isObject(value)) throw invalidAttribute('comment', 'an object');
  const body = value.body ?? value.html_body ?? '';
  return {
    body: readString('body', body),
    public: value.public === undefined ? true : readBoolean('public', value.public),
    authorId: value.author_id === undefined ? null : readId('author_id', value.author_id),
  };
}

function readCustomFields(value: unknown): { id: number; value: unknown }[] {
  return readArray('custom_fields', value).map((entry) => {
    if (!isObject(entry)) throw invalidAttribute('custom_fields', 'an array of objects');
    return { id: readId('id', entry.id), value: entry.value ?? null };
  });
}
