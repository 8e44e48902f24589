import { describeScore } from './domain/survey.ts';
import { MARK_NAMES, MARKS, type Mark, marksOfTap } from './domain/taps.ts';
import type { ClosureHistory } from './store/history.ts';
import type { ConfirmationRow, SurveyRow } from './store/tables.ts';
import { handedOver, tapFromRow } from './store/taps.ts';

/** What programs and people did with a survey's links, in sentences. */
export function tapEvents({
  survey,
  mails,
  taps,
  confirmations,
}: ClosureHistory): { at: Date; what: string }[] {
  return [
    ...foldTaps(taps.map(tapFromRow), handedOver(mails)),
    ...heldEvents(confirmations, survey),
    ...confirmations.flatMap((row) => rulingEvents(row, survey)),
  ];
}

/** Scanners open links by the dozen: one line for all, with the first instant. */
function foldTaps(
  taps: readonly ReturnType<typeof tapFromRow>[],
  mailsAt: readonly Date[],
): { at: Date; what: string }[] {
  const opened = taps.filter(({ kind }) => kind !== 'answer');
  const [first] = opened;
  if (first === undefined) return [];
  const marked = opened.map((tap) => marksOfTap(tap, { taps, mailsAt })).filter(({ length }) => length > 0);
  const events = [
    {
      at: first.at,
      what: `The survey link was opened ${times(opened.length)}. Opening it is never counted as an answer.`,
    },
  ];
  const marks = MARK_NAMES.filter((name) => marked.flat().includes(name));
  if (marked.length > 0)
    events.push({ at: first.at, what: sentence(`${times(marked.length)} it was a program`, marks) });
  return events;
}

/** What came within a minute of each other is told in one sentence. */
const TOGETHER_MS = 60_000;

function heldEvents(
  confirmations: readonly ConfirmationRow[],
  survey: SurveyRow | null,
): { at: Date; what: string }[] {
  const groups: ConfirmationRow[][] = [];
  for (const row of confirmations.filter((one) => marksOf(one).length > 0)) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (last !== undefined && row.at.getTime() - last.at.getTime() <= TOGETHER_MS) group?.push(row);
    else groups.push([row]);
  }
  return groups.map((group) => {
    const marks = MARK_NAMES.filter((name) => group.some((row) => marksOf(row).includes(name)));
    const at = group[0]?.at ?? new Date(0);
    return { at, what: sentence(`${tapsOn(group, survey)} held as machine-made`, marks) };
  });
}

function rulingEvents(row: ConfirmationRow, survey: SurveyRow | null): { at: Date; what: string }[] {
  const ruling = RULINGS[row.state];
  if (ruling === undefined || row.decided_at === null) return [];
  return [{ at: row.decided_at, what: `${tapsOn([row], survey)} ${ruling}` }];
}

const RULINGS: Partial<Record<ConfirmationRow['state'], string>> = {
  overruled: 'released by an admin.',
  dismissed: 'dismissed by an admin.',
};

interface Due {
  readonly at: Date | null;
  readonly what: string;
  readonly fix: string | null;
}

/** Confirmations that are not decided on yet, or wait for a person. */
export function tapsDue({ survey, confirmations }: ClosureHistory): Due[] {
  const settling = confirmations.filter(({ state }) => state === 'settling');
  const held = confirmations.filter(({ state }) => state === 'held');
  const due: Due[] = settling.map((row) => ({
    at: row.due_at,
    what: `The tap on ${scoreOf(row, survey)} counts, unless a program shows.`,
    fix: null,
  }));
  if (held.length > 0) {
    const ids = held.map(({ id }) => id).join(', ');
    const fix = `Run \`caseloop quarantine accept ID\` if it was a person, \`dismiss ID\` if not; here: ${ids}.`;
    due.push({ at: null, what: `${tapsOn(held, survey)} held as machine-made.`, fix });
  }
  return due;
}

/** Up to the verb: "The tap on 4 ... was", "The taps on 1, 2, 4 were". */
function tapsOn(rows: readonly ConfirmationRow[], survey: SurveyRow | null): string {
  const [first, ...others] = rows;
  if (first !== undefined && others.length === 0) return `The tap on ${scoreOf(first, survey)} was`;
  const scores = [...new Set(rows.map(({ score }) => score))].sort((a, b) => a - b);
  return `${rows.length} taps, on ${scores.join(', ')}, were`;
}

function scoreOf({ score }: ConfirmationRow, survey: SurveyRow | null): string {
  return survey === null ? String(score) : describeScore(survey, score);
}

function marksOf(row: ConfirmationRow): readonly Mark[] {
  return row.marks as Mark[];
}

function sentence(what: string, marks: readonly Mark[]): string {
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}: ${marks.map((mark) => MARKS[mark]).join(' ')}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
