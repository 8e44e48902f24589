import { SETTLE_MS, type Settling, settleConfirmations } from '../../src/domain/confirmation.ts';
import { judge, MARK_NAMES, type Mark, type Scene, type Tap } from '../../src/domain/taps.ts';
import { readAgent, readTapFacts } from '../../src/web/tap-facts.ts';
import { BROWSERS, type Trace, type TraceRequest } from './traces/trace.ts';

/** What became of a trace. */
export interface Outcome {
  readonly trace: Trace;
  /** Every answer that was ever stored, in order. */
  readonly answers: readonly number[];
  /** Confirmations that were held, with the marks that spoke against them. */
  readonly held: readonly {
    readonly score: number;
    readonly byPerson: boolean;
    readonly marks: readonly Mark[];
  }[];
  /** Answers that nobody meant. */
  readonly falseAnswers: number;
  /** A person was asked for the press that one tap should have spared. */
  readonly askedAgain: boolean;
  /** The answer that stands in the end is not the one that was meant last. */
  readonly lost: boolean;
}

/** Plays a trace against the classifier as the server does, without a server. `among` leaves marks out. */
export function replay(trace: Trace, among: readonly Mark[] = MARK_NAMES): Outcome {
  const start = new Date(trace.deliveredAt).getTime();
  const mailsAt = (trace.mailsAt ?? [0]).map((at) => new Date(start + at));
  const taps: Tap[] = [];
  const answers: { score: number; source: 'form' | 'auto' }[] = [];
  const held: Outcome['held'][number][] = [];
  let settling: (Settling & { request: TraceRequest })[] = [];
  const scene = (): Scene => ({ taps: [...taps], mailsAt });
  const count = (score: number, source: 'form' | 'auto') => {
    const last = answers.at(-1);
    if (last?.source === 'form' && source === 'auto') return;
    if (last?.score === score) answers.pop();
    answers.push({ score, source });
  };
  const hold = (request: TraceRequest, marks: readonly Mark[]) =>
    held.push({ score: request.score ?? 0, byPerson: isPersons(trace, request), marks });
  const settle = (now: Date) => {
    const result = settleConfirmations(settling, scene(), now, among);
    if (!('settled' in result)) return;
    for (const { id, state, marks } of result.settled.toReversed()) {
      const request = settling.find((one) => one.id === id)?.request;
      if (request === undefined) continue;
      if (state === 'held') hold(request, marks);
      else if (state === 'counted') count(request.score ?? 0, 'auto');
    }
    settling = [];
  };

  for (const [nth, request] of trace.requests.toSorted((a, b) => a.at - b.at).entries()) {
    const at = new Date(start + request.at);
    settle(at);
    const tap = tapOf(String(nth), at, request);
    if (request.does === 'confirm') {
      const page = taps.findLast(
        (one) => one.kind === 'page' && one.score === request.score && one.agent === tap.agent,
      );
      const claim = {
        tapId: request.pageless === true ? null : (page?.id ?? null),
        at,
        report: request.saw ?? { shownMs: 0, touched: false, driven: false, activated: false },
      };
      taps.push(tap);
      const standing = answers.at(-1);
      if (standing?.source === 'form') {
        // A script changes nothing that a person pressed: it is asked for a press, whoever it is.
        if (standing.score !== request.score && isPersons(trace, request)) hold(request, []);
        continue;
      }
      const marks = judge(claim, scene(), among);
      if (marks.length > 0) hold(request, marks);
      else settling.push({ id: tap.id, claim, dueAt: new Date(at.getTime() + SETTLE_MS), request });
    } else {
      taps.push(tap);
      if (request.does === 'press') {
        settling = [];
        count(request.score ?? 0, 'form');
      }
    }
  }
  settle(new Date(start + Number.MAX_SAFE_INTEGER / 1_000));
  return outcomeOf(
    trace,
    answers.map(({ score }) => score),
    held,
  );
}

function outcomeOf(trace: Trace, answers: readonly number[], held: Outcome['held']): Outcome {
  const askedAgain = held.some(({ byPerson }) => byPerson);
  return {
    trace,
    answers,
    held,
    falseAnswers: answers.filter((score) => !trace.means.includes(score)).length,
    askedAgain,
    lost: (answers.at(-1) ?? null) !== (trace.means.at(-1) ?? null) && !askedAgain,
  };
}

/** In the traces where both were, the sandboxes' browsers and the fetchers are the machines'. */
function isPersons(trace: Trace, request: TraceRequest): boolean {
  if (trace.made !== 'both') return trace.made === 'human';
  return (
    !(request.caller === 'a' && request.browser === 'edge-of-a-sandbox') && !request.caller.startsWith('vm-')
  );
}

function tapOf(id: string, at: Date, request: TraceRequest): Tap {
  const headers = { ...BROWSERS[request.browser], ...request.headers };
  return {
    id,
    at,
    kind: request.does === 'trap' ? 'trap' : ['confirm', 'press'].includes(request.does) ? 'answer' : 'page',
    method: { head: 'HEAD', options: 'OPTIONS', open: 'GET', trap: 'GET', confirm: 'POST', press: 'POST' }[
      request.does
    ],
    score: request.score,
    agent: readAgent(headers),
    caller: request.caller,
    facts: readTapFacts(headers),
  };
}
