import { promisify } from 'node:util';
import Freshdesk from 'freshdesk-api';
import { expect, test } from 'vitest';
import { SANDBOX_API_KEY } from './auth.ts';
import { ANA_CASE, startTestAccount } from './test-account.ts';

/** The client's methods take a callback last. */
type Call = (...args: unknown[]) => Promise<unknown>;

test('the public client for Node reads, updates and notes tickets, and is refused with a wrong key', async () => {
  await using account = await startTestAccount();
  const { sandbox } = account;
  const id = Number(await sandbox.openCase(ANA_CASE));
  const connect = (key: string) => {
    const client = new Freshdesk(sandbox.url, key);
    return (name: string): Call => {
      const method = Reflect.get(client, name);
      if (typeof method !== 'function') throw new Error(`the client has no ${name}`);
      return promisify(method.bind(client));
    };
  };
  const call = connect(SANDBOX_API_KEY);
  expect(await call('listAllTickets')({})).toMatchObject([{ id, status: 2 }]);
  expect(await call('getTicket')(id)).toMatchObject({ id, status: 2 });
  expect(await call('updateTicket')(id, { status: 4 })).toMatchObject({ id, status: 4 });
  expect(await call('createNote')(id, { body: 'Looked into it', private: true })).toMatchObject({
    ticket_id: id,
    private: true,
  });
  await expect(call('updateTicket')(id, { stattus: 4 })).rejects.toMatchObject({ status: 400 });
  await expect(connect('not the key')('getTicket')(id)).rejects.toMatchObject({ status: 401 });
});
