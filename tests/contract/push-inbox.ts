import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RawRequest } from '../../src/connector.ts';
import { eventually } from '../support/eventually.ts';

/** Takes the CRM's pushes as the web server would, and keeps them as they came. */
export interface PushInbox extends AsyncDisposable {
  readonly url: string;
  readonly pushes: readonly RawRequest[];
  /** The next push whose body names the case, after the first `seen` ones. */
  nextAbout(caseId: string, seen: number): Promise<RawRequest>;
}

export async function openPushInbox(): Promise<PushInbox> {
  const pushes: RawRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    pushes.push({ headers, body: Buffer.concat(chunks) });
    response.writeHead(202).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks/contract`,
    pushes,
    nextAbout: (caseId, seen) =>
      eventually(`a push about case ${caseId}`, () =>
        pushes.slice(seen).find(({ body }) => new TextDecoder().decode(body).includes(caseId)),
      ),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
