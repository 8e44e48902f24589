import type { Level } from './score.ts';

/** An answer as a note for staff on its case, plain text. */
export function answerNote(answer: {
  readonly score: number;
  readonly rating: string;
  readonly level: Level;
  readonly reasons: readonly string[];
  readonly comment: string | null;
  readonly link: string;
}): string {
  const { score, rating, level, reasons, comment, link } = answer;
  const words = rating === String(score) ? level : `${rating}, ${level}`;
  const lines = [`Customer satisfaction: ${score} (${words})`];
  if (reasons.length > 0) lines.push(`Reasons: ${reasons.join(', ')}`);
  if (comment !== null) lines.push(`Comment: ${comment}`);
  return [...lines, `In Caseloop: ${link}`].join('\n');
}
