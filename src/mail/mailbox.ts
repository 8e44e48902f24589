import { ImapFlow } from 'imapflow';
import { SECOND_MS } from '../clock.ts';
import { codeOf } from '../error-facts.ts';
import { ConfigError, RetryableError } from '../errors.ts';
import type { Secret } from '../secret.ts';

/** Where mails are put once they are handled. Nothing is ever deleted. */
export type Folder = 'bounces' | 'replies' | 'other';

export interface FetchedMail {
  readonly uid: number;
  /** Its beginning, when it is longer than we read. */
  readonly raw: Buffer;
  readonly isWhole: boolean;
}

/** The folder where bounces and replies arrive. What is in it is not handled yet. */
export interface Mailbox {
  /** The oldest mails that are there, in their order; none when all are handled. */
  next(limit: number): Promise<readonly FetchedMail[]>;
  /** Moves a mail away once it is handled. A crash before it has the mail handled once more. */
  file(uid: number, folder: Folder): Promise<void>;
  close(): Promise<void>;
}

const LONGEST_READ = 1024 * 1024;
const PARENT = 'Caseloop';

/** Opens the mailbox. Throws ConfigError when it will not have us, RetryableError when it cannot be reached. */
export async function openMailbox(options: { url: Secret }): Promise<Mailbox> {
  const { path, ...endpoint } = endpointOf(options.url);
  const client = new ImapFlow({
    ...endpoint,
    logger: false,
    disableAutoIdle: true,
    connectionTimeout: 10 * SECOND_MS,
    greetingTimeout: 10 * SECOND_MS,
    socketTimeout: 60 * SECOND_MS,
    maxLiteralSize: 2 * LONGEST_READ,
  });
  // The call that is under way fails as well, and says so.
  client.on('error', () => undefined);
  const folders = new Map<Folder, string>();
  try {
    await client.connect();
    await client.mailboxOpen(path);
  } catch (error) {
    client.close();
    throw refusalOf(error);
  }

  async function pathOf(folder: Folder): Promise<string> {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    const { path: made } = await client.mailboxCreate([PARENT, folder]);
    folders.set(folder, made);
    return made;
  }

  return {
    async next(limit) {
      const { exists } = client.mailbox || { exists: 0 };
      if (exists === 0) return [];
      const range = `1:${Math.min(limit, exists)}`;
      const found = await failing(() =>
        client.fetchAll(range, { uid: true, size: true, source: { start: 0, maxLength: LONGEST_READ } }),
      );
      return found.map(({ uid, size, source }) => ({
        uid,
        raw: source ?? Buffer.alloc(0),
        isWhole: (size ?? 0) <= LONGEST_READ,
      }));
    },
    async file(uid, folder) {
      await failing(async () => {
        await client.messageMove(String(uid), await pathOf(folder), { uid: true });
      });
    },
    async close() {
      await client.logout().catch(() => client.close());
    },
  };
}

async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalOf(error);
  }
}

/** Codes only: what a server says may quote anything. */
function refusalOf(error: unknown): ConfigError | RetryableError {
  const isRefused = typeof error === 'object' && error !== null && 'authenticationFailed' in error;
  if (isRefused && error.authenticationFailed === true)
    return new ConfigError('mail.mailbox.url: the server refused the credentials.', {
      fix: 'Correct the user name and password in mail.mailbox.url.',
    });
  if (typeof error === 'object' && error !== null && 'responseStatus' in error)
    return new RetryableError('mail.mailbox.url: the server refused a command.', {
      fix: 'Check that the folder in mail.mailbox.url is there and that folders may be made beside it.',
    });
  return new RetryableError(`mail.mailbox.url: the server cannot be used (${codeOf(error)}).`, {
    fix: 'Check that mail.mailbox.url names the server, and that it can be reached from here.',
  });
}

function endpointOf(secret: Secret) {
  const url = new URL(secret.reveal());
  const secure = url.protocol === 'imaps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isLocal = host === 'localhost' || host === '::1' || host.startsWith('127.');
  return {
    host,
    port: url.port === '' ? (secure ? 993 : 143) : Number(url.port),
    secure,
    // A password never crosses a network in the clear.
    ...(secure ? {} : { doSTARTTLS: !isLocal }),
    auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    path: decodeURIComponent(url.pathname.slice(1)) || 'INBOX',
  };
}
