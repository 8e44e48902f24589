import { ConfigError } from '../errors.ts';
import { type CommonOptions, commandLog, loadForCommand, print, printJson } from './load.ts';
import { reach } from './reach.ts';

const ACTIONS = ['send', 'hold', 'release', 'resend'] as const;

/** `caseloop survey`: sends the survey of a case by hand, holds it, lets it go, or sends it once more. */
export async function survey(
  about: { action: string; connector: string; case: string },
  options: CommonOptions & { again?: boolean },
): Promise<number> {
  const { action, connector } = about;
  if (!ACTIONS.some((one) => one === action))
    throw new ConfigError(`survey ${action}: there is no such action.`, {
      fix: `Use one of ${ACTIONS.join(', ')}.`,
    });
  const config = await loadForCommand(options);
  const reached = await reach(config, commandLog());
  try {
    const again = options.again === true;
    const done = (await reached.call('survey', { ...about, again })) as { detail: string };
    const note = reached.isServerRunning === false ? ' It goes on when caseloop start runs.' : '';
    if (options.json === true) printJson({ action, connector, case: about.case, ...done });
    else print(`Case ${about.case} on ${connector}: ${done.detail}${note}`);
    return 0;
  } finally {
    await reached.close();
  }
}
