import { confirm, DAYS, HOURS, head, MINUTES, open, options, SECONDS, type Trace, trap } from './trace.ts';

const deliveredAt = '2026-11-20T09:00:00Z';
const machine = { made: 'machine', means: [], deliveredAt } as const;
const SCORES = [1, 2, 3, 4, 5];
const CALLERS = ['a', 'b', 'c', 'd', 'e'];

/** Nobody answered in these; whatever is counted is false. */
export const MACHINES: readonly Trace[] = [
  {
    ...machine,
    name: 'every link asked for by HEAD and fetched as the mail comes in',
    family: 'Outlook Safe Links',
    requests: [
      ...SCORES.map((score, nth) =>
        head(2 * SECONDS + nth * 40, CALLERS[nth] ?? 'a', 'plain-fetcher', score),
      ),
      ...SCORES.map((score, nth) =>
        open(3 * SECONDS + nth * 60, CALLERS[nth] ?? 'a', 'plain-fetcher', score),
      ),
      trap(3_400, 'a', 'plain-fetcher'),
      open(3_500, 'b', 'plain-fetcher', null),
    ],
  },
  {
    ...machine,
    name: 'the links checked anew a quarter of an hour later, without scripts',
    family: 'Outlook Safe Links',
    requests: SCORES.map((score, nth) =>
      open(15 * MINUTES + nth * 2 * SECONDS, 'a', 'edge-of-a-sandbox', score),
    ),
  },
  {
    ...machine,
    name: 'links asked for with OPTIONS and HEAD by the mail program',
    family: 'Outlook Safe Links',
    requests: [
      options(3 * MINUTES, 'a', 'office-discovery', 4),
      head(3 * MINUTES + 200, 'a', 'office-discovery', 4),
    ],
  },
  {
    ...machine,
    name: 'all links at once in real browsers with scripts, before the mail is handed on',
    family: 'Defender detonation with scripts',
    requests: SCORES.flatMap((score, nth) => [
      open(40 * SECONDS + nth * 300, CALLERS[nth] ?? 'a', 'edge-of-a-sandbox', score),
      confirm(42 * SECONDS + nth * 300, CALLERS[nth] ?? 'a', 'edge-of-a-sandbox', score),
    ]),
  },
  {
    ...machine,
    name: 'one link alone with a moving pointer, seconds after the relay took the mail',
    family: 'Defender detonation with scripts',
    requests: [
      open(4 * SECONDS, 'a', 'edge-of-a-sandbox', 1),
      confirm(4_700, 'a', 'edge-of-a-sandbox', 1, { shownMs: 500, touched: true }),
    ],
  },
  {
    ...machine,
    name: 'a HEAD by a fetcher, minutes later the same link in a real browser at the same address',
    family: 'Defender detonation with scripts',
    requests: [
      head(30 * SECONDS, 'a', 'curl', 2),
      open(4 * MINUTES, 'a', 'edge-of-a-sandbox', 2),
      confirm(4 * MINUTES + 1_700, 'a', 'edge-of-a-sandbox', 2),
    ],
  },
  {
    ...machine,
    name: 'a HEAD by the browser that opens the link ten minutes later and moves its pointer',
    family: 'Defender detonation with scripts',
    requests: [
      head(45 * SECONDS, 'a', 'edge-of-a-sandbox', 3),
      open(10 * MINUTES, 'a', 'edge-of-a-sandbox', 3),
      confirm(10 * MINUTES + 600, 'a', 'edge-of-a-sandbox', 3, { shownMs: 400, touched: true }),
    ],
  },
  {
    ...machine,
    name: 'every link swept, and one of them again twenty minutes later with a moving pointer',
    family: 'Defender detonation with scripts',
    requests: [
      ...SCORES.map((score, nth) => open(50 * SECONDS + nth * 400, 'a', 'edge-of-a-sandbox', score)),
      trap(52_500, 'a', 'edge-of-a-sandbox'),
      open(20 * MINUTES, 'a', 'edge-of-a-sandbox', 1),
      confirm(20 * MINUTES + 800, 'a', 'edge-of-a-sandbox', 1, { shownMs: 600, touched: true }),
    ],
  },
  {
    ...machine,
    name: 'one link in a browser while another machine follows the hidden one',
    family: 'Defender detonation with scripts',
    requests: [
      open(6 * MINUTES, 'a', 'edge-of-a-sandbox', 5),
      trap(6 * MINUTES + 900, 'b', 'older-edge-of-a-sandbox'),
      confirm(6 * MINUTES + 1_900, 'a', 'edge-of-a-sandbox', 5, { touched: true }),
    ],
  },
  {
    ...machine,
    name: 'one link after the other, twelve seconds each, at one address',
    family: 'Defender detonation with scripts',
    requests: SCORES.flatMap((score, nth) => [
      open(9 * MINUTES + nth * 12 * SECONDS, 'a', 'edge-of-a-sandbox', score),
      confirm(9 * MINUTES + nth * 12 * SECONDS + 900, 'a', 'edge-of-a-sandbox', score, {
        shownMs: 700,
        touched: true,
      }),
    ]),
  },
  {
    ...machine,
    name: 'one link after the other, twelve seconds each, each at another address',
    family: 'Defender detonation with scripts',
    requests: SCORES.flatMap((score, nth) => [
      open(9 * MINUTES + nth * 12 * SECONDS, CALLERS[nth] ?? 'a', 'edge-of-a-sandbox', score),
      confirm(9 * MINUTES + nth * 12 * SECONDS + 1_700, CALLERS[nth] ?? 'a', 'edge-of-a-sandbox', score),
    ]),
  },
  {
    ...machine,
    name: 'one link under a clock that runs fast',
    family: 'Defender detonation with scripts',
    requests: [
      open(25 * MINUTES, 'a', 'edge-of-a-sandbox', 2),
      confirm(25 * MINUTES + 220, 'a', 'edge-of-a-sandbox', 2),
    ],
  },
  {
    ...machine,
    name: 'one link in a browser that a program drives',
    family: 'Defender detonation with scripts',
    requests: [
      open(35 * MINUTES, 'a', 'chrome-of-a-sandbox', 1),
      confirm(35 * MINUTES + 700, 'a', 'chrome-of-a-sandbox', 1, {
        shownMs: 500,
        touched: true,
        driven: true,
      }),
    ],
  },
  {
    ...machine,
    name: 'HEAD, then GET, link by link',
    family: 'Proofpoint',
    requests: SCORES.flatMap((score, nth) => [
      head(20 * SECONDS + nth * 500, 'a', 'plain-fetcher', score),
      open(20 * SECONDS + nth * 500 + 200, 'a', 'plain-fetcher', score),
    ]),
  },
  {
    ...machine,
    name: 'one link half an hour later in an emulated browser that runs scripts',
    family: 'Proofpoint',
    requests: [
      open(30 * MINUTES, 'a', 'emulated-browser', 1),
      confirm(30 * MINUTES + 1_700, 'a', 'emulated-browser', 1, { touched: true }),
    ],
  },
  {
    ...machine,
    name: 'two links in the same second at two addresses, by two browsers',
    family: 'Mimecast',
    requests: [
      open(2 * HOURS, 'a', 'edge-of-a-sandbox', 1),
      open(2 * HOURS + 700, 'b', 'chrome-of-a-sandbox', 5),
      confirm(2 * HOURS + 1_700, 'a', 'edge-of-a-sandbox', 1),
      confirm(2 * HOURS + 2_400, 'b', 'chrome-of-a-sandbox', 5),
    ],
  },
  {
    ...machine,
    name: 'two links four seconds apart at two addresses, by the same browser',
    family: 'Mimecast',
    requests: [
      open(3 * HOURS, 'a', 'edge-of-a-sandbox', 1),
      confirm(3 * HOURS + 1_700, 'a', 'edge-of-a-sandbox', 1),
      open(3 * HOURS + 4_000, 'b', 'edge-of-a-sandbox', 2),
      confirm(3 * HOURS + 5_700, 'b', 'edge-of-a-sandbox', 2),
    ],
  },
  {
    ...machine,
    name: 'all links with scripts, two seconds apart, from the lowest up',
    family: 'Mimecast',
    requests: SCORES.flatMap((score, nth) => [
      open(90 * SECONDS + nth * 2 * SECONDS, 'a', 'chrome-of-a-sandbox', score),
      confirm(91_700 + nth * 2 * SECONDS, 'a', 'chrome-of-a-sandbox', score),
    ]),
  },
  {
    ...machine,
    name: 'one link an hour later by a scanner that says so and runs scripts',
    family: 'Barracuda',
    requests: [
      open(1 * HOURS, 'a', 'named-scanner', 3),
      confirm(1 * HOURS + 1_700, 'a', 'named-scanner', 3, { touched: true }),
    ],
  },
  {
    ...machine,
    name: 'every link one after the other, without scripts',
    family: 'Barracuda',
    requests: [
      ...SCORES.map((score, nth) => open(12 * SECONDS + nth * 1_500, 'a', 'curl', score)),
      trap(20 * SECONDS, 'a', 'curl'),
    ],
  },
  {
    ...machine,
    name: 'the image proxy follows a link',
    family: 'Gmail proxy',
    requests: [open(5 * MINUTES, 'a', 'image-proxy', null)],
  },
  {
    ...machine,
    name: 'a safety check of two links, one of them twice',
    family: 'Gmail proxy',
    requests: [
      open(1 * MINUTES, 'a', 'link-safety', 1),
      open(1 * MINUTES + 800, 'b', 'link-safety', 5),
      open(8 * HOURS, 'b', 'link-safety', 5),
    ],
  },
  {
    ...machine,
    name: 'the mail proxy fetches a link',
    family: 'Apple Mail Privacy',
    requests: [open(20 * SECONDS, 'a', 'apple-proxy', 1)],
  },
  {
    ...machine,
    name: 'a preview renderer shows one link and runs its scripts',
    family: 'Apple Mail Privacy',
    requests: [
      open(50 * MINUTES, 'a', 'safari-preview', 4),
      confirm(50 * MINUTES + 1_800, 'a', 'safari-preview', 4),
    ],
  },
  {
    ...machine,
    name: 'the mail pasted into a channel',
    family: 'Slack preview',
    requests: [open(1 * HOURS, 'a', 'slack', 4), open(1 * HOURS + 300, 'a', 'slack', 5)],
  },
  {
    ...machine,
    name: 'the mail pasted into a chat',
    family: 'Teams preview',
    requests: [head(2 * HOURS, 'a', 'teams', 5), open(2 * HOURS + 100, 'b', 'teams', 5)],
  },
  {
    ...machine,
    name: 'a link sent on as a message',
    family: 'Phone preview',
    requests: [open(6 * HOURS, 'a', 'message-preview', 3)],
  },
  {
    ...machine,
    name: 'a mail plug-in looks at every link at download',
    family: 'Antivirus',
    requests: SCORES.map((score, nth) => open(30 * SECONDS + nth * 150, 'a', 'antivirus', score)),
  },
  {
    ...machine,
    name: 'three links in an emulation with scripts within seven seconds',
    family: 'Antivirus',
    requests: [1, 3, 5].flatMap((score, nth) => [
      open(4 * HOURS + nth * 3_500, 'a', 'chrome-of-a-sandbox', score),
      confirm(4 * HOURS + nth * 3_500 + 800, 'a', 'chrome-of-a-sandbox', score, {
        shownMs: 600,
        touched: true,
      }),
    ]),
  },
  {
    ...machine,
    name: 'a program posts what it read in the script, without opening a page',
    family: 'Web fuzzer',
    requests: [confirm(5 * HOURS, 'a', 'chrome-of-a-sandbox', 1, { touched: true }, { pageless: true })],
  },
  {
    ...machine,
    name: 'a gateway fetches all links in advance',
    family: 'Prefetching gateway',
    requests: SCORES.map((score, nth) =>
      open(2 * MINUTES + nth * 100, 'a', 'chrome-of-a-sandbox', score, { headers: { purpose: 'prefetch' } }),
    ),
  },
  {
    ...machine,
    name: 'a crawler runs every link through a headless browser at night',
    family: 'Archive crawler',
    requests: SCORES.flatMap((score, nth) => [
      open(14 * HOURS + nth * 9 * SECONDS, 'a', 'headless-chrome', score),
      confirm(14 * HOURS + nth * 9 * SECONDS + 1_700, 'a', 'headless-chrome', score, { driven: true }),
    ]),
  },
  {
    ...machine,
    name: 'a slow crawler takes twenty seconds for each link, a day later',
    family: 'Archive crawler',
    requests: SCORES.flatMap((score, nth) => [
      open(1 * DAYS + nth * 20 * SECONDS, 'a', 'chrome-of-a-sandbox', score),
      confirm(1 * DAYS + nth * 20 * SECONDS + 1_700, 'a', 'chrome-of-a-sandbox', score),
    ]),
  },
];
