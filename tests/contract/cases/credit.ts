import { expect } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import { type CreditRule, creditFor } from '../../../src/domain/credit.ts';
import type { ContractCase } from '../contract-case.ts';
import { ask, askFor, closedCase, closedCases, fetchOne, openCase } from '../situations.ts';
import { expectSnapshot } from '../snapshot-shape.ts';
import type { Stand } from '../stand.ts';

const method = 'fetch';
const ASKED_FOR = { needs: { lastReplier: true } };

export const creditCases: readonly ContractCase[] = [
  {
    method,
    promise: 'knows who of us answered last in public, where that is asked for',
    async run(stand) {
      const { colleague } = stand.subject.staff;
      const caseId = await answeredByColleague(stand);
      const snapshot = await fetchOne(stand.connect(ASKED_FOR), caseId);
      expectSnapshot(snapshot);
      expect(snapshot.lastReplier).toMatchObject({ name: colleague });
      expect((await fetchOne(stand.connect(), caseId)).lastReplier).toBeNull();
    },
  },
  {
    method,
    promise: 'nobody is said to have answered a case that was closed without a word',
    async run(stand) {
      const caseId = await openCase(stand);
      await stand.sandbox.replyAsCustomer(caseId);
      await stand.sandbox.noteInPrivate(caseId);
      await stand.sandbox.closeCase(caseId, { comment: null });
      expect((await fetchOne(stand.connect(ASKED_FOR), caseId)).lastReplier).toBeNull();
    },
  },
  {
    method,
    needs: 'asking',
    promise: 'our own survey on the case is not taken for the last answer',
    async run(stand) {
      const caseId = await answeredByColleague(stand);
      stand.clock.advance(MINUTE_MS);
      await ask(stand, stand.connect(), [askFor(stand, caseId)]);
      const { lastReplier } = await fetchOne(stand.connect(ASKED_FOR), caseId);
      expect(lastReplier).toMatchObject({ name: stand.subject.staff.colleague });
    },
  },
  {
    method,
    promise: 'gives each rule of credit what it goes by',
    async run(stand) {
      const { agent, colleague, team } = stand.subject.staff;
      const connector = stand.connect(ASKED_FOR);
      const snapshot = await fetchOne(connector, await answeredByColleague(stand));
      const credited = (rule: CreditRule) => creditFor(rule, snapshot);
      expect(credited('assignee')).toMatchObject({ name: agent, by: 'assignee' });
      expect(credited('last-replier')).toMatchObject({ name: colleague, by: 'last-replier' });
      // The id that a colleague is credited by is the one they have as an owner.
      const owned = await fetchOne(connector, await openCase(stand, { assignee: colleague }));
      expect(credited('last-replier').id).toBe(owned.assignee?.id);
      const ofTeam = await fetchOne(connector, await closedCase(stand, { team }));
      expect(creditFor('team', ofTeam)).toEqual({ id: null, name: null, by: 'team' });
    },
  },
  {
    method,
    promise: 'who answered last is looked up once for a closing, in few calls or one for each case',
    async run(stand) {
      const ids = await closedCases(stand, 5);
      const connector = stand.connect(ASKED_FOR);
      const plain = stand.connect();
      await plain.fetch(ids);
      const without = await stand.requestsDuring(() => plain.fetch(ids));
      await connector.fetch(ids);
      const again = await stand.requestsDuring(() => connector.fetch(ids));
      expect(again.length).toBeLessThanOrEqual(without.length + 2);
    },
  },
];

/** A case that a colleague of its owner answered last, before the customer wrote once more and it was closed. */
async function answeredByColleague(stand: Stand): Promise<string> {
  const { agent, colleague } = stand.subject.staff;
  const caseId = await openCase(stand, { assignee: agent });
  for (const by of [agent, colleague]) {
    stand.clock.advance(MINUTE_MS);
    await stand.sandbox.replyInPublic(caseId, { by });
  }
  await stand.sandbox.replyAsCustomer(caseId);
  await stand.sandbox.noteInPrivate(caseId);
  stand.clock.advance(MINUTE_MS);
  await stand.sandbox.closeCase(caseId, { comment: null });
  return caseId;
}
