import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port on loopback that nobody listens on, for a server whose address must be known before it starts. Below the ports that
 * systems give to outgoing connections, so that none of those takes it before we listen.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const probe = createServer().listen(10_000 + Math.floor(Math.random() * 20_000), '127.0.0.1');
    const isFree = await once(probe, 'listening').then(
      () => true,
      () => false,
    );
    const address = probe.address();
    if (!isFree || address === null || typeof address === 'string') continue;
    probe.close();
    await once(probe, 'close');
    return address.port;
  }
}
