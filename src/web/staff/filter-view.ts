import { daysText, dimensionText, kindText } from '../../domain/figure-words.ts';
import { usualPeriods } from '../../domain/periods.ts';
import { queryOf } from '../../domain/question-query.ts';
import { DIMENSIONS, type Dimension, type Filters, type Question } from '../../domain/report.ts';
import { labelFor, labelled } from '../../domain/slice-labels.ts';
import type { Choices } from '../../store/report-choices.ts';
import type { Asked } from './asked.ts';

/** What the top of every page with figures offers: days, filters, and the way back from each. */
export interface FilterView {
  readonly action: string;
  readonly days: string;
  readonly periods: readonly { readonly name: string; readonly href: string; readonly isCurrent: boolean }[];
  readonly from: string;
  readonly to: string;
  readonly today: string;
  readonly groups: readonly FilterGroup[];
  /** Those in force, each with the address without it. */
  readonly pills: readonly { readonly text: string; readonly href: string }[];
  /** The address without any; null where none is in force. */
  readonly clear: string | null;
  /** Empty when there is no choice. */
  readonly metrics: readonly { readonly key: string; readonly text: string; readonly isCurrent: boolean }[];
  /** What else the address asks and the form must keep. */
  readonly kept: readonly { readonly name: string; readonly value: string }[];
}

interface FilterGroup {
  readonly name: Dimension;
  readonly title: string;
  readonly options: readonly { readonly value: string; readonly label: string; readonly isChosen: boolean }[];
  /** Values that are left out. */
  readonly more: number;
}

/** `choices` are those of all that the reader may see in these days: only what occurs can be chosen. */
export function filterView(
  asked: Asked,
  choices: Pick<Choices, 'splits' | 'metrics'>,
  page: { readonly path: string; readonly kept?: Readonly<Record<string, string | null>> },
): FilterView {
  const { question, chosen } = asked;
  const kept = Object.entries(page.kept ?? {}).flatMap(([name, value]) =>
    value === null ? [] : [{ name, value }],
  );
  const hrefOf = (over: Partial<Question>): string => {
    const query = new URLSearchParams(queryOf({ ...question, filters: chosen, ...over }));
    for (const { name, value } of kept) query.set(name, value);
    return `${page.path}?${query}`;
  };
  const periods = usualPeriods(asked.today);
  // On the last of November "30 days" and "This month" are the same: one of them is enough.
  const current = periods.find(({ from, to }) => from === question.from && to === question.to);
  const pills = DIMENSIONS.flatMap((dimension) =>
    (chosen[dimension] ?? []).map((value) => ({
      text: `${dimensionText(dimension)}: ${labelOf(choices, dimension, value)}`,
      href: hrefOf({ filters: without(chosen, dimension, value) }),
    })),
  );
  return {
    action: page.path,
    days: daysText(question.from, question.to),
    periods: periods.map((period) => ({
      name: period.name,
      href: hrefOf({ from: period.from, to: period.to }),
      isCurrent: period === current,
    })),
    from: question.from,
    to: question.to,
    today: asked.today,
    groups: groupsOf(chosen, choices),
    pills,
    clear: pills.length === 0 ? null : hrefOf({ filters: {} }),
    metrics:
      choices.metrics.length < 2
        ? []
        : choices.metrics.map((metric, nth) => ({
            key: metric.key,
            text: `${kindText(metric)}, ${metric.name} (${metric.scale}, satisfied from ${metric.satisfiedFrom})`,
            isCurrent: question.metric === null ? nth === 0 : question.metric === metric.key,
          })),
    kept,
  };
}

function groupsOf(chosen: Filters, { splits }: Pick<Choices, 'splits'>): readonly FilterGroup[] {
  return splits.flatMap(({ by, slices: given, more }): FilterGroup[] => {
    const slices = labelled(by, given);
    const values = chosen[by] ?? [];
    const absent = values.filter((value) => !slices.some((slice) => slice.value === value));
    const options = [
      ...slices.map(({ value, label }) => ({ value, label })),
      ...absent.map((value) => ({ value, label: labelFor(value, value) })),
    ].map((option) => ({ ...option, isChosen: values.includes(option.value) }));
    // One value that everything has is no choice.
    if (options.length < 2 && values.length === 0) return [];
    return [{ name: by, title: dimensionText(by), options, more }];
  });
}

function without(filters: Filters, dimension: Dimension, value: string): Filters {
  const { [dimension]: values = [], ...others } = filters;
  const left = values.filter((one) => one !== value);
  return left.length === 0 ? others : { ...others, [dimension]: left };
}

function labelOf({ splits }: Pick<Choices, 'splits'>, dimension: Dimension, value: string): string {
  const slice = splits.find(({ by }) => by === dimension)?.slices.find((one) => one.value === value);
  return labelFor(value, slice?.label ?? value);
}
