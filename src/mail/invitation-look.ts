import type { Brand } from '../domain/brand.ts';
import type { Scale } from '../domain/score.ts';
import type { Point, Wording } from '../texts/texts.ts';

export type Purpose = 'invitation' | 'reminder';

/** All that mails of one survey, brand, language and purpose have in common. */
export interface InvitationLook {
  readonly wording: Wording;
  readonly scale: Scale;
  readonly points: readonly Point[];
  /** Its name may differ from mail to mail, where the CRM gives it. */
  readonly brand: Brand;
  readonly signature: readonly string[];
  readonly purpose: Purpose;
  /** Says that a reply is kept with the case. */
  readonly repliesAreKept: boolean;
}

/** What differs between two mails that look alike: plain text by the name of its place. */
export type InvitationPlace =
  | 'title'
  | 'preview'
  | 'greeting'
  | 'closed'
  | 'reminder'
  | 'reason'
  | 'brand'
  | 'openUrl'
  | 'optOutUrl';

export type InvitationValues = Readonly<Record<InvitationPlace, string>>;

/** Makes the body of one mail. */
export type InvitationBody = (values: InvitationValues) => string;
