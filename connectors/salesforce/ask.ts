import type { CaseAsk, Outcome, Receipt } from '../../src/connector.ts';
import type { SalesforceApi } from './client.ts';
import { addPublicComments, readComments } from './comments.ts';
import { toId } from './ids.ts';
import { outcomeOf, requireBatch } from './rows.ts';
import { noSuchCase } from './write-back.ts';

/**
 * Asks on cases by published comments, one call for all. The customer reads them where the org shows cases to customers, and
 * gets them by mail where the org is set to send them. The case itself is not written. An ask whose outcome is unknown is
 * looked for first.
 */
export async function askAll(api: SalesforceApi, asks: readonly CaseAsk[]): Promise<Receipt> {
  requireBatch('asking', asks);
  const outcomes: Outcome[] = [];
  const there = await findAsked(api, asks);
  const wanted: { readonly key: string; readonly caseId: string; readonly text: string }[] = [];
  for (const { key, caseId, text } of asks) {
    const id = toId('case', caseId);
    if (there.has(key)) outcomes.push({ key, result: 'done', ref: null });
    else if (id === null) outcomes.push(outcomeOf(key, noSuchCase('asking'), null));
    else wanted.push({ key, caseId: id, text });
  }
  const errors = await addPublicComments(api, wanted);
  outcomes.push(...wanted.map(({ key }, index) => outcomeOf(key, errors[index] ?? null, null)));
  return { outcomes };
}

/** The keys of asks that stand already. Looks only where that is not known. */
async function findAsked(api: SalesforceApi, asks: readonly CaseAsk[]): Promise<ReadonlySet<string>> {
  const unsure = asks.flatMap(({ key, mark, outcomeUnknown, caseId }) => {
    const id = toId('case', caseId);
    return outcomeUnknown && id !== null ? [{ key, mark, id }] : [];
  });
  const comments = await readComments(
    api,
    unsure.map(({ id }) => id),
  );
  const isThere = ({ id, mark }: { id: string; mark: string }): boolean =>
    (comments.get(id) ?? []).some((body) => body.split(/\r?\n/).some((line) => line.trim() === mark));
  return new Set(unsure.filter(isThere).map(({ key }) => key));
}
