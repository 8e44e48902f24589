import { confirm, DAYS, HOURS, head, MINUTES, open, press, SECONDS, type Trace, trap } from './trace.ts';

const deliveredAt = '2026-11-20T09:00:00Z';
const both = { made: 'both', deliveredAt } as const;
const SCORES = [1, 2, 3, 4, 5];

const sweep = (from: number, caller: string, browser: 'plain-fetcher' | 'edge-of-a-sandbox' | 'antivirus') =>
  SCORES.map((score, nth) => open(from + nth * 1_200, caller, browser, score));
const detonation = (from: number) =>
  SCORES.flatMap((score, nth) => [
    open(from + nth * 500, `vm-${score}`, 'edge-of-a-sandbox', score),
    confirm(from + nth * 500 + 1_800, `vm-${score}`, 'edge-of-a-sandbox', score),
  ]);

/** A machine was here, and so was the customer: only what the customer gave may count. */
export const BOTH: readonly Trace[] = [
  {
    ...both,
    name: 'swept at delivery, answered two hours later on a phone',
    family: 'Outlook Safe Links',
    means: [4],
    requests: [
      ...sweep(3 * SECONDS, 'a', 'plain-fetcher'),
      trap(9 * SECONDS, 'a', 'plain-fetcher'),
      open(2 * HOURS, 'b', 'iphone', 4),
      confirm(2 * HOURS + 1_700, 'b', 'iphone', 4),
    ],
  },
  {
    ...both,
    name: 'swept at delivery, answered half a minute later on a phone',
    family: 'Outlook Safe Links',
    means: [5],
    requests: [
      ...sweep(3 * SECONDS, 'a', 'plain-fetcher'),
      open(30 * SECONDS, 'b', 'chrome-on-android', 5),
      confirm(31_700, 'b', 'chrome-on-android', 5),
    ],
  },
  {
    ...both,
    name: 'the customer taps while the sweep has hardly ended',
    family: 'Outlook Safe Links',
    means: [4],
    requests: [
      ...sweep(3 * SECONDS, 'a', 'plain-fetcher'),
      open(15 * SECONDS, 'b', 'iphone', 4),
      confirm(16_700, 'b', 'iphone', 4),
    ],
  },
  {
    ...both,
    name: 'the link is checked at the moment of the click',
    family: 'Outlook Safe Links',
    means: [3],
    requests: [
      open(1 * HOURS, 'b', 'edge', 3, { headers: { 'sec-fetch-site': 'cross-site' } }),
      open(1 * HOURS + 900, 'a', 'plain-fetcher', 3),
      confirm(1 * HOURS + 1_700, 'b', 'edge', 3),
    ],
  },
  {
    ...both,
    name: 'the clicked link is opened in a sandbox, too',
    family: 'Defender detonation with scripts',
    means: [2],
    requests: [
      open(1 * HOURS, 'b', 'edge', 2),
      confirm(1 * HOURS + 800, 'b', 'edge', 2, { shownMs: 600, touched: true }),
      open(1 * HOURS + 4_000, 'a', 'edge-of-a-sandbox', 2),
      confirm(1 * HOURS + 5_700, 'a', 'edge-of-a-sandbox', 2),
    ],
  },
  {
    ...both,
    name: 'detonated before it was handed on, answered three hours later in the same kind of browser',
    family: 'Defender detonation with scripts',
    means: [5],
    requests: [
      ...detonation(35 * SECONDS),
      open(3 * HOURS, 'b', 'edge-of-a-sandbox', 5),
      confirm(3 * HOURS + 1_700, 'b', 'edge-of-a-sandbox', 5),
    ],
  },
  {
    ...both,
    name: 'scanned by the gateway of the house, answered twenty minutes later from the same address',
    family: 'Proofpoint',
    means: [2],
    requests: [
      ...SCORES.map((score, nth) => head(5 * SECONDS + nth * 90, 'a', 'plain-fetcher', score)),
      ...sweep(6 * SECONDS, 'a', 'plain-fetcher'),
      open(20 * MINUTES, 'a', 'firefox', 2),
      confirm(20 * MINUTES + 900, 'a', 'firefox', 2, { shownMs: 700, touched: true }),
    ],
  },
  {
    ...both,
    name: 'a held confirmation, then the customer presses the button',
    family: 'Barracuda',
    means: [4],
    requests: [
      ...sweep(8 * SECONDS, 'a', 'edge-of-a-sandbox'),
      confirm(16 * SECONDS, 'a', 'edge-of-a-sandbox', 5),
      open(40 * MINUTES, 'b', 'chrome', 4),
      press(40 * MINUTES + 9_000, 'b', 'chrome', 4),
    ],
  },
  {
    ...both,
    name: 'the plug-in at home looks at every link, three minutes later the customer taps at the same computer',
    family: 'Antivirus',
    means: [4],
    requests: [
      ...sweep(20 * SECONDS, 'a', 'antivirus'),
      open(3 * MINUTES, 'a', 'chrome', 4),
      confirm(3 * MINUTES + 500, 'a', 'chrome', 4, { shownMs: 300, touched: true }),
    ],
  },
  {
    ...both,
    name: 'the computer at home looks at every link, the customer answers on the phone beside it',
    family: 'Antivirus',
    means: [5],
    requests: [
      ...sweep(20 * SECONDS, 'a', 'antivirus'),
      open(12 * MINUTES, 'a', 'iphone', 5),
      confirm(12 * MINUTES + 1_700, 'a', 'iphone', 5),
    ],
  },
  {
    ...both,
    name: 'the clicked link is fetched just before the browser gets it',
    family: 'Antivirus',
    means: [1],
    requests: [
      open(2 * HOURS - 300, 'a', 'antivirus', 1),
      open(2 * HOURS, 'a', 'firefox', 1),
      confirm(2 * HOURS + 700, 'a', 'firefox', 1, { shownMs: 450, touched: true }),
    ],
  },
  {
    ...both,
    name: 'pasted into a channel, where a colleague taps it',
    family: 'Slack preview',
    means: [4],
    requests: [
      open(1 * HOURS, 'a', 'slack', 4),
      open(1 * HOURS + 8_000, 'b', 'chrome', 4),
      confirm(1 * HOURS + 9_700, 'b', 'chrome', 4),
    ],
  },
  {
    ...both,
    name: 'pasted into a chat, where a colleague taps it',
    family: 'Teams preview',
    means: [3],
    requests: [
      head(1 * HOURS, 'a', 'teams', 3),
      open(1 * HOURS + 100, 'a', 'teams', 3),
      open(1 * HOURS + 5 * SECONDS, 'b', 'edge', 3),
      confirm(1 * HOURS + 6_700, 'b', 'edge', 3),
    ],
  },
  {
    ...both,
    name: 'swept once more with the reminder, answered an hour after that',
    family: 'Outlook Safe Links',
    means: [3],
    mailsAt: [0, 3 * DAYS],
    requests: [
      ...sweep(3 * SECONDS, 'a', 'plain-fetcher'),
      ...detonation(3 * DAYS + 5 * SECONDS),
      open(3 * DAYS + 1 * HOURS, 'b', 'chrome-on-android', 3),
      confirm(3 * DAYS + 1 * HOURS + 1_700, 'b', 'chrome-on-android', 3),
    ],
  },
  {
    ...both,
    name: 'answered, then forwarded to a house that detonates mails',
    family: 'Forwarded mail',
    means: [5],
    requests: [
      open(10 * MINUTES, 'b', 'iphone', 5),
      confirm(10 * MINUTES + 1_700, 'b', 'iphone', 5),
      ...detonation(1 * DAYS),
    ],
  },
  {
    ...both,
    name: 'answered by the button, then detonated by an archive',
    family: 'Defender detonation with scripts',
    means: [2],
    requests: [
      open(15 * MINUTES, 'b', 'firefox', 2),
      press(15 * MINUTES + 30 * SECONDS, 'b', 'firefox', 2),
      ...detonation(2 * DAYS),
    ],
  },
  {
    ...both,
    name: 'swept, then answered without scripts',
    family: 'No-script human',
    means: [1],
    requests: [
      ...sweep(4 * SECONDS, 'a', 'plain-fetcher'),
      open(5 * MINUTES, 'b', 'firefox', 1),
      press(5 * MINUTES + 12 * SECONDS, 'b', 'firefox', 1),
    ],
  },
];
