import type { CaseloopError } from '../../src/errors.ts';
import type { SalesforceApi } from './client.ts';
import { inBatches } from './read-cases.ts';
import { errorOf, SaveResults } from './rows.ts';
import { CaseComment } from './schema.ts';
import { quoteAll } from './soql.ts';
import { boundBytes } from './texts.ts';

/**
 * The most a comment on a case takes. Unconfirmed whether Salesforce counts bytes or characters (2026-11-22): bytes are the
 * stricter reading.
 */
const LONGEST_BYTES = 4_000;

export interface PrivateComment {
  readonly caseId: string;
  readonly text: string;
  /** A line that is kept whole, at the end. */
  readonly lastLines?: string;
}

/** Adds comments that only staff can see, one call for all. One error or null for each, in their order. Not safe to repeat. */
export async function addPrivateComments(
  api: SalesforceApi,
  comments: readonly PrivateComment[],
): Promise<readonly (CaseloopError | 'locked' | null)[]> {
  if (comments.length === 0) return [];
  const records = comments.map(({ caseId, text, lastLines }) => {
    const end = lastLines === undefined ? '' : `\n\n${lastLines}`;
    const body = boundBytes(text, LONGEST_BYTES - Buffer.byteLength(end));
    return { ParentId: caseId, CommentBody: `${body}${end}`, IsPublished: false };
  });
  const rows = await api.call(SaveResults, (salesforce) => salesforce.create('CaseComment', records));
  return comments.map((_, index) => errorOf('case comment', rows[index]));
}

/**
 * Adds comments that the customer can see, one call for all. One error or null for each, in their order. Not safe to repeat. A
 * text that is too long is refused by Salesforce and not cut: half a link leads nowhere.
 */
export async function addPublicComments(
  api: SalesforceApi,
  comments: readonly { readonly caseId: string; readonly text: string }[],
): Promise<readonly (CaseloopError | 'locked' | null)[]> {
  if (comments.length === 0) return [];
  const records = comments.map(({ caseId, text }) => ({
    ParentId: caseId,
    CommentBody: text,
    IsPublished: true,
  }));
  const rows = await api.call(SaveResults, (salesforce) => salesforce.create('CaseComment', records));
  return comments.map((_, index) => errorOf('case comment', rows[index]));
}

/** The comments of these cases by case. */
export async function readComments(
  api: SalesforceApi,
  caseIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for (const batch of inBatches([...new Set(caseIds)])) {
    const soql = `SELECT ParentId, CommentBody FROM CaseComment WHERE ParentId IN ${quoteAll(batch)}`;
    for (const { ParentId, CommentBody } of await api.rows(CaseComment, soql))
      found.set(ParentId, [...(found.get(ParentId) ?? []), CommentBody ?? '']);
  }
  return found;
}
