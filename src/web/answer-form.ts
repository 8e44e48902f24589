import { isReason, REASONS, type Reason } from '../domain/reasons.ts';
import { isScoreOn, type Scale } from '../domain/score.ts';
import type { Claim } from '../domain/taps.ts';
import { PermanentError } from '../errors.ts';

/** The longest comment that is saved, in characters. */
export const MOST_COMMENT_CHARACTERS = 5_000;

/** A filled form as it was posted, tidied but not yet accepted. */
export interface AnswerForm {
  /** Null when none was chosen or it is not on the scale. */
  readonly score: number | null;
  /** Null when there is nothing but white space. */
  readonly comment: string | null;
  readonly commentCharacters: number;
  readonly reasons: readonly Reason[];
  /** `auto`: the page's own script sent it. */
  readonly source: 'form' | 'auto';
  /** Which opening of the page it comes from, and what the script saw; bounded, and worth no more than its sender. */
  readonly claim: Omit<Claim, 'at'>;
}

/** Reads a posted form. Throws PermanentError for reasons that the page cannot have sent. */
export function readAnswerForm(body: unknown, scale: Scale): AnswerForm {
  const fields: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const comment = tidy(firstText(fields.comment));
  return {
    score: readScore(fields.score, scale),
    comment: comment === '' ? null : comment,
    commentCharacters: Array.from(comment).length,
    reasons: readReasons(fields.reasons),
    source: firstText(fields.auto) === '1' ? 'auto' : 'form',
    claim: readClaim(fields),
  };
}

function readClaim(fields: Readonly<Record<string, unknown>>): AnswerForm['claim'] {
  const tapId = firstText(fields.tap);
  const shown = firstText(fields.shown);
  return {
    tapId: /^[1-9]\d{0,17}$/.test(tapId) ? tapId : null,
    report: {
      shownMs: /^\d{1,9}$/.test(shown) ? Number(shown) : 0,
      touched: firstText(fields.touched) === '1',
      driven: firstText(fields.driven) === '1',
      activated: firstText(fields.activated) === '1',
    },
  };
}

/** A score on the scale, from a form or an address; null for anything else. */
export function readScore(value: unknown, scale: Scale): number | null {
  const text = firstText(value);
  if (!/^\d{1,2}$/.test(text)) return null;
  const score = Number(text);
  return isScoreOn(scale, score) ? score : null;
}

function readReasons(value: unknown): readonly Reason[] {
  const given = value === undefined ? [] : Array.isArray(value) ? value : [value];
  const reasons = [...new Set(given)];
  const known = reasons.filter((one) => typeof one === 'string').filter(isReason);
  if (known.length < reasons.length)
    throw new PermanentError('answer form: it names a reason that the page does not offer');
  // In one order, so that the same reasons are the same answer.
  return REASONS.filter((reason) => known.includes(reason));
}

function firstText(value: unknown): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : '';
}

/** Line ends as one character, and none of the control characters that PostgreSQL and CRMs refuse. */
function tidy(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\p{Cc}--[\n\t]]/gv, '')
    .toWellFormed()
    .trim();
}
