import { confirm, HOURS, head, MINUTES, open, options, press, SECONDS, type Trace } from './trace.ts';

const deliveredAt = '2026-11-20T09:00:00Z';

/**
 * Written after the classifier, against it: what it is known not to tell. They are counted apart and told in the docs, so that
 * the rates over the other traces are not taken for more than they are.
 */
export const LIMITS: readonly Trace[] = [
  {
    name: 'one link alone, hours later, in a browser like any other, at an address like any other',
    family: 'A machine like a person',
    made: 'machine',
    means: [],
    deliveredAt,
    requests: [
      open(3 * HOURS, 'a', 'edge-of-a-sandbox', 1),
      confirm(3 * HOURS + 1_700, 'a', 'edge-of-a-sandbox', 1),
    ],
  },
  {
    name: 'two links six seconds apart in one browser, like a person who tapped wrongly',
    family: 'A machine like a person',
    made: 'machine',
    means: [],
    deliveredAt,
    requests: [
      open(3 * HOURS, 'a', 'edge-of-a-sandbox', 1),
      confirm(3 * HOURS + 1_700, 'a', 'edge-of-a-sandbox', 1),
      open(3 * HOURS + 6 * SECONDS, 'a', 'edge-of-a-sandbox', 5),
      confirm(3 * HOURS + 7_700, 'a', 'edge-of-a-sandbox', 5),
    ],
  },
  {
    name: 'all links, one a minute',
    family: 'A machine like a person',
    made: 'machine',
    means: [],
    deliveredAt,
    requests: [1, 2, 3].flatMap((score, nth) => [
      open(3 * HOURS + nth * MINUTES, 'a', 'edge-of-a-sandbox', score),
      confirm(3 * HOURS + nth * MINUTES + 1_700, 'a', 'edge-of-a-sandbox', score),
    ]),
  },
  {
    name: 'a program presses the button',
    family: 'A machine like a person',
    made: 'machine',
    means: [],
    deliveredAt,
    requests: [
      open(1 * MINUTES, 'a', 'headless-chrome', 1),
      press(1 * MINUTES + 900, 'a', 'headless-chrome', 1),
    ],
  },
  {
    name: 'an office program asks for the link before it hands it to the browser, and nobody touches the page',
    family: 'A person like a machine',
    made: 'human',
    means: [4],
    deliveredAt,
    requests: [
      options(1 * HOURS - 900, 'a', 'office-discovery', 4),
      head(1 * HOURS - 600, 'a', 'office-discovery', 4),
      open(1 * HOURS, 'a', 'edge', 4),
      confirm(1 * HOURS + 1_700, 'a', 'edge', 4),
    ],
  },
  {
    name: 'a tap eight seconds after the relay took the mail',
    family: 'A person like a machine',
    made: 'human',
    means: [5],
    deliveredAt,
    requests: [open(8 * SECONDS, 'a', 'iphone', 5), confirm(9_700, 'a', 'iphone', 5)],
  },
];
