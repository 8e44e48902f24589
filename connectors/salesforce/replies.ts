import type { ZodType } from 'zod';
import { isOwnAsk } from '../../src/domain/own-ask.ts';
import type { SalesforceApi } from './client.ts';
import type { People } from './people.ts';
import { inBatches } from './read-cases.ts';
import { Unseen } from './refusal.ts';
import { PublishedComment, SentMail } from './schema.ts';
import { quoteAll } from './soql.ts';

/** Something that somebody on our side said where the customer reads it. */
export interface Reply {
  readonly caseId: string;
  readonly at: Date;
  readonly userId: string;
}

/** What an e-mail's status is while it is written. Unconfirmed (2026-11-27). */
const DRAFT = '5';

/**
 * What active users of the org said on these cases after `since`: mails that went out and published comments, two calls for 200
 * cases. Left out is what the org sends by itself, what customers write in a portal, and surveys of ours.
 */
export async function readReplies(
  api: SalesforceApi,
  people: () => Promise<People>,
  about: { readonly caseIds: readonly string[]; readonly since: Date | null; readonly optOutUrl: string },
): Promise<readonly Reply[]> {
  const replies: Reply[] = [];
  const { byId } = await people();
  const note = (caseId: string, at: Date | null | undefined, userId: string | null | undefined): void => {
    if (at != null && userId != null && byId(userId) !== null) replies.push({ caseId, at, userId });
  };
  for (const batch of inBatches([...new Set(about.caseIds)])) {
    const ids = quoteAll(batch);
    const after = (field: string): string =>
      about.since === null ? '' : ` AND ${field} > ${about.since.toISOString()}`;
    const mails = `SELECT ParentId, MessageDate, CreatedById FROM EmailMessage WHERE Incoming = false AND Status != '${DRAFT}' AND ParentId IN ${ids}${after('MessageDate')}`;
    for (const mail of await rowsIfThere(api, SentMail, mails))
      note(mail.ParentId, mail.MessageDate, mail.CreatedById);
    const comments = `SELECT ParentId, CreatedDate, CreatedById, CommentBody FROM CaseComment WHERE IsPublished = true AND ParentId IN ${ids}${after('CreatedDate')}`;
    for (const comment of await rowsIfThere(api, PublishedComment, comments))
      if (!isOwnAsk(comment.CommentBody ?? '', about.optOutUrl))
        note(comment.ParentId, comment.CreatedDate, comment.CreatedById);
  }
  return replies;
}

/** No rows where the org has no such object: one without Email-to-Case has no EmailMessage. */
async function rowsIfThere<T>(api: SalesforceApi, row: ZodType<T>, soql: string): Promise<readonly T[]> {
  try {
    return await api.rows(row, soql);
  } catch (error) {
    if (error instanceof Unseen) return [];
    throw error;
  }
}
