import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { SoakSite } from './soak-site.ts';

/** Watches how long what the dead held stays in their hands. On the embedded engine nobody can look from outside. */
export interface Claims {
  /** Notes which rows and leases are held at this moment, right after a kill. */
  noteDeath(): Promise<void>;
  /** For each death: until the last of what was held then was given up or taken over, in ms. */
  freedMs(): Promise<readonly number[]>;
}

const LOOK_EVERY_MS = 100;

const HELD = `
  select 'mail ' || id || claimed_by as claim from caseloop.mails where claimed_by is not null
  union all select 'write-back ' || id || claimed_by from caseloop.write_backs where claimed_by is not null
  union all select 'follow-up ' || id || claimed_by from caseloop.follow_ups where claimed_by is not null
  union all select 'lease ' || name || holder from caseloop.leases`;

export function watchClaims({ engine }: SoakSite): Claims {
  const url = engine.urls.database;
  if (url === null) return { noteDeath: async () => undefined, freedMs: async () => [] };
  const watches: Promise<number | null>[] = [];
  return {
    async noteDeath() {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const held = await read(client);
      const watch = untilGone(client, held).finally(() => client.end());
      // Waited for in `freedMs`.
      watch.catch(() => undefined);
      watches.push(watch);
    },
    async freedMs() {
      const times = await Promise.all(watches);
      return times.filter((time) => time !== null);
    },
  };
}

/** Null when nothing was held. */
async function untilGone(client: pg.Client, held: ReadonlySet<string>): Promise<number | null> {
  if (held.size === 0) return null;
  const start = performance.now();
  for (;;) {
    const now = await read(client);
    if (![...held].some((claim) => now.has(claim))) return performance.now() - start;
    await wait(LOOK_EVERY_MS);
  }
}

async function read(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ claim: string }>(HELD);
  return new Set(rows.map(({ claim }) => claim));
}
