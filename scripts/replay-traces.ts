import { familyTable, limitTable, OUTCOMES, ratesOf, tallyOf } from '../tests/taps/report.ts';

/** `npm run traces`: plays every trace against the classifier and prints what became of it, and both rates. */

if (process.argv.includes('--json')) {
  const traces = OUTCOMES.map(({ trace, ...outcome }) => {
    const { family, name, made, means } = trace;
    return { family, name, made, means, ...outcome };
  });
  process.stdout.write(`${JSON.stringify({ ...tallyOf(OUTCOMES), outcomes: traces }, null, 2)}\n`);
} else {
  for (const { trace, answers, held, falseAnswers, askedAgain, lost } of OUTCOMES) {
    const verdict = falseAnswers > 0 ? 'FALSE' : lost ? 'LOST' : askedAgain ? 'press' : 'right';
    const marks = [...new Set(held.flatMap((one) => one.marks))];
    process.stdout.write(
      `${verdict.padEnd(5)}  ${trace.family}: ${trace.name}\n       meant ${listOf(trace.means)}, counted ${listOf(answers)}, held ${held.length}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}\n`,
    );
  }
  const lines = ['', ...familyTable(OUTCOMES), '', ...ratesOf(tallyOf(OUTCOMES)), '', ...limitTable()];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function listOf(scores: readonly number[]): string {
  return scores.length === 0 ? 'nothing' : scores.join(', then ');
}
