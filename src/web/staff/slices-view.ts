import { countText, dimensionText } from '../../domain/figure-words.ts';
import { queryOf } from '../../domain/question-query.ts';
import type { Dimension, Question, Report, Slice } from '../../domain/report.ts';
import { labelled } from '../../domain/slice-labels.ts';
import { intervalPicture } from './chart-view.ts';
import { countNumber, rateNumber, shownFigure, timeNumber } from './numbers.ts';

const SORTS = ['closures', 'label', 'figure', 'answered', 'rate', 'low', 'reopened'] as const;
export type SliceSort = (typeof SORTS)[number];

export interface SliceOrder {
  readonly by: SliceSort;
  readonly direction: 'ascending' | 'descending';
}

/** Names go from A, figures from the greatest, unless the reader turns them round. */
export function orderOf(query: Readonly<Record<string, unknown>>): SliceOrder {
  const by = SORTS.find((one) => one === query.sort) ?? 'closures';
  const usual = by === 'label' ? 'ascending' : 'descending';
  const turned = usual === 'ascending' ? 'descending' : 'ascending';
  return { by, direction: query.turned === '1' ? turned : usual };
}

/** A picture of more would be longer than anybody looks. */
const MOST_DRAWN = 25;

export async function slicesView(report: Report, question: Question, by: Dimension, order: SliceOrder) {
  const split = report.splits.find((one) => one.by === by) ?? { slices: [], more: 0 };
  const slices = sorted(labelled(by, split.slices), order);
  const enough = slices.filter(({ figure }) => figure.isEnough && figure.interval !== null);
  const rankable = enough.filter(({ value }) => value !== '');
  const unranked = rankable.filter(({ rank }) => rank === null).length;
  return {
    by,
    dimension: dimensionText(by),
    rows: slices.map((slice) => rowOf(slice, report, question, by)),
    more: split.more,
    hasRanks: slices.some(({ rank }) => rank !== null),
    /** What the order of these may be taken for. */
    told: toldOf(report, {
      rankable: rankable.length,
      unranked,
      few: slices.filter(({ figure }) => !figure.isEnough).length,
    }),
    picture:
      slices.length < 2 || enough.length === 0
        ? null
        : await intervalPicture({ ...report, slices: slices.slice(0, MOST_DRAWN) }, `by-${by}`),
    pictureSays: [
      `Dots and whiskers: the figure and its 95% interval. Dashed: all together.${
        slices.length > MOST_DRAWN ? ` The first ${MOST_DRAWN} of ${slices.length}.` : ''
      }`,
    ],
    minimum: countText(report.settings.minimum),
    columns: columnsOf(question, by, order, report),
    order,
  };
}

function toldOf(
  report: Report,
  { rankable, unranked, few }: { rankable: number; unranked: number; few: number },
) {
  const minimum = countText(report.settings.minimum);
  return [
    ...(unranked === 0 || rankable < 2
      ? []
      : [
          unranked === rankable
            ? 'Their intervals overlap: their order cannot be told, so none has a rank.'
            : 'A rank stands only where an interval overlaps with no other; for the others the order cannot be told.',
        ]),
    ...(few === 0 ? [] : [`Where there are fewer than ${minimum} answers only the counts are shown.`]),
  ];
}

function rowOf(slice: Slice, { metric }: Report, question: Question, by: Dimension) {
  const own: Question = { ...question, filters: { ...question.filters, [by]: [slice.value] } };
  const { tally } = slice;
  return {
    label: slice.label,
    href: `/dashboard?${queryOf(own)}`,
    rank: slice.rank,
    figure: shownFigure(slice, metric, own),
    closures: countNumber(tally.closures, own),
    low: countNumber(tally.low, own, { only: 'low' }),
    firstReply: timeNumber(tally.firstReply, own),
    reopenRate: rateNumber(tally.reopened, tally.closures, own, { only: 'reopened' }),
  };
}

function sorted(slices: readonly Slice[], { by, direction }: SliceOrder): readonly Slice[] {
  const sign = direction === 'ascending' ? 1 : -1;
  const keyed = slices.map((slice) => ({ slice, key: keyOf(slice, by) }));
  return keyed
    .toSorted((one, other) => {
      // What cannot be told is last, whichever way one looks.
      if (one.key === null || other.key === null)
        return Number(one.key === null) - Number(other.key === null);
      if (typeof one.key === 'string') return sign * one.key.localeCompare(String(other.key), 'en');
      return sign * (one.key - Number(other.key)) || one.slice.label.localeCompare(other.slice.label, 'en');
    })
    .map(({ slice }) => slice);
}

function keyOf({ value, label, figure, tally }: Slice, by: SliceSort): string | number | null {
  switch (by) {
    case 'label':
      return value === '' ? null : label;
    case 'figure':
      return figure.percent;
    case 'rate':
      return figure.responseRate;
    case 'reopened':
      return tally.closures === 0 ? null : tally.reopened / tally.closures;
    case 'closures':
    case 'answered':
    case 'low':
      return tally[by];
  }
}

function columnsOf(question: Question, by: Dimension, order: SliceOrder, { metric }: Report) {
  const titles: Readonly<Record<SliceSort, string>> = {
    label: dimensionText(by),
    figure: metric === null ? 'Score' : metric.kind.toUpperCase(),
    answered: 'n',
    rate: 'Response rate',
    closures: 'Closed',
    low: 'Low',
    reopened: 'Reopened',
  };
  return Object.fromEntries(
    SORTS.map((sort) => {
      const isCurrent = sort === order.by;
      const query = new URLSearchParams(queryOf(question));
      query.set('sort', sort);
      const isUsual = orderOf({ sort }).direction === order.direction;
      if (isCurrent && isUsual) query.set('turned', '1');
      return [
        sort,
        {
          title: titles[sort],
          href: `/dashboard/by/${by}?${query}`,
          sorted: isCurrent ? order.direction : null,
        },
      ];
    }),
  );
}
