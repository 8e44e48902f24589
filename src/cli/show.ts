import { styleText } from 'node:util';
import { type Explanation, instant } from '../explain.ts';
import type { CheckResult, PlacedFinding, ProvisionResult } from './commands.ts';

/** Texts that commands print for people. Colour follows the terminal and NO_COLOR. */

const LEVELS = { ok: ['green', 'ok'], warning: ['yellow', 'warning'], error: ['red', 'error'] } as const;

export function showFinding(finding: PlacedFinding): string {
  const [colour, word] = LEVELS[finding.level];
  const line = `${styleText('bold', finding.place)}  ${styleText(colour, word)}  ${finding.what}: ${finding.detail}`;
  return finding.fix === null ? line : `${line}\n    ${styleText('cyan', 'do:')} ${finding.fix}`;
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

export function showExplanation(explanation: Explanation): string {
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
      const when = due.at === null ? 'still due' : `due ${instant(new Date(due.at))}`;
      lines.push(`  ${styleText('yellow', when)}  ${due.what}`);
      if (due.fix !== null) lines.push(`    ${styleText('cyan', 'do:')} ${due.fix}`);
    }
  }
  return lines.join('\n');
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
