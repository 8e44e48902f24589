import { addressProblem } from '../domain/address.ts';
import { ConfigError } from '../errors.ts';
import type { DigestResult } from './digest-commands.ts';
import { type CommonOptions, commandLog, loadForCommand, print, printJson } from './load.ts';
import { reach } from './reach.ts';

interface DigestOptions extends CommonOptions {
  readonly team?: string;
  readonly to?: string;
}

/** `caseloop digest`: the digest of the last week, shown, or sent to one address now. */
export async function digest(options: DigestOptions): Promise<number> {
  const { team = null, to = null } = options;
  const problem = to === null ? null : addressProblem(to);
  if (problem === 'missing' || problem === 'malformed')
    throw new ConfigError('--to: this is not one plain mail address', {
      fix: 'Write one address, such as --to lead@acme.example.',
    });
  const config = await loadForCommand(options);
  const reached = await reach(config, commandLog());
  try {
    const result = (await reached.call('digest', { team, to })) as DigestResult;
    if (options.json === true) printJson(result);
    else print(to === null ? result.text : `Sent to ${to}: ${result.title}, Message-ID ${result.messageId}.`);
    return 0;
  } finally {
    await reached.close();
  }
}
