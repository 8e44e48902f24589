import { styleText } from 'node:util';
import { type Explanation, instant } from '../explain.ts';
import type { CheckResult, PlacedFinding, ProvisionResult } from './commands.ts';

/** Texts that commands print for people. Colour follows the terminal and NO_COLOR. */

const LEVELS = { ok: ['green', 'ok'], warning: ['yellow', 'warning'], error: ['red', 'error'] } as const;
const LEVEL_WIDTH = 7;

export function showFinding(finding: PlacedFinding): string {
  const [colour, word] = LEVELS[finding.level];
  const level = styleText(colour, word.padEnd(LEVEL_WIDTH));
  const line = `${level}  ${styleText('bold', finding.place)}, ${finding.what}: ${finding.detail}`;
  if (finding.fix === null) return line;
  return `${line}\n${' '.repeat(LEVEL_WIDTH)}  ${styleText('cyan', 'do:')} ${finding.fix}`;
}

export function showCheckTotal({ findings }: CheckResult): string {
  const errors = findings.filter((one) => one.level === 'error').length;
  const warnings = findings.filter((one) => one.level === 'warning').length;
  if (errors === 0 && warnings === 0) return 'All is well.';
  return `${count(errors, 'error')}, ${count(warnings, 'warning')}.`;
}

const DOES = {
  plan: { create: 'would create', update: 'would change', manual: 'by hand' },
  apply: { create: 'created', update: 'changed', manual: 'by hand' },
} as const;

export function showProvision({ connector, mode, steps }: ProvisionResult['connectors'][number]): string {
  const name = styleText('bold', connector);
  if (steps.length === 0) return `${name}  nothing to do: the CRM has everything.`;
  return steps
    .map((step) => `${name}  ${DOES[mode][step.action]}  ${step.what}\n    ${step.detail}`)
    .join('\n');
}

/** `now` tells what is due from what should have happened already. */
export function showExplanation(explanation: Explanation, now: Date): string {
  const lines = [
    `${styleText('bold', `Case ${explanation.case}`)} on ${explanation.connector}, ${explanation.state}`,
    ...(explanation.url === null ? [] : [explanation.url]),
    '',
    explanation.summary,
  ];
  for (const closure of explanation.closures) {
    lines.push('', styleText('bold', `Closing ${closure.cycle}, ${instant(new Date(closure.closedAt))}`));
    for (const event of closure.events) lines.push(`  ${instant(new Date(event.at))}  ${event.what}`);
    if (closure.due.length === 0) lines.push('  Nothing is due any more.');
    for (const due of closure.due) {
      lines.push(`  ${styleText('yellow', whenDue(due.at, now))}  ${due.what}`);
      if (due.fix !== null) lines.push(`    ${styleText('cyan', 'do:')} ${due.fix}`);
    }
  }
  return lines.join('\n');
}

function whenDue(isoAt: string | null, now: Date): string {
  if (isoAt === null) return 'still due';
  const at = new Date(isoAt);
  return `${at > now ? 'due' : 'due since'} ${instant(at)}`;
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
