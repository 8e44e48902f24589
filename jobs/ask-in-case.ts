import type { CaseAsk } from '../src/connector.ts';
import { chooseBrand } from '../src/domain/brand.ts';
import { isNarrow } from '../src/domain/channels.ts';
import { caseAskText } from '../src/mail/case-ask-text.ts';
import {
  type AskToMake,
  endAsk,
  letGo,
  lockClaimedAsks,
  markAsked,
  postponeAsk,
  readAsks,
} from '../src/store/case-asks.ts';
import { decideAgain } from '../src/store/closures.ts';
import { markOutcomeUnknown } from '../src/store/due-rows.ts';
import { decideAtSending, roundsOf, sayHeld } from './decide-at-sending.ts';
import { type Drain, drainLanes } from './drain.ts';
import type { Work } from './work.ts';

/** Puts surveys on their cases, one per closure. Each attempt is decided on again, as a mail is just before it is sent. */
export const askDrain: Drain = {
  lane: 'ask',
  admit,
  async send(work, connector, ids) {
    const asks = await readAsks(work.db, ids);
    // Before the call, not after: a crash while it is under way must not lead to a second reply.
    await markOutcomeUnknown(work.db, 'ask', ids);
    const items = asks.map((ask) => toCaseAsk(work, ask));
    if (connector.askInCase !== undefined) return connector.askInCase(items);
    return { outcomes: items.map(({ key }) => ({ key, result: 'locked' })) };
  },
  async done(work, id) {
    await markAsked(work.db, { id, at: work.clock.now() });
  },
  async refused(work, id, error) {
    await endAsk(work.db, { id, state: 'failed', reason: error.message, fix: error.fix });
    return false;
  },
  locked: (work, id) =>
    endAsk(work.db, {
      id,
      state: 'failed',
      reason: 'The case is closed for good, so nothing can be said on it.',
    }),
};

/** Puts the connector's due surveys on their cases. */
export function askInCase(work: Work, payload: { connector: string }): Promise<void> {
  return drainLanes(work, payload.connector, [askDrain]);
}

/** Decides about claimed asks once more; what may not go is called off, or put back until it may. */
async function admit(work: Work, ids: readonly string[]): Promise<readonly string[]> {
  const now = work.clock.now();
  return work.db.transaction().execute(async (tx) => {
    const admitted: string[] = [];
    for (const round of roundsOf(await lockClaimedAsks(tx, ids))) {
      const going = await decideAtSending(
        tx,
        work,
        round,
        { via: 'case', now, noReminder: () => null },
        async (ask, decision) => {
          const { id, survey } = ask;
          const { outcome, reason } = decision;
          if (outcome === 'hold') await postponeAsk(tx, { id, at: decision.until ?? now, reason });
          else await endAsk(tx, { id, state: 'cancelled', reason });
          await decideAgain(tx, survey.closure_id, 'sending', decision, now);
          if (decision.rule === 'hourly-brake') sayHeld(work, now);
        },
      );
      for (const { id, survey, decision, expiresAt } of going) {
        await letGo(tx, { id, at: now, expiresAt });
        await decideAgain(tx, survey.closure_id, 'sending', decision, now);
        admitted.push(id);
      }
    }
    return admitted;
  });
}

function toCaseAsk(work: Work, { id, outcomeUnknown, expiresAt, survey, snapshot }: AskToMake): CaseAsk {
  const { config, links } = work;
  const definition = config.surveys.find((one) => one.name === survey.name);
  // The decision let it go a moment ago, and the config does not change under a running process.
  if (definition === undefined) throw new Error(`Survey ${survey.id} has no definition.`);
  const words = caseAskText({
    survey: definition,
    surveyId: survey.id,
    expiresAt,
    links,
    locale: survey.locale,
    languages: config.languages,
    caseNumber: snapshot.number,
    brand: chooseBrand(config.brands, snapshot.brand),
    isNarrow: isNarrow(snapshot.channel),
  });
  return { key: id, outcomeUnknown, caseId: survey.case_id, ...words };
}
