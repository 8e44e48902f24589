/** What the simulated org is made of: objects with fields, and records of them. */

/** What a field holds. Instants are milliseconds since 1970, always whole seconds; days are `2026-11-24`. */
export type Value = string | number | boolean | null;

export type FieldType =
  | 'id'
  | 'reference'
  | 'string'
  | 'textarea'
  /** Text that can be neither filtered nor sorted. */
  | 'longtext'
  | 'picklist'
  | 'multipicklist'
  | 'boolean'
  | 'int'
  | 'double'
  | 'date'
  | 'datetime'
  | 'email'
  | 'phone'
  | 'url'
  /** JSON of the Tooling API. */
  | 'complex';

/** A column of an object. */
export interface FieldDef {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  readonly length?: number;
  readonly precision?: number;
  readonly scale?: number;
  /** The entries of a pick list. Others are refused only when it is restricted. */
  readonly values?: readonly string[];
  readonly restricted?: boolean;
  readonly referenceTo?: readonly string[];
  readonly relationshipName?: string;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly required?: boolean;
  readonly byDefault?: Value;
  readonly custom?: boolean;
  readonly externalId?: boolean;
  readonly unique?: boolean;
  /** Worked out when it is read, never stored. */
  compute?(org: Org, record: SfRecord): unknown;
}

/** A kind of record. */
export interface ObjectDef {
  readonly name: string;
  readonly label: string;
  readonly keyPrefix: string;
  /** By name in lower case, since Salesforce does not mind the case of names. */
  readonly fields: Map<string, FieldDef>;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly deletable: boolean;
  /** Made by an admin: nobody may see it before a permission set says so. */
  readonly custom: boolean;
  /** Where it can be asked for. */
  readonly surface: 'data' | 'tooling' | 'both';
  /** Objects whose records are worked out when they are read. */
  rows?(org: Org): readonly SfRecord[];
}

/** A row; `values` has every stored field by its own spelling, `Id` and the system fields among them. */
export interface SfRecord {
  readonly id: string;
  readonly objectName: string;
  readonly values: Record<string, Value>;
  /** JSON of Tooling records. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A rule of an admin's that refuses records; `before` is null for new ones. */
export interface ValidationRule {
  readonly objectName: string;
  readonly message: string;
  readonly field?: string;
  refuses(after: Readonly<Record<string, Value>>, before: Readonly<Record<string, Value>> | null): boolean;
}

/** One record that a transaction touched. */
export interface Change {
  readonly kind: 'CREATE' | 'UPDATE' | 'DELETE' | 'UNDELETE';
  readonly objectName: string;
  readonly id: string;
  /** The fields that changed, with what they hold now. */
  readonly fields: Readonly<Record<string, Value>>;
}

/** What a committed transaction tells its listeners. */
export interface Commit {
  readonly changes: readonly Change[];
  readonly userId: string;
  /** As change events name it. */
  readonly origin: string;
  readonly committedAtMs: number;
}

/** The whole org. Plain maps; every module works on this one object. */
export interface Org {
  readonly now: () => Date;
  readonly url: () => string;
  readonly id: string;
  /** By name in lower case. */
  readonly objects: Map<string, ObjectDef>;
  /** By the object's name, then by id. */
  readonly records: Map<string, Map<string, SfRecord>>;
  readonly counters: Map<string, number>;
  readonly validationRules: ValidationRule[];
  /** Records that an approval process holds. */
  readonly lockedIds: Set<string>;
  /** Writes on a record that still have to find its row taken by another transaction. */
  readonly takenRows: Map<string, number>;
  readonly commitListeners: ((commit: Commit) => void)[];
  /** Mails that the CRM itself sent to customers, by case. */
  readonly customerMails: string[];
  /** What the user is refused whom the API acts as. */
  readonly missingRights: Set<ApiRight>;
  /** Whether fields on activities may be external ids. */
  readonly activityExternalIds: boolean;
  /** Whom tokens act as. */
  apiUserId: string;
  lastStampMs: number;
}

/** What an admin can take away from the user whom the API acts as. */
export type ApiRight =
  | 'api enabled'
  | 'customize application'
  | 'manage users'
  | 'view setup'
  | 'view all cases'
  | 'edit cases'
  | 'create tasks';
