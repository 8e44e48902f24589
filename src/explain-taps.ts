import { describeScore } from './domain/score.ts';
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
    ...confirmations.flatMap((row) => confirmationEvents(row, survey)),
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

function confirmationEvents(row: ConfirmationRow, survey: SurveyRow | null): { at: Date; what: string }[] {
  const marks = row.marks as Mark[];
  if (marks.length === 0) return [];
  const events = [{ at: row.at, what: sentence(`${tapOn(row, survey)} was held as machine-made`, marks) }];
  const ruling = RULINGS[row.state];
  if (ruling !== undefined && row.decided_at !== null)
    events.push({ at: row.decided_at, what: `${tapOn(row, survey)} ${ruling}` });
  return events;
}

const RULINGS: Partial<Record<ConfirmationRow['state'], string>> = {
  overruled: 'was released by an admin.',
  dismissed: 'was dismissed by an admin.',
  superseded: 'is held no longer: the customer has answered.',
};

interface Due {
  readonly at: Date | null;
  readonly what: string;
  readonly fix: string | null;
}

/** Confirmations that are not decided on yet, or wait for a person. */
export function tapsDue({ survey, confirmations }: ClosureHistory): Due[] {
  return confirmations.flatMap((row): Due[] => {
    const id = String(row.id);
    if (row.state === 'settling')
      return [{ at: row.due_at, what: `${tapOn(row, survey)} counts, unless a program shows.`, fix: null }];
    if (row.state !== 'held') return [];
    const fix = `Run \`caseloop quarantine accept ${id}\` if it was a person, \`dismiss ${id}\` if not.`;
    return [{ at: null, what: `${tapOn(row, survey)} is held as machine-made.`, fix }];
  });
}

function tapOn({ score }: ConfirmationRow, survey: SurveyRow | null): string {
  return `The tap on ${survey === null ? score : describeScore(survey.scale, score)}`;
}

function sentence(what: string, marks: readonly Mark[]): string {
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}: ${marks.map((mark) => MARKS[mark]).join(' ')}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
