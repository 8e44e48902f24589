import { checkBrands } from './check-brands.ts';
import { checkDkim } from './check-dkim.ts';
import type { CheckResult, PlacedFinding } from './commands.ts';
import { type CommonOptions, commandLog, loadForCommand, print, printJson } from './load.ts';
import { count, showCheckTotal, showFinding } from './show.ts';

/** `caseloop check`: 0 when nothing is wrong, 1 when something must be mended. */
export async function check(options: CommonOptions & { offline?: boolean }): Promise<number> {
  const config = await loadForCommand(options);
  const show = (finding: PlacedFinding & { restartNeeded?: boolean }): void => {
    if (options.json === true) printJson(finding);
    else print(showFinding(finding));
  };
  show({
    place: 'config',
    what: 'file',
    level: 'ok',
    detail: `${config.file} has ${count(config.connectors.size, 'connector')} and ${count(config.surveys.length, 'survey')}`,
    fix: null,
  });
  const brands = [...checkBrands(config), ...checkDkim(config)];
  for (const finding of brands) show(finding);
  if (options.offline === true) return 0;
  // Only now, since looking at the file alone needs no database, queue or server.
  const { reach } = await import('./reach.ts');
  const reached = await reach(config, commandLog());
  try {
    const { restartNeeded } = reached;
    const result = (await reached.call('check', {}, (event) =>
      show({ ...(event as PlacedFinding), restartNeeded }),
    )) as CheckResult;
    if (options.json !== true) print(showCheckTotal({ findings: [...brands, ...result.findings] }));
    return result.findings.some((finding) => finding.level === 'error') ? 1 : 0;
  } finally {
    await reached.close();
  }
}
