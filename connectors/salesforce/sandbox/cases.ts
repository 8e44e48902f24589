import type { SandboxCase, SandboxCaseInput, SandboxFollowUp } from '../../../src/sandbox.ts';
import { CLOSING_WORDS, isAnsweredByMail, keepMail } from './case-mails.ts';
import { followUpsOf, readCase } from './case-record.ts';
import { findRecord, recordsOf } from './define.ts';
import { normaliseId } from './ids.ts';
import type { Org, SfRecord } from './model.ts';
import { addQueue, addUser, objectOf, seed } from './org.ts';
import { deleteRecord, insertRecord, updateRecord } from './records.ts';
import { type Actor, begin, commit, rollback, stamp, type Transaction } from './transaction.ts';

/** A case as people open one, with what only this vendor knows. */
export interface SalesforceCaseInput extends SandboxCaseInput {
  /** Came by web or mail and nobody has linked a contact: the address stands on the case alone. */
  readonly withoutContact?: boolean;
  readonly priority?: string;
}

/** A mail about a case, from or to the customer. */
export interface CaseReply {
  readonly by: 'agent' | 'customer';
  readonly name?: string | undefined;
  readonly body: string;
}

/** What people do on the pages and in their mail. Unknown case ids throw; the sandbox is used wrongly then. */
export interface Cases {
  open(input: SalesforceCaseInput): string;
  /** Closes the case, with a mail when the agent has not written one. */
  close(caseId: string, options?: { readonly comment?: null }): void;
  /** Sets the status; many cases at once are one transaction. */
  setStatus(caseIds: readonly string[], status: string): void;
  /** As `setStatus`, but what was stamped now is seen when the returned function is called. */
  setStatusLater(caseIds: readonly string[], status: string): () => void;
  comment(caseId: string, body: string, isPublished: boolean): void;
  /** Sends a mail. `name`: which of the users, in place of who has the case. */
  reply(caseId: string, reply: CaseReply): void;
  remove(caseId: string): void;
  setOwner(caseId: string, name: string): void;
  /** An approval process holds the record. */
  lock(caseId: string): void;
  unlock(caseId: string): void;
  read(caseId: string): SandboxCase;
  followUpsOf(caseId: string): readonly SandboxFollowUp[];
  /** Completes a task. */
  finishTask(taskId: string): void;
}

/** Changes made on pages come from this client. */
const PAGE_ORIGIN = 'com/salesforce/api/soap/67.0;client=SfdcInternalAPI/';

/** The actions over one org; `urlOf` gives the page of a record. */
export function createCases(org: Org, urlOf: (id: string) => string): Cases {
  const contacts = indexContacts(org);
  const caseOf = (caseId: string): SfRecord => {
    const record = findRecord(org, 'Case', normaliseId(caseId));
    if (record === undefined) throw new Error(`the sandbox holds no case ${caseId}`);
    return record;
  };
  const agentOf = ({ values }: SfRecord): string =>
    findRecord(org, 'User', values.OwnerId)?.id ?? firstAgent(org).id;
  const within = (userId: string, work: (transaction: Transaction) => void, stampMs?: number): void => {
    const transaction = begin(org, pageActor(userId), stampMs);
    try {
      work(transaction);
    } catch (error) {
      rollback(transaction);
      throw error;
    }
    commit(transaction);
  };
  const setStatus = (caseIds: readonly string[], status: string, stampMs?: number): void => {
    const records = caseIds.map(caseOf);
    const [first] = records;
    if (first === undefined) return;
    const write = (transaction: Transaction): void => {
      for (const { id } of records) updateRecord(transaction, objectOf(org, 'Case'), id, { Status: status });
    };
    within(agentOf(first), write, stampMs);
  };

  return {
    open(input) {
      let id = '';
      const userId = processUser(org).id;
      within(userId, (transaction) => {
        const contact = input.withoutContact === true ? null : contactFor(transaction, contacts, input);
        id = insertRecord(transaction, objectOf(org, 'Case'), {
          Subject: input.subject,
          Description: input.subject,
          Origin: originOf(input.channel ?? 'email'),
          OwnerId: ownerFor(org, input),
          ContactId: contact,
          SuppliedName: input.requester.name,
          SuppliedEmail: input.requester.email,
          ...(input.priority === undefined ? {} : { Priority: input.priority }),
          ...(input.brand === undefined ? {} : { RecordTypeId: recordTypeFor(org, input.brand) }),
        });
      });
      return id;
    },
    close(caseId, { comment } = {}) {
      const record = caseOf(caseId);
      const isSilent = comment === null || isAnsweredByMail(org, record);
      within(agentOf(record), (transaction) => {
        if (!isSilent) keepMail(transaction, record, { isIncoming: false, body: CLOSING_WORDS });
        updateRecord(transaction, objectOf(org, 'Case'), record.id, { Status: 'Closed' });
      });
    },
    setStatus: (caseIds, status) => setStatus(caseIds, status),
    setStatusLater(caseIds, status) {
      const stampMs = stamp(org);
      return () => setStatus(caseIds, status, stampMs);
    },
    comment(caseId, body, isPublished) {
      const record = caseOf(caseId);
      within(agentOf(record), (transaction) => {
        insertRecord(transaction, objectOf(org, 'CaseComment'), {
          ParentId: record.id,
          CommentBody: body,
          IsPublished: isPublished,
        });
      });
    },
    reply(caseId, { by, name, body }) {
      const record = caseOf(caseId);
      const isIncoming = by === 'customer';
      const agentId = name === undefined ? agentOf(record) : userOf(org, name).id;
      within(isIncoming ? processUser(org).id : agentId, (transaction) => {
        keepMail(transaction, record, { isIncoming, body });
      });
      if (!isIncoming) org.customerMails.push(record.id);
    },
    remove(caseId) {
      const record = caseOf(caseId);
      within(agentOf(record), (transaction) => deleteRecord(transaction, objectOf(org, 'Case'), record.id));
    },
    setOwner(caseId, name) {
      const record = caseOf(caseId);
      const owner = findUser(org, name) ?? findOrAddQueue(org, name);
      within(agentOf(record), (transaction) =>
        updateRecord(transaction, objectOf(org, 'Case'), record.id, { OwnerId: owner.id }),
      );
    },
    lock: (caseId) => org.lockedIds.add(caseOf(caseId).id),
    unlock: (caseId) => org.lockedIds.delete(caseOf(caseId).id),
    read: (caseId) => readCase(org, caseOf(caseId)),
    followUpsOf: (caseId) => followUpsOf(org, caseOf(caseId), urlOf),
    finishTask(taskId) {
      const task = findRecord(org, 'Task', normaliseId(taskId));
      if (task === undefined) throw new Error(`the sandbox holds no task ${taskId}`);
      const owner = findRecord(org, 'User', task.values.OwnerId)?.id ?? firstAgent(org).id;
      within(owner, (transaction) =>
        updateRecord(transaction, objectOf(org, 'Task'), task.id, { Status: 'Completed' }),
      );
    },
  };
}

function pageActor(userId: string): Actor {
  return { userId, origin: PAGE_ORIGIN, isApi: false };
}

function originOf(channel: string): string {
  return channel.slice(0, 1).toUpperCase() + channel.slice(1);
}

function findUser(org: Org, name: string): SfRecord | undefined {
  return recordsOf(org, 'User').find(({ values }) => values.Name === name);
}

function firstAgent(org: Org): SfRecord {
  const agent = recordsOf(org, 'User').find(
    ({ id, values }) => id !== org.apiUserId && values.UserType === 'Standard' && values.IsActive === true,
  );
  if (agent === undefined) throw new Error('the sandbox has no agent');
  return agent;
}

function processUser(org: Org): SfRecord {
  return (
    recordsOf(org, 'User').find(({ values }) => values.UserType === 'AutomatedProcess') ?? firstAgent(org)
  );
}

function findOrAddQueue(org: Org, name: string): SfRecord {
  const known = recordsOf(org, 'Group').find(({ values }) => values.Name === name);
  return known ?? addQueue(org, name, ['Case']);
}

/** A case has one owner: the agent, or else the queue. */
function ownerFor(org: Org, { assignee, team }: SandboxCaseInput): string {
  return assignee === undefined ? findOrAddQueue(org, team ?? 'Support').id : userOf(org, assignee).id;
}

/** The user of that name, who is made when there is none. */
function userOf(org: Org, name: string): SfRecord {
  const email = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@acme.example`;
  return findUser(org, name) ?? addUser(org, { name, email });
}

/** Contacts by address, kept up to date: looking through all of them for every case would take too long. */
function indexContacts(org: Org): ReadonlyMap<string, string> {
  const index = new Map<string, string>();
  org.commitListeners.push(({ changes }) => {
    for (const { objectName, id, fields } of changes) {
      if (objectName === 'Contact' && typeof fields.Email === 'string') {
        index.set(fields.Email.toLowerCase(), id);
      }
    }
  });
  return index;
}

/** The contact of that address. Staff who ask have a user of the same address. */
function contactFor(
  transaction: Transaction,
  contacts: ReadonlyMap<string, string>,
  { requester }: SandboxCaseInput,
): string | null {
  const { org } = transaction;
  const { name, email, staff } = requester;
  if (email === null) return null;
  const isSame = ({ values }: SfRecord): boolean =>
    String(values.Email).toLowerCase() === email.toLowerCase();
  if (staff === true && !recordsOf(org, 'User').some(isSame)) addUser(org, { name, email });
  const known = contacts.get(email.toLowerCase());
  if (known !== undefined) return known;
  const [first = '', ...rest] = name.split(' ');
  return insertRecord(transaction, objectOf(org, 'Contact'), {
    AccountId: accountFor(transaction, email.split('@')[1] ?? 'example.org'),
    FirstName: rest.length > 0 ? first : null,
    LastName: rest.length > 0 ? rest.join(' ') : first,
    Email: email,
  });
}

function accountFor(transaction: Transaction, name: string): string {
  const { org } = transaction;
  const known = recordsOf(org, 'Account').find(({ values }) => values.Name === name);
  return known?.id ?? insertRecord(transaction, objectOf(org, 'Account'), { Name: name, Type: 'Customer' });
}

function recordTypeFor(org: Org, name: string): string {
  const known = recordsOf(org, 'RecordType').find(({ values }) => values.Name === name);
  const DeveloperName = name.replaceAll(/[^A-Za-z0-9]+/g, '_');
  const made =
    known ?? seed(org, 'RecordType', { Name: name, DeveloperName, SobjectType: 'Case', IsActive: true });
  return made.id;
}
