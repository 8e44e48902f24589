import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RetryableError } from '../errors.ts';
import type { Mailer } from './mailer.ts';

/**
 * Writes mails as .eml files instead of sending them. A file is whole or not there; a mail that is sent again replaces its
 * file, because the Message-ID is the name. Only the owner can read them.
 */
export function createOutbox(directory: string): Mailer {
  return {
    async send(mail) {
      await attempt('write a mail', async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await writeWhole(directory, fileName(mail.messageId), mail.raw);
      });
    },
    async check() {
      await attempt('write', async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        const probe = join(directory, `.check-${randomUUID()}`);
        const file = await open(probe, 'wx', 0o600);
        await file.close();
        await rm(probe);
      });
    },
    close: async () => undefined,
  };
}

/** The file of a Message-ID: letters, digits and `.@_-` stay, so that no id leads out of the folder. */
export function fileName(messageId: string): string {
  const id = messageId.replace(/^<|>$/g, '');
  return `${encodeURIComponent(id)
    .replace(/%40/g, '@')
    .replace(/[*'()!~]/g, '_')
    .replace(/^\.+/, '_')}.eml`;
}

async function writeWhole(directory: string, name: string, content: Buffer): Promise<void> {
  // A leading dot and another ending: readers of the folder skip it.
  const temporary = join(directory, `.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(directory, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new RetryableError(`dataDir/outbox: cannot ${what} (${code})`, {
      fix: 'Give the user that runs Caseloop the right to write there, and free some space.',
      scope: 'account',
    });
  }
}
