import type { ProvisionResult } from './commands.ts';
import { type CommonOptions, commandLog, loadForCommand, print, printJson } from './load.ts';
import { reach } from './reach.ts';
import { count, showProvision } from './show.ts';

/** `caseloop provision`: shows what would be made, or makes it with `--apply`. Repeating it changes nothing. */
export async function provision(
  connector: string | null,
  options: CommonOptions & { apply?: boolean },
): Promise<number> {
  const config = await loadForCommand(options);
  const reached = await reach(config, commandLog());
  try {
    const mode = options.apply === true ? 'apply' : 'plan';
    const { connectors } = (await reached.call('provision', { connector, mode }, (event) => {
      const result = event as ProvisionResult['connectors'][number];
      if (options.json === true) printJson({ ...result, restartNeeded: reached.restartNeeded });
      else print(showProvision(result));
    })) as ProvisionResult;
    const open = connectors.flatMap((one) => one.steps).filter((step) => step.action !== 'manual').length;
    if (mode === 'plan' && open > 0 && options.json !== true) {
      print(`\nThis is a plan: ${count(open, 'change')}, none made. Run it with --apply to make them.`);
    }
    return 0;
  } finally {
    await reached.close();
  }
}
