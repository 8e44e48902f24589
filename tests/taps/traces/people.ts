import { confirm, DAYS, HOURS, MINUTES, open, press, SECONDS, type Trace } from './trace.ts';

const deliveredAt = '2026-11-20T09:00:00Z';
const human = { made: 'human', deliveredAt } as const;

/** Only people were here; whatever is held costs one of them a press, and whatever is lost was theirs. */
export const PEOPLE: readonly Trace[] = [
  {
    ...human,
    name: 'a tap on the phone, closed as soon as it was seen',
    family: 'Phone',
    means: [5],
    requests: [open(11 * MINUTES, 'a', 'iphone', 5), confirm(11 * MINUTES + 1_900, 'a', 'iphone', 5)],
  },
  {
    ...human,
    name: 'a tap on a phone too old for newer headers',
    family: 'Phone',
    means: [4],
    requests: [open(2 * HOURS, 'a', 'old-iphone', 4), confirm(2 * HOURS + 2_400, 'a', 'old-iphone', 4)],
  },
  {
    ...human,
    name: 'a tap in the mail app of an Android phone',
    family: 'Phone',
    means: [3],
    requests: [open(40 * SECONDS, 'a', 'chrome-on-android', 3), confirm(41_700, 'a', 'chrome-on-android', 3)],
  },
  {
    ...human,
    name: 'a tap that opens inside the mail app',
    family: 'Phone',
    means: [4],
    requests: [
      open(3 * HOURS, 'a', 'android-webview', 4),
      confirm(3 * HOURS + 1_800, 'a', 'android-webview', 4),
    ],
  },
  {
    ...human,
    name: 'a tap on the notification, fourteen seconds after the relay took the mail',
    family: 'Phone',
    means: [5],
    requests: [open(14 * SECONDS, 'a', 'chrome-on-android', 5), confirm(15_700, 'a', 'chrome-on-android', 5)],
  },
  {
    ...human,
    name: 'a long press shows the lowest score for a moment, then the highest is tapped',
    family: 'Phone',
    means: [5],
    requests: [
      open(20 * MINUTES, 'a', 'iphone', 1),
      open(20 * MINUTES + 9 * SECONDS, 'a', 'iphone', 5),
      confirm(20 * MINUTES + 11 * SECONDS, 'a', 'iphone', 5),
    ],
  },
  {
    ...human,
    name: 'a tap in a train: the confirmation arrives nine seconds late, from another address',
    family: 'Phone',
    means: [4],
    requests: [open(4 * HOURS, 'a', 'iphone', 4), confirm(4 * HOURS + 9 * SECONDS, 'b', 'iphone', 4)],
  },
  {
    ...human,
    name: 'a click in webmail with the pointer still moving',
    family: 'Desktop',
    means: [5],
    requests: [
      open(50 * MINUTES, 'a', 'chrome', 5),
      confirm(50 * MINUTES + 450, 'a', 'chrome', 5, { shownMs: 250, touched: true }),
    ],
  },
  {
    ...human,
    name: 'a click in a mail program, then hands off',
    family: 'Desktop',
    means: [2],
    requests: [open(1 * DAYS, 'a', 'firefox', 2), confirm(1 * DAYS + 1_700, 'a', 'firefox', 2)],
  },
  {
    ...human,
    name: 'a click, and a comment with the button after that',
    family: 'Desktop',
    means: [1],
    requests: [
      open(30 * MINUTES, 'a', 'edge', 1),
      confirm(30 * MINUTES + 700, 'a', 'edge', 1, { shownMs: 500, touched: true }),
      press(31 * MINUTES, 'a', 'edge', 1),
    ],
  },
  {
    ...human,
    name: 'the page rendered in advance, then shown',
    family: 'Prefetching browser',
    means: [5],
    requests: [
      open(6 * HOURS, 'a', 'chrome', 5, { headers: { 'sec-purpose': 'prefetch;prerender' } }),
      confirm(6 * HOURS + 5_000, 'a', 'chrome', 5, { activated: true }),
    ],
  },
  {
    ...human,
    name: 'the link fetched in advance, then opened',
    family: 'Prefetching browser',
    means: [4],
    requests: [
      open(6 * HOURS, 'a', 'chrome', 4, { headers: { 'sec-purpose': 'prefetch' } }),
      open(6 * HOURS + 3_000, 'a', 'chrome', 4),
      confirm(6 * HOURS + 3_600, 'a', 'chrome', 4, { shownMs: 400, touched: true }),
    ],
  },
  {
    ...human,
    name: 'a double tap',
    family: 'Double taps',
    means: [4],
    requests: [
      open(8 * MINUTES, 'a', 'iphone', 4),
      open(8 * MINUTES + 280, 'a', 'iphone', 4),
      confirm(8 * MINUTES + 2_000, 'a', 'iphone', 4),
    ],
  },
  {
    ...human,
    name: 'a double click that opens two tabs',
    family: 'Double taps',
    means: [5],
    requests: [
      open(8 * MINUTES, 'a', 'firefox', 5),
      open(8 * MINUTES + 200, 'a', 'firefox', 5),
      confirm(8 * MINUTES + 1_000, 'a', 'firefox', 5, { shownMs: 700, touched: true }),
      confirm(8 * MINUTES + 4_000, 'a', 'firefox', 5, { shownMs: 300, touched: true }),
    ],
  },
  {
    ...human,
    name: 'the wrong score, and back for the right one',
    family: 'Double taps',
    means: [2, 4],
    requests: [
      open(15 * MINUTES, 'a', 'chrome-on-android', 2),
      confirm(15 * MINUTES + 1_700, 'a', 'chrome-on-android', 2),
      open(15 * MINUTES + 4_500, 'a', 'chrome-on-android', 4),
      confirm(15 * MINUTES + 6_200, 'a', 'chrome-on-android', 4),
    ],
  },
  {
    ...human,
    name: 'a changed mind the next day',
    family: 'Slow human',
    means: [5, 3],
    requests: [
      open(1 * HOURS, 'a', 'iphone', 5),
      confirm(1 * HOURS + 1_700, 'a', 'iphone', 5),
      open(1 * DAYS, 'b', 'edge', 3),
      confirm(1 * DAYS + 1_700, 'b', 'edge', 3),
    ],
  },
  {
    ...human,
    name: 'opened in a background tab and looked at three hours later',
    family: 'Slow human',
    means: [4],
    requests: [
      open(1 * HOURS, 'a', 'firefox', 4),
      confirm(4 * HOURS, 'a', 'firefox', 4, { shownMs: 900, touched: true }),
    ],
  },
  {
    ...human,
    name: 'ten minutes for a comment',
    family: 'Slow human',
    means: [3],
    requests: [
      open(2 * DAYS, 'a', 'chrome', 3),
      confirm(2 * DAYS + 1_700, 'a', 'chrome', 3),
      press(2 * DAYS + 10 * MINUTES, 'a', 'chrome', 3),
    ],
  },
  {
    ...human,
    name: 'the page opened without a score, one chosen and sent',
    family: 'Slow human',
    means: [3],
    requests: [open(5 * DAYS, 'a', 'edge', null), press(5 * DAYS + 40 * SECONDS, 'a', 'edge', 3)],
  },
  {
    ...human,
    name: 'scripts off, one press',
    family: 'No-script human',
    means: [2],
    requests: [open(22 * MINUTES, 'a', 'firefox', 2), press(22 * MINUTES + 7 * SECONDS, 'a', 'firefox', 2)],
  },
  {
    ...human,
    name: 'a text browser',
    family: 'No-script human',
    means: [5],
    requests: [open(3 * DAYS, 'a', 'lynx', 5), press(3 * DAYS + 20 * SECONDS, 'a', 'lynx', 5)],
  },
  {
    ...human,
    name: 'two colleagues with the same browser behind one address',
    family: 'Several people behind one gateway',
    means: [4, 5],
    requests: [
      open(30 * MINUTES, 'a', 'edge', 4),
      confirm(30 * MINUTES + 1_700, 'a', 'edge', 4),
      open(40 * MINUTES, 'a', 'edge', 5),
      confirm(40 * MINUTES + 1_700, 'a', 'edge', 5),
    ],
  },
  {
    ...human,
    name: 'forwarded to a colleague, who thinks otherwise',
    family: 'Forwarded mail',
    means: [4, 2],
    requests: [
      open(20 * MINUTES, 'a', 'iphone', 4),
      confirm(20 * MINUTES + 1_700, 'a', 'iphone', 4),
      open(5 * HOURS, 'b', 'edge', 2),
      confirm(5 * HOURS + 1_700, 'b', 'edge', 2),
    ],
  },
  {
    ...human,
    name: 'once on the phone and once more at the desk, the same score',
    family: 'Double taps',
    means: [4],
    requests: [
      open(10 * MINUTES, 'a', 'iphone', 4),
      confirm(10 * MINUTES + 1_700, 'a', 'iphone', 4),
      open(1 * DAYS, 'b', 'chrome', 4),
      confirm(1 * DAYS + 900, 'b', 'chrome', 4, { shownMs: 700, touched: true }),
    ],
  },
];
