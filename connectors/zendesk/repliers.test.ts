import { expect, test } from 'vitest';
import {
  connectTo,
  scriptNames,
  sideLoadsWith,
  startScriptedAccount,
  ticketWith,
} from './scripted-account.ts';

const COMMENTS = 'GET /api/v2/tickets/5158/comments.json';
const USERS = 'GET /api/v2/users/show_many.json';

test('a person in copy is not of our side; an author whom the ticket brought along is not looked up', async () => {
  await using account = await startScriptedAccount();
  scriptNames(account);
  account.on('GET /api/v2/tickets/show_many.json', { body: { tickets: [ticketWith()], ...sideLoadsWith() } });
  const said = (author_id: number) => ({ author_id, public: true, body: 'words' });
  const replierOf = async (comments: readonly object[]) => {
    account.on(COMMENTS, { body: { comments } });
    const connector = connectTo(account, {}, { needs: { publicReply: false, lastReplier: true } });
    return (await connector.fetch(['5158']))[0]?.lastReplier;
  };
  account.on(USERS, { body: { users: [{ id: 8, name: 'Copy', role: 'end-user' }] } });
  expect(await replierOf([said(8), said(235323)])).toEqual({ id: '235323', name: 'Kim' });
  expect(account.calls(USERS).map(({ query }) => query.get('ids'))).toEqual(['8']);
  expect(await replierOf([said(8)])).toBeNull();
});
