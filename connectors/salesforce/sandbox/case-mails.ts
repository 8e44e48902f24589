import { recordsOf } from './define.ts';
import type { Org, SfRecord } from './model.ts';
import { objectOf } from './org.ts';
import { insertRecord } from './records.ts';
import type { Transaction } from './transaction.ts';
import { formatInstant } from './values.ts';

/** What an agent writes at the end who has not answered before. */
export const CLOSING_WORDS = 'This is done. Write again if there is more.';

/** A mail from or to the customer, as Email-to-Case keeps it. */
export function keepMail(
  transaction: Transaction,
  record: SfRecord,
  mail: { readonly isIncoming: boolean; readonly body: string },
): void {
  insertRecord(transaction, objectOf(transaction.org, 'EmailMessage'), {
    ParentId: record.id,
    Incoming: mail.isIncoming,
    Subject: record.values.Subject,
    TextBody: mail.body,
    MessageDate: formatInstant(transaction.stampMs),
    Status: mail.isIncoming ? '1' : '3',
  });
}

/** True when an agent has written to the customer. */
export function isAnsweredByMail(org: Org, record: SfRecord): boolean {
  return recordsOf(org, 'EmailMessage').some(
    ({ values }) => values.ParentId === record.id && values.Incoming === false,
  );
}
