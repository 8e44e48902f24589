import { isAddressGone } from '../domain/delivery.ts';
import { type CaseloopError, ConfigError, PermanentError, RetryableError } from '../errors.ts';

/**
 * The mail was being handed over when the connection was lost: the relay may have it or not. Sending again can reach the
 * customer twice, not sending can leave them unasked, so `mail.afterCrash` decides. It is retryable, because what was
 * probably lost in a crash of the relay is better sent than forgotten; a caller that must not send twice looks for this class.
 */
export class UnknownOutcomeError extends RetryableError {}

/** Refused for good, with what that says of the address. */
export class UndeliverableError extends PermanentError {
  readonly isAddressGone: boolean;

  constructor(message: string, { isAddressGone }: { isAddressGone: boolean }) {
    super(message);
    this.isAddressGone = isAddressGone;
  }
}

/** What nodemailer says about a failure. Its message quotes the relay, which quotes addresses: it is never passed on. */
interface SmtpFailure {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly command?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
}

/** What an SMTP failure means for the mail. `handedOver`: the relay had been given at least some of the mail's text. */
export function classifySmtpFailure(failure: unknown, handedOver: boolean): CaseloopError {
  const { code, command, responseCode } = describe(failure);
  const facts = factsOf(failure);
  if (code === 'EAUTH' || code === 'ENOAUTH' || (responseCode !== null && NEEDS_LOGIN.has(responseCode)))
    return responseCode !== null && responseCode < 500
      ? new RetryableError(`mail.url: the relay could not check the credentials just now (${facts})`, ACCOUNT)
      : new ConfigError(`mail.url: the relay refused the credentials (${facts})`, {
          fix: 'Correct the user name and password in mail.url.',
        });
  if (responseCode !== null) return classifyReply(responseCode, command, facts);
  if (code === 'EENVELOPE' || code === 'EMESSAGE')
    return new PermanentError(`mail: it cannot be sent as it is (${facts})`);
  if (handedOver)
    return new UnknownOutcomeError(
      `mail.url: the connection was lost while the mail was handed over (${facts})`,
      ACCOUNT,
    );
  return new RetryableError(`mail.url: the relay cannot be used (${facts})`, {
    ...ACCOUNT,
    fix: 'Check that mail.url names the relay, and that it can be reached from here.',
  });
}

function classifyReply(responseCode: number, command: string, facts: string): CaseloopError {
  // RFC 5321, 4.2.1: 4yz is for now, 5yz is for good; 421 ends the session, 503 is about the session's order, not the mail.
  if (responseCode === 421 || command === 'CONN')
    return new RetryableError(`mail.url: the relay ended the session (${facts})`, ACCOUNT);
  if (responseCode < 500 || responseCode === 503)
    return new RetryableError(`mail.url: the relay does not take the mail now (${facts})`);
  if (command === 'MAIL FROM')
    return new ConfigError(`mail.from: the relay refused the sender (${facts})`, {
      fix: 'Use a sender in mail.from that the relay accepts for these credentials.',
    });
  return new UndeliverableError(`mail: the relay refused it for good (${facts})`, {
    isAddressGone: command === 'RCPT TO' && isAddressGone(enhancedIn(facts) ?? ''),
  });
}

// 530 authentication required, 534 mechanism too weak, 535 credentials invalid, 538 encryption required: RFC 4954, section 6.
const NEEDS_LOGIN: ReadonlySet<number> = new Set([530, 534, 535, 538]);

const ACCOUNT = { scope: 'account' } as const;

function describe(failure: unknown): { code: string; command: string; responseCode: number | null } {
  const { code, command, responseCode } = asFailure(failure);
  return {
    code: typeof code === 'string' ? code : 'no code',
    command: typeof command === 'string' ? command : '',
    responseCode: typeof responseCode === 'number' ? responseCode : null,
  };
}

/** Codes only: nothing that a relay or a customer wrote. */
function factsOf(failure: unknown): string {
  const { originalCode, response } = asFailure(failure);
  const { code, command, responseCode } = describe(failure);
  const enhanced = typeof response === 'string' ? enhancedIn(response) : undefined;
  const cause =
    typeof originalCode === 'string' && /^[A-Z][A-Z0-9_]+$/.test(originalCode) ? originalCode : code;
  return [command, responseCode, enhanced, responseCode === null ? cause : null]
    .filter((fact) => fact !== null && fact !== undefined && fact !== '')
    .join(' ');
}

function enhancedIn(text: string): string | undefined {
  return text.match(/\b[245]\.\d{1,3}\.\d{1,3}\b/)?.[0];
}

function asFailure(failure: unknown): SmtpFailure {
  return typeof failure === 'object' && failure !== null ? failure : {};
}
