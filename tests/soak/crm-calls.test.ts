import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { measureCrmCalls } from '../../bench/measure-crm-calls.ts';
import { findServers } from '../../bench/servers.ts';
import { startMailSink } from '../../bench/surroundings.ts';
import { connectorTypes } from '../../connectors/index.ts';

const MINUTE_MS = 60_000;
const PATTERN = { closures: 1_000, spreadMs: MINUTE_MS, lowEvery: 10, quietMs: 8_000 };

/** What an account can spare for 1,000 closings that are all answered, 100 of them low; polling apart. */
const AT_MOST: Readonly<Record<string, number>> = { zendesk: 80, freshdesk: 1_150, salesforce: 50 };

const { postgresqlUrl } = await findServers();

test.skipIf(postgresqlUrl === null)(
  `${PATTERN.closures} closings in each CRM within a minute, answered within another, cost no more calls than it can spare`,
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'caseloop-calls-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const { promise: failure, reject: onEnd } = Promise.withResolvers<never>();
    const sink = await startMailSink({ logFile: join(dir, 'mail-sink.log'), onEnd });
    onTestFinished(() => sink.close());
    const counted = await Promise.race([measureCrmCalls(sink, PATTERN, { dir, onEnd }), failure]);
    process.stdout.write(`${JSON.stringify(counted, null, 1)}\n`);
    expect(counted.map(({ type }) => type).sort()).toEqual(Object.keys(connectorTypes).sort());
    for (const { type, calls } of counted) {
      const sum = Object.values(calls).reduce((total, count) => total + count, 0);
      expect(sum, type).toBeGreaterThan(0);
      expect(sum, type).toBeLessThanOrEqual(AT_MOST[type] ?? 0);
    }
  },
  15 * MINUTE_MS,
);
