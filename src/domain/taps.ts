/** One fetch or press of a survey's link, with what it said of itself. Never an answer. */
export interface Tap {
  readonly id: string;
  readonly at: Date;
  /** `trap`: of the link that no person sees. `answer`: a post of the page's form or script. */
  readonly kind: 'page' | 'trap' | 'answer';
  readonly method: string;
  readonly score: number | null;
  /** The program's family, such as "Edge 140 on Windows". */
  readonly agent: string;
  /** Stands for an address. */
  readonly caller: string;
  readonly facts: TapFacts;
}

/** What the headers of a fetch give away. */
export interface TapFacts {
  /** It says that nobody has chosen the page yet. */
  readonly prefetched: boolean;
  /** It names itself as a program that looks at links. */
  readonly scanner: boolean;
  /** It names a browser, and lacks what every such browser sends. */
  readonly bare: boolean;
}

/** A confirmation by the page's own script: which opening led to it, and what the script saw. */
export interface Claim {
  /** Null when it names no opening of this survey's page. */
  readonly tapId: string | null;
  readonly at: Date;
  readonly report: Report;
}

export interface Report {
  /** How long the page has been in sight. */
  readonly shownMs: number;
  /** The pointer moved, a finger touched or a key was pressed, and no script did it. */
  readonly touched: boolean;
  /** The browser says that a program drives it. */
  readonly driven: boolean;
  /** It had been rendered in advance and was shown when somebody chose it. */
  readonly activated: boolean;
}

/** Everything a claim is judged on. */
export interface Scene {
  readonly taps: readonly Tap[];
  /** When the relay took the survey's mails. */
  readonly mailsAt: readonly Date[];
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Between the relay and the inbox there is no time for a person. */
const EARLY_MS = 10 * SECOND_MS;
const EARLY_SLACK_MS = 5 * SECOND_MS;
/** Several scores so close together, whoever fetched them. */
const CROWD_MS = 10 * SECOND_MS;
/** Two scores so close together: nobody goes back to the mail in that time. */
const AT_ONCE_MS = 1.5 * SECOND_MS;
/** Two scores so close together by one kind of browser at two addresses: nobody moves that fast. */
const ELSEWHERE_MS = 5 * SECOND_MS;
/** Several scores by one address or one kind of browser, slowly. */
const KIN_MS = 1 * MINUTE_MS;
/** How long a program's doings speak against its own browser at its own address, touched or not. Nothing older matters. */
export const SAME_BROWSER_MS = 60 * MINUTE_MS;
/** And against others at its address, unless somebody touched the page. */
const UNTOUCHED_MS = 5 * MINUTE_MS;
/** The script waits longer than this before it speaks for a page that nobody touched. */
const TOO_SOON_MS = 1 * SECOND_MS;
const CROWD = 3;

/** Every mark, with what it tells an admin. A confirmation that carries one waits for a person. */
export const MARKS = {
  head: 'The page was asked for without being looked at (HEAD or OPTIONS).',
  prefetch: 'The page was fetched in advance, before anybody chose it.',
  scanner: 'The program names itself as a scanner, crawler or preview.',
  bare: 'It names a browser, but leaves out what every such browser sends.',
  trap: 'It followed a link that no person sees.',
  early: 'The link was opened within 10 seconds of the mail being handed to the relay.',
  sweep: 'Several scores were opened within seconds.',
  trapped: 'The link that no person sees was opened at the same time.',
  'same-browser': 'The same browser at the same address had gone through the mail as a program does.',
  untouched: 'A program had gone through the mail at the same address, and nobody touched the page.',
  driven: 'The browser says that a program drives it.',
  'too-soon': 'The page spoke up before a person could have seen it.',
  pageless: 'It names no opening of the page.',
} as const;

export type Mark = keyof typeof MARKS;

export const MARK_NAMES = Object.keys(MARKS) as readonly Mark[];

type TapTest = (tap: Tap, scene: Scene) => boolean;

/** What speaks against a fetch by itself or by its company. */
const TAP_TESTS = {
  head: (tap) => tap.method === 'HEAD' || tap.method === 'OPTIONS',
  prefetch: (tap) => tap.facts.prefetched,
  scanner: (tap) => tap.facts.scanner,
  bare: (tap) => tap.facts.bare,
  trap: (tap) => tap.kind === 'trap',
  early: (tap, { mailsAt }) =>
    mailsAt.some((sent) => {
      const afterMs = tap.at.getTime() - sent.getTime();
      return afterMs > -EARLY_SLACK_MS && afterMs < EARLY_MS;
    }),
  sweep: isInSweep,
} as const satisfies Partial<Record<Mark, TapTest>>;

type TapMark = keyof typeof TAP_TESTS;

/** Makes a tap no company for others: a browser that fetches in advance is a person's like any other. */
const KEEPS_TO_ITSELF: readonly Mark[] = ['prefetch'];

/** The marks of one fetch. `among` leaves others out, so that each can be seen to matter. */
export function marksOfTap(tap: Tap, scene: Scene, among: readonly Mark[] = MARK_NAMES): readonly Mark[] {
  if (tap.kind === 'answer') return [];
  return (Object.keys(TAP_TESTS) as TapMark[]).filter(
    (mark) => among.includes(mark) && TAP_TESTS[mark](tap, scene),
  );
}

/** What speaks against a script's confirmation; empty when nothing does. */
export function judge(claim: Claim, scene: Scene, among: readonly Mark[] = MARK_NAMES): readonly Mark[] {
  const tap = scene.taps.find((one) => one.id === claim.tapId && one.kind === 'page');
  const { report } = claim;
  const found = new Set<Mark>();
  if (report.driven) found.add('driven');
  if (tap === undefined) found.add('pageless');
  else {
    for (const mark of marksOfTap(tap, scene, among))
      if (mark !== 'prefetch' || !report.activated) found.add(mark);
    if (isTrapped(tap, scene, among)) found.add('trapped');
    const sinceMs = claim.at.getTime() - tap.at.getTime();
    if (!report.touched && sinceMs < TOO_SOON_MS) found.add('too-soon');
    for (const other of programsAt(tap, scene, among)) {
      const beforeMs = tap.at.getTime() - other.at.getTime();
      if (other.agent === tap.agent && beforeMs <= SAME_BROWSER_MS) found.add('same-browser');
      else if (!report.touched && beforeMs <= UNTOUCHED_MS) found.add('untouched');
    }
  }
  return MARK_NAMES.filter((mark) => found.has(mark) && among.includes(mark));
}

function isInSweep(tap: Tap, { taps }: Scene): boolean {
  if (tap.score === null) return false;
  const others = taps.filter((one) => one.kind === 'page' && one.score !== null && one.id !== tap.id);
  const near = (withinMs: number, isOne: (other: Tap) => boolean = () => true) =>
    others.filter((other) => distanceMs(other, tap) <= withinMs && isOne(other));
  const isElsewhere = (other: Tap) => other.caller !== tap.caller && other.agent === tap.agent;
  return (
    scoresOf(tap, near(AT_ONCE_MS)) >= 2 ||
    scoresOf(tap, near(ELSEWHERE_MS, isElsewhere)) >= 2 ||
    scoresOf(tap, near(CROWD_MS)) >= CROWD ||
    scoresOf(
      tap,
      near(KIN_MS, (other) => isKin(other, tap)),
    ) >= CROWD
  );
}

function scoresOf(tap: Tap, others: readonly Tap[]): number {
  return new Set([tap.score, ...others.map(({ score }) => score)]).size;
}

function isTrapped(tap: Tap, { taps }: Scene, among: readonly Mark[]): boolean {
  return (
    among.includes('trap') &&
    taps.some(
      (other) => other.kind === 'trap' && distanceMs(other, tap) <= (isKin(other, tap) ? KIN_MS : CROWD_MS),
    )
  );
}

/** Fetches by programs at the tap's own address. */
function programsAt(tap: Tap, scene: Scene, among: readonly Mark[]): readonly Tap[] {
  const speaking = among.filter((mark) => !KEEPS_TO_ITSELF.includes(mark));
  return scene.taps.filter(
    (other) =>
      other.id !== tap.id && other.caller === tap.caller && marksOfTap(other, scene, speaking).length > 0,
  );
}

function isKin(one: Tap, other: Tap): boolean {
  return one.caller === other.caller || one.agent === other.agent;
}

function distanceMs(one: Tap, other: Tap): number {
  return Math.abs(one.at.getTime() - other.at.getTime());
}
