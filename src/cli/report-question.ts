import { defaultPeriod } from '../domain/periods.ts';
import { isDay, questionFromQuery } from '../domain/question-query.ts';
import { DIMENSIONS, type Dimension, type Filters, type Question } from '../domain/report.ts';
import { ConfigError } from '../errors.ts';

/** Throws ConfigError for what is no dimension. */
export function dimensionFrom(text: string): Dimension {
  const dimension = DIMENSIONS.find((one) => one === text);
  if (dimension !== undefined) return dimension;
  throw new ConfigError(`report: ${text} is nothing that closings can be told apart by.`, {
    fix: `Use ${DIMENSIONS.join(', ')}.`,
  });
}

/** Of `team=Billing` and the like, each dimension as often as wanted; `team=` is "not known". Throws ConfigError. */
export function filtersFrom(texts: readonly string[]): Filters {
  const filters: Partial<Record<Dimension, readonly string[]>> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at === -1)
      throw new ConfigError(`report: --filter ${text} has no value.`, { fix: 'Write it as team=Billing.' });
    const dimension = dimensionFrom(text.slice(0, at));
    filters[dimension] = [...(filters[dimension] ?? []), text.slice(at + 1)];
  }
  return filters;
}

/** As on the dashboard: the last 30 days, or the 30 up to the last day asked for. Throws ConfigError for days that are none. */
export function questionFrom(asked: {
  readonly from?: string;
  readonly to?: string;
  readonly metric?: string;
  readonly filters: Filters;
  /** In the zone of the report. */
  readonly today: string;
}): Question {
  const { from, to, metric, filters, today } = asked;
  const last = to !== undefined && isDay(to) ? to : today;
  const { question, problems } = questionFromQuery({ from, to, metric }, defaultPeriod(last));
  if (problems.length > 0)
    throw new ConfigError(`report: ${problems.join(' ')}`, {
      fix: 'Run `caseloop report --help` to see what it takes.',
    });
  return { from: question.from, to: question.to, metric: question.metric, filters };
}
