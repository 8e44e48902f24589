import type { Secret } from '../secret.ts';
import type { Mail } from './compose.ts';
import type { Dkim } from './dkim.ts';
import { createOutbox } from './outbox.ts';
import { createSmtpMailer } from './smtp.ts';

/** Hands finished mails over, one attempt each; nothing here tries again. */
export interface Mailer {
  /**
   * Resolves when the relay has taken the mail. Throws PermanentError (refused for good), RetryableError (not now),
   * UnknownOutcomeError (the connection was lost while the mail was handed over), ConfigError (the credentials or the sender
   * were refused). Repeating it may reach the customer twice.
   */
  send(mail: Mail): Promise<void>;
  /** Looks whether mails could be sent, and sends none. Throws as `send` does. */
  check(): Promise<void>;
  /** Lets mails under way finish and closes idle connections. Safe to repeat. */
  close(): Promise<void>;
}

/** SMTP when there is an address, else files in `outboxDir`. */
export function createMailer(options: {
  url: Secret | null;
  outboxDir: string;
  concurrency: number;
  /** Signs what goes to SMTP; files are as they are. */
  dkim?: Dkim | null;
}): Mailer {
  return options.url === null
    ? createOutbox(options.outboxDir)
    : createSmtpMailer({ url: options.url, concurrency: options.concurrency, dkim: options.dkim ?? null });
}
