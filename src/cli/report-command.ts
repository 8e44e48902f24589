import { z } from 'zod';
import type { App } from '../app.ts';
import { STEPS } from '../domain/periods.ts';
import { DIMENSIONS, type Report } from '../domain/report.ts';
import { readReport } from '../store/report.ts';

/** What `caseloop report` has the owner of the database do. */

export const ReportArgs = z.strictObject({
  question: z.strictObject({
    from: z.string(),
    to: z.string(),
    filters: z.partialRecord(z.enum(DIMENSIONS), z.array(z.string())),
    metric: z.string().nullable(),
  }),
  splits: z.array(z.enum(DIMENSIONS)),
  step: z.enum(STEPS).nullable(),
});

/** The same answer as on every page. A metric may be named without the rest of its key where one of that name was asked with. */
export async function answerReport(app: App, args: z.infer<typeof ReportArgs>): Promise<Report> {
  const deps = { db: app.work.db, settings: app.config.report, clock: app.clock };
  const { step, splits, question } = args;
  const wish = { splits, flags: true, ...(step === null ? {} : { step }) };
  const read = (metric: string | null) => readReport(deps, { ...question, metric }, wish);
  const report = await read(question.metric);
  const named = report.metrics.find(({ name }) => name === question.metric);
  return named === undefined ? report : read(named.key);
}
