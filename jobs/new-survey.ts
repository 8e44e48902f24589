import { addressProblem } from '../src/domain/address.ts';
import { chooseBrand } from '../src/domain/brand.ts';
import type { CaseSnapshot } from '../src/domain/case.ts';
import { localesOf, type SurveyDefinition, type Via } from '../src/domain/survey.ts';
import type { NewSurvey } from '../src/store/closures.ts';
import type { Work } from './work.ts';

/** The survey that asks about this case; null where it would go by mail and there is no address. */
export function newSurveyOf(
  { config }: Pick<Work, 'config'>,
  snapshot: CaseSnapshot,
  ask: { definition: SurveyDefinition; via: Via; dueAt: Date },
): NewSurvey | null {
  const { email, name } = snapshot.requester;
  if (ask.via === 'mail' && email === null) return null;
  return {
    ...ask,
    email,
    recipientName: name,
    locale: localesOf(snapshot, chooseBrand(config.brands, snapshot.brand)),
    messageIdHost: new URL(config.server.publicUrl).hostname,
    held: config.policy.send === 'manual',
  };
}

/**
 * Whom an ask would go to, as the keyed hash that stands for a person. Whoever has no address of their own is known within
 * one CRM alone, by its id for them; without that, by the case. No address has a space in it.
 */
export function personOf(
  { installation }: Pick<Work, 'installation'>,
  connector: string,
  { caseId, requester }: CaseSnapshot,
  via: Via,
): string | null {
  if (requester.email !== null && (via === 'mail' || addressProblem(requester.email) === null))
    return installation.hashPerson(requester.email);
  if (via === 'mail') return null;
  return installation.hashPerson(
    requester.id === null ? `case ${connector} ${caseId}` : `person ${connector} ${requester.id}`,
  );
}
