import { noticeCases } from '../../jobs/notice-cases.ts';
import { answerRulesOf } from '../../jobs/record-answer.ts';
import type { Work } from '../../jobs/work.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { recordAnswer } from '../../src/store/answers.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { snapshotWith } from '../property/domain-facts.ts';
import { CONNECTOR } from './store-work.ts';

let number = 0;

/** A case of `storeWork` that closes now and is asked about. */
export async function closeAndAsk(
  work: Work,
  changes: Partial<CaseSnapshot> = {},
): Promise<{ caseId: string; surveyId: string; closureId: string }> {
  number += 1;
  const caseId = `${7_000 + number}`;
  const email = `customer-${caseId}@customer.example`;
  const snapshot = snapshotWith({
    caseId,
    number: caseId,
    changedAt: work.clock.now(),
    closedAt: work.clock.now(),
    requester: { id: caseId, name: 'Ada Example', email, locale: null, timeZone: null, isStaff: false },
    ...changes,
  });
  await noticeCases(work, { name: CONNECTOR, startedAt: new Date(0) }, [snapshot], 'push');
  const survey = await work.db
    .withSchema(SCHEMA)
    .selectFrom('surveys')
    .select(['id', 'closure_id'])
    .where('case_id', '=', caseId)
    .executeTakeFirstOrThrow();
  return { caseId, surveyId: survey.id, closureId: survey.closure_id };
}

/** The customer gives a score now, with the configured rules. */
export async function score(work: Work, surveyId: string, given: number, comment: string | null = null) {
  const at = work.clock.now();
  return recordAnswer(
    work.db,
    { surveyId, score: given, comment, reasons: [], source: 'form', at },
    answerRulesOf(work),
  );
}
