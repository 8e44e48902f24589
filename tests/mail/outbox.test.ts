import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RetryableError } from '../../src/errors.ts';
import { createMailer } from '../../src/mail/mailer.ts';
import { fileName } from '../../src/mail/outbox.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'caseloop-outbox-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const envelope = { from: 'support@acme.example', to: 'ada@customer.example' };

function outbox(directory = join(root, 'outbox')) {
  return { directory, mailer: createMailer({ url: null, outboxDir: directory, concurrency: 1 }) };
}

test('a mail becomes one file that only its owner can read', async () => {
  const { directory, mailer } = outbox();
  await mailer.send({ raw: Buffer.from('mail one'), envelope, messageId: '<survey.1@acme.example>' });
  expect(await readdir(directory)).toEqual(['survey.1@acme.example.eml']);
  const file = join(directory, 'survey.1@acme.example.eml');
  expect(await readFile(file, 'utf8')).toBe('mail one');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('the same mail sent again replaces its file', async () => {
  const { directory, mailer } = outbox();
  await mailer.send({ raw: Buffer.from('first'), envelope, messageId: '<a@x>' });
  await mailer.send({ raw: Buffer.from('second'), envelope, messageId: '<a@x>' });
  expect(await readdir(directory)).toEqual(['a@x.eml']);
  expect(await readFile(join(directory, 'a@x.eml'), 'utf8')).toBe('second');
});

test('a reader never sees part of a mail', async () => {
  const { directory, mailer } = outbox();
  const size = 2_000_000;
  const work = { done: false };
  const sending = Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      mailer.send({ raw: Buffer.alloc(size, 97 + index), envelope, messageId: '<same@x>' }),
    ),
  ).finally(() => {
    work.done = true;
  });
  await mailer.check();
  while (!work.done) {
    const names = await readdir(directory);
    for (const name of names.filter((one) => one.endsWith('.eml'))) {
      const content = await readFile(join(directory, name));
      expect(content.length).toBe(size);
      expect(content.every((byte) => byte === content[0])).toBe(true);
    }
  }
  await sending;
  expect(await readdir(directory)).toEqual(['same@x.eml']);
});

test('a Message-ID never leads out of the folder', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 60, unit: 'binary' }), (id) => {
      fc.pre(id.isWellFormed());
      expect(fileName(`<${id}>`)).toMatch(/^[^./\\][^/\\\0]*\.eml$/);
    }),
  );
  expect(fileName('<../../etc/passwd>')).toBe('_%2F..%2Fetc%2Fpasswd.eml');
});

test('a folder that cannot be written is not the end of the mail', async () => {
  await writeFile(join(root, 'file'), '');
  const { mailer } = outbox(join(root, 'file'));
  await expect(mailer.check()).rejects.toThrow(RetryableError);
  const sending = mailer.send({ raw: Buffer.from('x'), envelope, messageId: '<a@x>' });
  await expect(sending).rejects.toThrow(RetryableError);
});

test('check leaves nothing behind', async () => {
  const { directory, mailer } = outbox();
  await mailer.check();
  expect(await readdir(directory)).toEqual([]);
});
