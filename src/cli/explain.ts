import { systemClock } from '../clock.ts';
import type { Explanation } from '../explain.ts';
import { type CommonOptions, commandLog, loadForCommand, print, printJson } from './load.ts';
import { reach } from './reach.ts';
import { showExplanation } from './show.ts';

/** `caseloop explain`: 0 also when the case was never seen; that is an answer too. */
export async function explain(
  connector: string,
  caseNumber: string,
  options: CommonOptions,
): Promise<number> {
  const config = await loadForCommand(options);
  const reached = await reach(config, commandLog());
  try {
    const explanation = (await reached.call('explain', { connector, case: caseNumber })) as Explanation;
    if (options.json === true) printJson(explanation);
    else print(showExplanation(explanation, systemClock.now()));
    // On standard error: what is printed about a case does not depend on who is running.
    if (reached.isServerRunning === false && explanation.closures.some((one) => one.due.length > 0)) {
      process.stderr.write('No server is running: what is due happens when one does (caseloop start).\n');
    }
    return 0;
  } finally {
    await reached.close();
  }
}
