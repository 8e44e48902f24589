import { z } from 'zod';

// Only what we read. Salesforce adds keys at will, so unknown ones are dropped, and what may be missing says so.

const Id = z.string().min(15);
const Text = z.string().nullish();

/** `2026-11-21T16:00:00.000+0000`: no colon in the offset, so no strict ISO 8601. Read as a `Date`. */
const Instant = z.string().transform((text, context) => {
  const instant = new Date(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (Number.isNaN(instant.getTime())) {
    context.addIssue('not an instant');
    return z.NEVER;
  }
  return instant;
});

/** What a token request answers with. `id` ends with the ids of org and user. */
export const TokenAnswer = z.object({ access_token: z.string().min(1), scope: Text, id: Text });

/** A page of a query's rows. */
export const QueryPage = z.object({
  done: z.boolean(),
  nextRecordsUrl: Text,
  records: z.array(z.unknown()),
});

/** A case as our queries select it. https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_case.htm (2026-11-22) */
export const Case = z.object({
  Id,
  CaseNumber: z.string(),
  Subject: Text,
  IsClosed: z.boolean(),
  IsDeleted: z.boolean().nullish(),
  ClosedDate: Instant.nullish(),
  CreatedDate: Instant,
  CreatedById: Text,
  SystemModstamp: Instant,
  Origin: Text,
  Priority: Text,
  Type: Text,
  OwnerId: Text,
  Owner: z.object({ Name: Text, Type: Text }).nullish(),
  ContactId: Text,
  Contact: z.object({ Name: Text, Email: Text }).nullish(),
  SuppliedEmail: Text,
  SuppliedName: Text,
  Account: z.object({ Name: Text }).nullish(),
});
export type Case = z.output<typeof Case>;

/** Whether a case is closed. */
export const CaseState = z.object({ Id, IsClosed: z.boolean() });

/** An active user of the org, one of our side. */
export const User = z.object({ Id, Name: Text, Username: Text, Email: Text, TimeZoneSidKey: Text });
export type User = z.output<typeof User>;

/** The org, for people. */
export const Organization = z.object({ Name: z.string() });

/** A status or priority that the org knows. The API name is what is written. */
export const PicklistValue = z.object({ ApiName: z.string().min(1) });

/** A task as the look-up for our key selects it. */
export const Task = z.object({ Id, Description: Text });

/** A comment on a case. */
export const CaseComment = z.object({ ParentId: Id, CommentBody: Text });

/** A task as one looks whether it is done. */
export const TaskState = z.object({
  Id,
  IsClosed: z.boolean(),
  CompletedDateTime: Instant.nullish(),
  LastModifiedDate: Instant,
});

/** A mail that went out. */
export const SentMail = z.object({ ParentId: Id, MessageDate: Instant.nullish(), CreatedById: Text });

/** A comment that the customer can see. */
export const PublishedComment = z.object({
  ParentId: Id,
  CreatedDate: Instant,
  CreatedById: Text,
  CommentBody: Text,
});

/** What names a case that somebody on our side answered. */
export const Answered = z.object({ ParentId: Id });

/** One row of a collection: in the order of the request, and refused ones too come under HTTP 200. */
export const SaveResult = z.object({
  id: Text,
  success: z.boolean(),
  errors: z
    .array(
      z.object({ statusCode: Text, errorCode: Text, message: Text, fields: z.array(z.string()).nullish() }),
    )
    .nullish(),
});
export type SaveResult = z.output<typeof SaveResult>;

/** A record that was made. */
export const Created = z.object({ id: Id, success: z.literal(true) });

/** A record of which only the id matters. */
export const Found = z.object({ Id });

/** A custom field, by its name without `__c`. */
export const CustomField = z.object({ Id, DeveloperName: z.string() });

/** Who may read and fill a field. */
export const FieldPermission = z.object({
  Id,
  Field: z.string(),
  PermissionsRead: z.boolean(),
  PermissionsEdit: z.boolean(),
});
export type FieldPermission = z.output<typeof FieldPermission>;

/** A change event of the channel that we listen to. The body holds only what changed (2026-11-21). */
export const ChangeEvent = z.object({
  event: z.object({ replayId: z.union([z.number(), z.string()]) }),
  payload: z.looseObject({
    ChangeEventHeader: z.object({
      recordIds: z.array(z.string()).default([]),
      changeType: z.string(),
      changeOrigin: Text,
      commitTimestamp: z.number().nullish(),
    }),
  }),
});
export type ChangeEvent = z.output<typeof ChangeEvent>;

/** A message of the CometD protocol, or the body of an HTTP refusal in place of one. */
export const CometMessage = z.object({
  channel: Text,
  successful: z.boolean().nullish(),
  error: Text,
  advice: z.object({ reconnect: Text, timeout: z.number().nullish() }).nullish(),
  ext: z
    .object({ sfdc: z.object({ failureReason: Text }).nullish().catch(null) })
    .nullish()
    .catch(null),
  data: z.unknown().optional(),
  errorCode: Text,
  message: Text,
});
export type CometMessage = z.output<typeof CometMessage>;
