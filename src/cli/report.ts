import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { dayIn, daysBefore, defaultPeriod } from '../domain/periods.ts';
import { questionFromQuery } from '../domain/question-query.ts';
import { DIMENSIONS, type Dimension, type Question, type Report } from '../domain/report.ts';
import { ConfigError } from '../errors.ts';
import { type CommonOptions, commandLog, loadForCommand, print, printJson } from './load.ts';
import { reach } from './reach.ts';
import { reportCsv } from './report-csv.ts';
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
  const asked = readFilters(options.filter);
  const config = await loadForCommand(options);
  const question = questionFrom(options, asked, config);
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

function dimensionFrom(text: string): Dimension {
  const dimension = DIMENSIONS.find((one) => one === text);
  if (dimension !== undefined) return dimension;
  throw new ConfigError(`report: ${text} is nothing that closings can be told apart by.`, {
    fix: `Use ${DIMENSIONS.join(', ')}.`,
  });
}

/** `team=Billing`, each dimension as often as wanted; `team=` is "not known". */
function readFilters(filters: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const values: Record<string, string[]> = {};
  for (const filter of filters) {
    const [name = '', ...rest] = filter.split('=');
    if (rest.length === 0)
      throw new ConfigError(`report: --filter ${filter} has no value.`, { fix: 'Write it as team=Billing.' });
    const dimension = dimensionFrom(name);
    values[dimension] = [...(values[dimension] ?? []), rest.join('=')];
  }
  return values;
}

/** The last 30 days that are over, in the report's zone, unless other ones are asked for. */
function questionFrom(
  { from, to, metric }: ReportOptions,
  filters: Readonly<Record<string, readonly string[]>>,
  config: Config,
): Question {
  const yesterday = daysBefore(dayIn(config.report.zone, systemClock.now()), 1);
  const last = to ?? (from !== undefined && from > yesterday ? from : yesterday);
  const otherwise = { from: from ?? defaultPeriod(isDay(last) ? last : yesterday).from, to: last };
  const { question, problems } = questionFromQuery({ ...filters, from, to, metric }, otherwise);
  if (problems.length > 0)
    throw new ConfigError(`report: ${problems.join(' ')}`, {
      fix: 'Run `caseloop report --help` to see what it takes.',
    });
  const { from: first, to: until, filters: only } = question;
  return { from: first, to: until, filters: only, metric: question.metric };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

function requireMetric(asked: string | null, { metric, metrics, question }: Report): void {
  if (asked === null || metric !== null) return;
  const known = metrics.map(({ key }) => `"${key}"`).join(', ');
  throw new ConfigError(
    `report: nobody was asked with the metric "${asked}" from ${question.from} to ${question.to}.`,
    { fix: known === '' ? 'Nobody was asked at all; choose another period.' : `Use ${known}.` },
  );
}
