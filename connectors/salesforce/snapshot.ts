import type { CaseSnapshot, CaseState, Named, Requester } from '../../src/domain/case.ts';
import type { People } from './people.ts';
import type { Case } from './schema.ts';

/** What `toSnapshot` reads of a case. No custom field and none that only some editions have: one unknown name spoils a query. */
export const CASE_FIELDS = [
  'Id',
  'CaseNumber',
  'Subject',
  'IsClosed',
  'IsDeleted',
  'ClosedDate',
  'CreatedDate',
  'CreatedById',
  'SystemModstamp',
  'Origin',
  'Priority',
  'Type',
  'OwnerId',
  'Owner.Name',
  'Owner.Type',
  'ContactId',
  'Contact.Name',
  'Contact.Email',
  'SuppliedEmail',
  'SuppliedName',
  'Account.Name',
].join(',');

/** What a case only refers to. */
export interface Surroundings {
  readonly orgUrl: string;
  readonly people: People;
  /** Cases that somebody on our side answered in public; null when nobody looked, or need not. */
  readonly answered: ReadonlySet<string> | null;
  /** The last answer to each case; null when nobody looked. */
  readonly repliers: ReadonlyMap<string, { readonly userId: string }> | null;
}

/** Where an agent opens a record, in Lightning and in Classic alike: the org sends the browser on. */
export function recordUrl(orgUrl: string, id: string): string {
  return `${orgUrl}/${id}`;
}

/** A case as Caseloop sees it. Pure. */
export function toSnapshot(record: Case, around: Surroundings): CaseSnapshot {
  const state = stateOf(record);
  const isQueue = record.Owner?.Type === 'Queue' || record.OwnerId?.startsWith('00G') === true;
  const owner: Named | null =
    record.OwnerId == null ? null : { id: record.OwnerId, name: record.Owner?.Name ?? null };
  return {
    caseId: record.Id,
    number: record.CaseNumber,
    url: recordUrl(around.orgUrl, record.Id),
    subject: record.Subject ?? null,
    state,
    changedAt: record.SystemModstamp,
    openedAt: record.CreatedDate,
    closedAt: state === 'closed' ? wholeSecond(record.ClosedDate) : null,
    requester: requesterOf(record, around.people),
    // A case has one owner: a user, or a queue while nobody has taken it.
    assignee: isQueue ? null : owner,
    team: isQueue ? owner : null,
    channel: channelOf(record.Origin),
    brand: null,
    organisation: record.Account?.Name ?? null,
    tier: null,
    tags: [],
    kind: record.Type ?? null,
    language: null,
    priority: record.Priority ?? null,
    firstRepliedAt: null,
    reopens: null,
    flags: { merged: false, spam: false, outbound: false, botHandled: false, ours: false },
    publicReply: around.answered === null ? null : around.answered.has(record.Id),
    lastReplier: lastReplierOf(record, around),
  };
}

/** A closed case can be written, so none is locked for good; a lock by an approval is met when writing. */
function stateOf({ IsClosed, IsDeleted }: Case): CaseState {
  if (IsDeleted === true) return 'deleted';
  return IsClosed ? 'closed' : 'open';
}

function lastReplierOf({ Id }: Case, { repliers, people }: Surroundings): Named | null {
  const userId = repliers?.get(Id)?.userId;
  return userId === undefined ? null : { id: userId, name: people.byId(userId)?.Name ?? null };
}

/**
 * The contact, else who wrote by e-mail or web form, else who made the record. Staff is whoever has the address of an active
 * user of the org, or made a case that names nobody else.
 */
function requesterOf(record: Case, people: People): Requester {
  const { ContactId, Contact, SuppliedEmail, SuppliedName, CreatedById } = record;
  const creator =
    ContactId == null && !SuppliedEmail && !SuppliedName && CreatedById != null
      ? people.byId(CreatedById)
      : null;
  if (creator !== null) {
    return {
      id: creator.Id,
      name: creator.Name ?? null,
      email: creator.Email ?? null,
      locale: null,
      timeZone: null,
      isStaff: true,
    };
  }
  const email = Contact?.Email || SuppliedEmail || null;
  return {
    id: ContactId ?? null,
    name: Contact?.Name ?? SuppliedName ?? null,
    email,
    locale: null,
    // Contacts have none.
    timeZone: null,
    isStaff: email !== null && people.byEmail(email) !== null,
  };
}

/** Origins of the standard pick list that other CRMs call otherwise; the rest is kept as the org has it. */
const CHANNELS: Readonly<Record<string, string>> = { phone: 'voice', 'live chat': 'chat' };

/** The origin as other CRMs call it. */
export function channelOf(origin: string | null | undefined): string | null {
  if (!origin) return null;
  const name = origin.toLowerCase();
  return CHANNELS[name] ?? name;
}

function wholeSecond(instant: Date | null | undefined): Date | null {
  return instant == null ? null : new Date(Math.floor(instant.getTime() / 1_000) * 1_000);
}
