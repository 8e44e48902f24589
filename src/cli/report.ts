import { systemClock } from '../clock.ts';
import { dayIn } from '../domain/periods.ts';
import type { Report } from '../domain/report.ts';
import { ConfigError } from '../errors.ts';
import { type CommonOptions, commandLog, loadForCommand, print, printJson } from './load.ts';
import { reach } from './reach.ts';
import { reportCsv } from './report-csv.ts';
import { dimensionFrom, filtersFrom, questionFrom } from './report-question.ts';
import { showReport } from './show-report.ts';

export interface ReportOptions extends CommonOptions {
  readonly from?: string;
  readonly to?: string;
  readonly by: readonly string[];
  readonly filter: readonly string[];
  readonly metric?: string;
  readonly step?: 'day' | 'week' | 'month';
  readonly format: 'table' | 'json' | 'csv';
}

/** `caseloop report`: the figures of the dashboard. Throws ConfigError for a question that cannot be asked. */
export async function report(options: ReportOptions): Promise<number> {
  const splits = options.by.map(dimensionFrom);
  const filters = filtersFrom(options.filter);
  const config = await loadForCommand(options);
  const today = dayIn(config.report.zone, systemClock.now());
  const question = questionFrom({ ...options, filters, today });
  const reached = await reach(config, commandLog());
  try {
    const args = { question, splits, step: options.step ?? null };
    const answer = (await reached.call('report', args)) as Report;
    requireMetric(question.metric, answer);
    if (options.json === true || options.format === 'json') printJson(answer);
    else if (options.format === 'csv') process.stdout.write(reportCsv(answer));
    else print(showReport(answer));
    return 0;
  } finally {
    await reached.close();
  }
}

function requireMetric(asked: string | null, { metric, metrics, question }: Report): void {
  if (asked === null || metric !== null) return;
  const known = metrics.map(({ key }) => `"${key}"`).join(', ');
  throw new ConfigError(
    `report: nobody was asked with the metric "${asked}" from ${question.from} to ${question.to}.`,
    { fix: known === '' ? 'Nobody was asked at all; choose another period.' : `Use ${known}.` },
  );
}
