import { styleText } from 'node:util';
import { ConfigError } from '../errors.ts';
import { instant } from '../explain.ts';
import { type CommonOptions, commandLog, loadForCommand, print, printJson } from './load.ts';
import type { HeldTap, QuarantineResult } from './quarantine-commands.ts';
import { reach } from './reach.ts';

const ACTIONS = ['list', 'accept', 'dismiss'] as const;

/** `caseloop quarantine`: lists what is held as machine-made; `accept` and `dismiss` decide on one of it first. */
export async function quarantine(action: string, id: string | null, options: CommonOptions): Promise<number> {
  requireUsage(action, id);
  const config = await loadForCommand(options);
  const reached = await reach(config, commandLog());
  try {
    const result = (await reached.call('quarantine', {
      accept: action === 'accept' ? id : null,
      dismiss: action === 'dismiss' ? id : null,
    })) as QuarantineResult;
    if (options.json === true) printJson(result);
    else print([...ruled(action, id, result), ...shown(result)].join('\n'));
    return 0;
  } finally {
    await reached.close();
  }
}

function requireUsage(action: string, id: string | null): void {
  if (!ACTIONS.some((one) => one === action))
    throw new ConfigError(`quarantine ${action}: there is no such action.`, {
      fix: `Use one of ${ACTIONS.join(', ')}.`,
    });
  if (action !== 'list' && (id === null || !/^\d{1,18}$/.test(id)))
    throw new ConfigError(`quarantine ${action}: it needs the number of one that is held.`, {
      fix: 'Run `caseloop quarantine` to see the numbers.',
    });
}

const OUTCOMES = {
  recorded: 'counts as an answer now, and is written on the case record.',
  unchanged: 'says what the answer says already.',
  'window-closed': 'came when the answer could no longer be changed; the earlier one stands.',
} as const;

function ruled(action: string, id: string | null, { outcome }: QuarantineResult): string[] {
  if (outcome !== null) return [`${id} ${OUTCOMES[outcome]}`, ''];
  return action === 'dismiss' ? [`${id} is dismissed.`, ''] : [];
}

function shown({ held }: QuarantineResult): string[] {
  if (held.length === 0) return ['Nothing is held.'];
  return [
    ...held.flatMap(lines),
    '',
    'Was it a person? caseloop quarantine accept ID. A machine? dismiss ID. A press of the button by the customer counts in any case.',
  ];
}

function lines({ id, connector, case: number, means, at, marks }: HeldTap): string[] {
  return [
    `${styleText('bold', id)}  case ${number} on ${connector}: ${means}, ${instant(new Date(at))}`,
    ...marks.map(({ says }) => `    ${says}`),
  ];
}
