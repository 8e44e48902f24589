/**
 * A simulated CRM over HTTP: what a connector's `sandbox/` offers to the demo and to the tests. It plays the vendor, keeps
 * state, and refuses what the vendor refuses. The methods below are what people do in the CRM's own screens, not its API.
 */
export interface Sandbox {
  /** Where its API and its pages are, without a trailing slash. */
  readonly url: string;
  /** The connector keys that reach it: put them under `connectors.<name>` beside `type`. */
  readonly settings: Readonly<Record<string, unknown>>;
  openCase(input: SandboxCaseInput): Promise<string>;
  /** An agent closes the case, with a public reply when nobody has written one yet; with null, without a word. */
  closeCase(caseId: string, how?: { readonly comment?: null }): Promise<void>;
  /** The customer or an agent opens it again. */
  reopenCase(caseId: string): Promise<void>;
  /** The CRM closes it for good: from now on its record cannot be written. */
  lockCase(caseId: string): Promise<void>;
  /** An agent writes to the customer on the case, which stays as open or closed as it is. Default: whoever has the case. */
  replyInPublic(caseId: string, how?: { readonly by?: string }): Promise<void>;
  replyAsCustomer(caseId: string): Promise<void>;
  /** An agent writes what only staff can read. */
  noteInPrivate(caseId: string): Promise<void>;
  readCase(caseId: string): Promise<SandboxCase>;
  /** What stands on the page of a person, by the titles of the fields. Absent when the CRM has no fields on people. */
  readPerson?(email: string): Promise<Readonly<Record<string, unknown>>>;
  /** Follow-up records made for a case. */
  followUpsOf(caseId: string): Promise<readonly SandboxFollowUp[]>;
  /** An agent finishes one of these, without a word to anybody. */
  finishTask(taskId: string): Promise<void>;
  /** Where a person sees all cases, as an agent would. */
  readonly casesUrl: string;
  /** What provisioning leaves to an admin's hands, such as a rule that pushes to this address. Absent when there is nothing. */
  finishByHand?(options: { webhookUrl: string }): Promise<void>;
  /** Where a person sees the case as an agent would. */
  caseUrl(caseId: string): string;
  /** The next `times` matching requests go wrong. */
  fail(fault: SandboxFault): void;
  /** Nothing goes wrong any more. */
  heal(): void;
  /** Every API request since the start, oldest first. */
  readonly requests: readonly SandboxRequest[];
  close(): Promise<void>;
}

export interface SandboxCaseInput {
  readonly subject: string;
  readonly requester: {
    readonly name: string;
    readonly email: string | null;
    readonly locale?: string;
    /** As the CRM names it; ignored by CRMs that keep none. */
    readonly timeZone?: string;
    readonly staff?: boolean;
  };
  readonly channel?: string;
  readonly tags?: readonly string[];
  /** Names of an agent and a team that the sandbox knows. */
  readonly assignee?: string;
  readonly team?: string;
  readonly brand?: string;
}

/** A case as its record shows it, read the way an agent sees it. */
export interface SandboxCase {
  readonly caseId: string;
  readonly state: 'open' | 'closed' | 'locked';
  /** What stands in the CSAT fields; null where empty. */
  readonly score: number | null;
  readonly rating: string | null;
  readonly level: 'low' | 'neutral' | 'high' | null;
  readonly comment: string | null;
  readonly reasons: string | null;
  readonly answeredAt: string | null;
  readonly link: string | null;
  readonly tags: readonly string[];
  /** What only staff can read on it, oldest first, as plain text. */
  readonly notes: readonly string[];
  /** What our side has said on it where the customer reads it, oldest first, as plain text. */
  readonly publicReplies: readonly string[];
  /** Messages that the customer got by mail from the CRM itself, other than the agent's words when closing. */
  readonly mailsToCustomer: number;
}

export interface SandboxFollowUp {
  readonly id: string;
  readonly url: string;
  readonly subject: string;
  readonly dueAt: string | null;
  readonly owner: string | null;
}

export type FaultKind =
  | '401'
  | '403'
  | '404'
  | '409'
  | '422'
  | '429'
  | '429 without Retry-After'
  | '500'
  | '503'
  | 'html body'
  | 'cut json'
  | 'hang'
  /** The write takes effect, then the connection drops. */
  | 'reply lost';

export interface SandboxFault {
  readonly kind: FaultKind;
  /** Only requests whose "METHOD /path" matches. Default: every API request. */
  readonly on?: RegExp;
  /** Default 1. */
  readonly times?: number;
}

export interface SandboxRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly at: Date;
}
