import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { DIMENSIONS } from '../../src/domain/report.ts';
import type { Role } from '../../src/domain/staff.ts';
import { securityHeaders } from '../../src/web/app.ts';
import { type DashboardDeps, dashboardRoutes } from '../../src/web/staff/dashboard.ts';
import type { Visit } from '../../src/web/staff/route.ts';
import { createStaffPages } from '../../src/web/staff/staff-pages.ts';
import { fullReport, SETTINGS } from './reports.ts';
import { VISIT } from './visits.ts';

/** The pages of figures on loopback, under the product's own headers, over reports that a test sets. */
export interface DashboardSite {
  readonly url: string;
  /** Settable: who asks, and what they are answered. */
  role: Role;
  /** Somebody else than the usual one of the role. */
  visitor: Visit | null;
  now: Date;
  answer: DashboardDeps['report'];
  /** Everything that was asked since it was last emptied. */
  readonly asked: Parameters<DashboardDeps['report']>[];
  close(): Promise<void>;
}

const TODAY = new Date('2026-11-30T12:00:00Z');

export async function startDashboardSite(): Promise<DashboardSite> {
  const app = express();
  app.use(securityHeaders([]));
  app.use('/assets', express.static(fileURLToPath(new URL('../../src/web/assets/', import.meta.url))));
  const server = createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const site: DashboardSite = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    role: 'lead',
    visitor: null,
    now: TODAY,
    answer: async (question) => ({ ...fullReport(), question }),
    asked: [],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const routes = dashboardRoutes({
    report: (...asked) => {
      site.asked.push(asked);
      return site.answer(...asked);
    },
    choices: (question) => {
      const asked: Parameters<DashboardDeps['report']> = [question, { splits: DIMENSIONS }];
      site.asked.push(asked);
      return site.answer(...asked);
    },
    settings: SETTINGS,
    clock: { now: () => site.now },
    pages: createStaffPages(),
  });
  for (const route of routes)
    app[route.method](route.path, (request, response, next) => {
      route.handle(request, response, site.visitor ?? VISIT[site.role]).catch(next);
    });
  return site;
}
