import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectorTypes } from '../../connectors/index.ts';
import { type App, openApp } from '../../src/app.ts';
import { type Config, parseConfig } from '../../src/config.ts';
import { ConfigError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { useMetrics } from '../../src/store/metrics.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { createMovableClock } from '../support/movable-clock.ts';

describeEngines(
  'metrics',
  (engine) => {
    let open: OpenEngine;
    let dir: string;
    const clock = createMovableClock();
    beforeAll(async () => {
      open = await engine.open();
      dir = await mkdtemp(join(tmpdir(), 'caseloop-test-'));
    });
    afterAll(async () => {
      await open.close();
      await rm(dir, { recursive: true, force: true });
    });

    const configWith = (survey: Readonly<Record<string, unknown>>): Config =>
      parseConfig(
        JSON.stringify({
          server: { publicUrl: 'https://survey.acme.example', secret: 's'.repeat(40) },
          mail: { from: 'support@acme.example' },
          dataDir: dir,
          connectors: {
            desk: {
              type: 'zendesk',
              baseUrl: 'https://acme.zendesk.com',
              auth: { clientId: 'a', clientSecret: 'b' },
            },
          },
          surveys: { support: survey },
        }),
        { file: join(dir, 'caseloop.yaml'), env: {}, types: connectorTypes },
      );
    /** What `check` does with the file, and what `start` does. */
    const opened = (config: Config): Promise<App> =>
      openApp({ config, types: connectorTypes, clock, log: silentLog, engine: open });
    const check = async (survey: Readonly<Record<string, unknown>>): Promise<void> =>
      (await opened(configWith(survey))).close();
    const start = async (survey: Readonly<Record<string, unknown>>): Promise<void> => {
      const config = configWith(survey);
      await (await opened(config)).close();
      await useMetrics(open.database.db, config.surveys, clock.now());
    };
    const changes = async (): Promise<string[]> => {
      const s = open.database.db.withSchema(SCHEMA);
      const rows = await s
        .selectFrom('audit')
        .select('detail')
        .where('what', '=', 'metric')
        .orderBy('id')
        .execute();
      return rows.map(({ detail }) => JSON.parse(detail)).map(({ metric, is }) => `${metric}: ${is}`);
    };

    test('a name keeps its kind, scale and threshold; each change of name is dated once', async () => {
      // Looking at a file settles nothing: the admin may still think again.
      await check({ metric: 'autumn', scale: '1-7', followUpBelow: 3 });
      expect(await changes()).toEqual([]);

      await start({ metric: 'autumn' });
      await Promise.all([start({ metric: 'autumn' }), start({ metric: 'autumn', followUpBelow: 2 })]);
      for (const changed of [{ satisfiedFrom: 5 }, { scale: 'stars', followUpBelow: 3 }, { kind: 'ces' }]) {
        const refused = check({ metric: 'autumn', ...changed });
        await expect(refused).rejects.toThrow(ConfigError);
        await expect(refused).rejects.toThrow(
          /^surveys\.support: metric "autumn" is "csat 1-5, satisfied from 4"/,
        );
        await expect(refused).rejects.toMatchObject({
          fix: expect.stringMatching(/^Give the survey a new metric name/),
        });
        await expect(start({ metric: 'autumn', ...changed })).rejects.toThrow(ConfigError);
      }
      await start({ metric: 'winter', scale: '1-7', followUpBelow: 3 });
      await start({ metric: 'autumn' });
      expect(await changes()).toEqual([
        'autumn: csat 1-5, satisfied from 4',
        'winter: csat 1-7, satisfied from 6',
        'autumn: csat 1-5, satisfied from 4',
      ]);
    });
  },
  { stores: true },
);
