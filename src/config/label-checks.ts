import { SCALES, type Scale } from '../domain/score.ts';
import type { ProblemDraft } from './problem.ts';
import { entriesAt, valueAt } from './value-at.ts';

/** Scales of plain numbers, where words for the two ends are enough. */
const NUMBERS: readonly string[] = ['1-5', '1-7', '1-10', '0-10'] satisfies Scale[];
/** Scales that are drawn. */
const DRAWN: readonly string[] = ['thumbs', 'stars', 'faces'] satisfies Scale[];

/** A survey's own labels and icons: as many as there are points, and no two the same. */
export function checkLabels(value: unknown): ProblemDraft[] {
  return entriesAt(value, ['surveys']).flatMap(([name, survey]) => {
    const scale = valueAt(survey, ['scale']) ?? '1-5';
    if (typeof scale !== 'string' || !Object.hasOwn(SCALES, scale)) return [];
    return [
      ...entriesAt(survey, ['labels']).flatMap(([tag, labels]) =>
        checkList(['surveys', name, 'labels', tag], labels, scale as Scale, NUMBERS.includes(scale)),
      ),
      ...checkIcons(['surveys', name, 'icons'], valueAt(survey, ['icons']), scale as Scale),
    ];
  });
}

function checkIcons(path: readonly string[], icons: unknown, scale: Scale): ProblemDraft[] {
  if (!Array.isArray(icons) || icons.length === 0) return [];
  if (DRAWN.includes(scale)) return checkList(path, icons, scale, false);
  return [
    {
      path,
      message: `the points of the scale ${scale} are not drawn`,
      allowed: 'none on this scale',
      fix: 'Delete the key, or choose thumbs, stars or faces with a new metric name.',
    },
  ];
}

function checkList(
  path: readonly string[],
  list: unknown,
  scale: Scale,
  endsWillDo: boolean,
): ProblemDraft[] {
  if (!Array.isArray(list)) return [];
  const { min, max } = SCALES[scale];
  const count = max - min + 1;
  const allowed = `${count}, one per point and the lowest first${endsWillDo ? '; or 2, for the ends' : ''}`;
  if (list.length !== count && !(endsWillDo && list.length === 2))
    return [
      {
        path,
        message: `${list.length === 1 ? 'there is 1' : `there are ${list.length}`} for the ${count} points of the scale ${scale}`,
        allowed,
        fix: `Write ${endsWillDo ? `${count} or 2` : count}.`,
      },
    ];
  const twice = list.findIndex((one, index) => list.indexOf(one) !== index);
  if (twice === -1) return [];
  return [
    {
      path: [...path, twice],
      message: 'two points would look the same',
      allowed: 'a different one for each point',
      fix: 'Change one of the two.',
    },
  ];
}
