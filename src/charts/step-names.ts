import { dayText } from '../domain/figure-words.ts';
import type { Step } from '../domain/report.ts';

/** First days of steps as an axis shows them: `1 Nov`, with the year where it is another one. */
export function shortDays(steps: readonly Pick<Step, 'from'>[]): readonly string[] {
  return steps.map(({ from }, at) => {
    const [day, month, year] = dayText(from).split(' ');
    const isNewYear = at > 0 && steps[at - 1]?.from.slice(0, 4) !== from.slice(0, 4);
    return isNewYear ? `${day} ${month} ${year}` : `${day} ${month}`;
  });
}
