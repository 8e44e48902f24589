import type { Brand } from '../domain/brand.ts';
import type { Links } from '../links.ts';
import { withScore } from '../links.ts';
import type { Languages } from '../texts/languages.ts';
import { pointsOf, say, wordingFor } from '../texts/texts.ts';
import { type InvitedSurvey, oneLine } from './compose.ts';

/** What is said on the case in place of a mail. */
export interface CaseInvitation {
  readonly survey: InvitedSurvey;
  /** The survey's row, that the links name. */
  readonly surveyId: string;
  readonly expiresAt: Date;
  readonly links: Pick<Links, 'surveyUrl' | 'optOutUrl'>;
  /** BCP 47; null is the brand's. */
  readonly locale: string | null;
  /** What customers read, by language. */
  readonly languages: Languages;
  readonly caseNumber: string;
  readonly brand: Brand;
  /** The channel shows an address in full, on a small screen: one link, to the page with all scores. */
  readonly isNarrow: boolean;
}

/**
 * The reply on the case: plain text in the customer's language, short, one address a score. Its last line is the address to opt
 * out by, which no other survey has and every attempt has the same: `mark`.
 */
export function caseAskText(invitation: CaseInvitation): { readonly text: string; readonly mark: string } {
  const { survey, surveyId, expiresAt, links, brand, isNarrow } = invitation;
  const wording = wordingFor(survey, survey.kind, invitation.locale ?? brand.locale, invitation.languages);
  const { language, question, texts } = wording;
  const url = links.surveyUrl(surveyId, expiresAt);
  const mark = links.optOutUrl(surveyId);
  const points = pointsOf(survey.scale, survey.kind, wording);
  const { closed, choose, open, optOut } = texts.mail;
  const number = oneLine(invitation.caseNumber);
  const text = [
    say(language, closed, { number, brand: oneLine(brand.name), subject: '', name: '' }),
    ...(isNarrow
      ? [`${question}\n${url}`]
      : [
          question,
          points.map(({ name, score }) => `${name}: ${withScore(url, score)}`).join('\n'),
          `${choose}\n${open}: ${url}`,
        ]),
    `${optOut}:\n${mark}`,
  ].join('\n\n');
  return { text, mark };
}
