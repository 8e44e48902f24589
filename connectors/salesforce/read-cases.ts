import type { ConnectorContext } from '../../src/connector.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { isAnsweredInWriting } from '../../src/domain/channels.ts';
import type { SalesforceApi } from './client.ts';
import { toId } from './ids.ts';
import type { People } from './people.ts';
import { Unseen } from './refusal.ts';
import { type Reply, readReplies } from './replies.ts';
import { Answered, Case } from './schema.ts';
import { CASE_FIELDS, channelOf, toSnapshot } from './snapshot.ts';
import { quoteAll } from './soql.ts';

/** The most records that one collection call takes, and ids that fit into one query (2026-11-21). */
export const BATCH_SIZE = 200;

/** The current truth of these cases, 200 a call. Deleted ones are said to be so, unknown ones left out. */
export async function fetchCases(
  api: SalesforceApi,
  people: () => Promise<People>,
  context: ConnectorContext,
  ids: readonly string[],
): Promise<readonly CaseSnapshot[]> {
  const known = [...new Set(ids.map((id) => toId('case', id)).filter((id) => id !== null))];
  const cases: CaseSnapshot[] = [];
  for (const batch of inBatches(known)) {
    const soql = `SELECT ${CASE_FIELDS} FROM Case WHERE Id IN ${quoteAll(batch)}`;
    const rows = await api.rows(Case, soql, { deleted: true });
    cases.push(...(await toSnapshots(api, people, context, rows)));
  }
  return cases;
}

/** Snapshots of these records, with the calls that need: the users once an hour, and public replies where they are asked for. */
export async function toSnapshots(
  api: SalesforceApi,
  people: () => Promise<People>,
  context: ConnectorContext,
  records: readonly Case[],
): Promise<readonly CaseSnapshot[]> {
  if (records.length === 0) return [];
  // A call leaves no public reply, so nobody asks whether a case that came by phone has one.
  const isLookedAt = ({ IsClosed, Origin }: Case): boolean =>
    IsClosed && isAnsweredInWriting(channelOf(Origin));
  const closed = records.filter(isLookedAt).map(({ Id }) => Id);
  const around = {
    orgUrl: api.orgUrl,
    people: await people(),
    answered: context.needs.publicReply ? await findAnswered(api, closed) : null,
    repliers: context.needs.lastReplier === true ? await findRepliers(api, people, context, records) : null,
  };
  return records.map((record) =>
    toSnapshot(record, isLookedAt(record) ? around : { ...around, answered: null }),
  );
}

/** Cases with an e-mail that went out or a comment that the customer can see: two calls for 200 cases. */
async function findAnswered(api: SalesforceApi, caseIds: readonly string[]): Promise<ReadonlySet<string>> {
  const answered = new Set<string>();
  for (const batch of inBatches(caseIds)) {
    const ids = quoteAll(batch);
    for (const from of [
      `EmailMessage WHERE Incoming = false AND ParentId IN ${ids}`,
      `CaseComment WHERE IsPublished = true AND ParentId IN ${ids}`,
    ]) {
      const rows = await api.rows(Answered, `SELECT ParentId FROM ${from}`).catch((error: unknown) => {
        // Orgs without Email-to-Case have no EmailMessage.
        if (error instanceof Unseen) return [];
        throw error;
      });
      for (const { ParentId } of rows) answered.add(ParentId);
    }
  }
  return answered;
}

/** Who answered last in public on those of these cases that are closed: two calls for 200 cases. */
async function findRepliers(
  api: SalesforceApi,
  people: () => Promise<People>,
  { optOutUrl }: ConnectorContext,
  records: readonly Case[],
): Promise<ReadonlyMap<string, Reply>> {
  const caseIds = records
    .filter(({ IsClosed, IsDeleted }) => IsClosed && IsDeleted !== true)
    .map(({ Id }) => Id);
  const last = new Map<string, Reply>();
  for (const reply of await readReplies(api, people, { caseIds, since: null, optOutUrl })) {
    const other = last.get(reply.caseId);
    if (other === undefined || reply.at >= other.at) last.set(reply.caseId, reply);
  }
  return last;
}

/** The items in lists of at most 200. */
export function inBatches<T>(items: readonly T[]): readonly (readonly T[])[] {
  const batches: (readonly T[])[] = [];
  for (let start = 0; start < items.length; start += BATCH_SIZE)
    batches.push(items.slice(start, start + BATCH_SIZE));
  return batches;
}
