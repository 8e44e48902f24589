import { afterAll, beforeAll, expect, test } from 'vitest';
import { noticeCases } from '../../jobs/notice-cases.ts';
import type { Work } from '../../jobs/work.ts';
import { type AnswerInput, type AnswerRules, recordAnswer } from '../../src/store/answers.ts';
import { lockSurvey } from '../../src/store/confirmations.ts';
import { registerConnector } from '../../src/store/connectors.ts';
import { gatherAnswers } from '../../src/store/first-answers.ts';
import { migrate } from '../../src/store/migrate.ts';
import { findSurveyPage, findSurveyPages, type SurveyPage } from '../../src/store/survey-page.ts';
import { type ConfirmationRow, SCHEMA } from '../../src/store/tables.ts';
import { recordTaps } from '../../src/store/taps.ts';
import { snapshotWith } from '../property/domain-facts.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { CONNECTOR, storeWork } from '../support/store-work.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';

/** What becomes of one survey: what was there, and what is then pressed at once. */
const FATES: readonly {
  readonly before?: Partial<AnswerInput>;
  readonly waiting?: ConfirmationRow['state'];
  readonly pressed: readonly Partial<AnswerInput>[];
}[] = [
  { pressed: [{ score: 5 }] },
  { pressed: [{ score: 1, comment: "Too slow\n“really” \\ 'quoted'", reasons: ['person', 'wait'] }] },
  { pressed: [{ score: 1, countedAt: new Date('2026-11-23T12:30:00Z') }] },
  { pressed: [{ score: 4 }, { score: 4 }] },
  { pressed: [{ score: 4 }, { score: 2 }] },
  { pressed: [{ score: 1 }, { score: 5 }] },
  { before: { score: 3 }, pressed: [{ score: 3 }] },
  { before: { score: 2, source: 'auto' }, pressed: [{ score: 5 }] },
  { waiting: 'settling', pressed: [{ score: 3 }] },
  { waiting: 'held', pressed: [{ score: 2 }] },
  { waiting: 'held', pressed: [{ score: 2, source: 'auto' }] },
  { pressed: [{ score: 6 }] },
];

describeEngines(
  'answers that come at the same time',
  (engine) => {
    let open: OpenEngine;
    let work: Work;
    let rules: AnswerRules;
    let number = 0;
    const clock = { at: new Date('2026-11-23T12:00:00Z'), now: () => clock.at };
    const db = () => open.database.db;
    const store = () => db().withSchema(SCHEMA);

    beforeAll(async () => {
      open = await engine.open();
      await migrate(db());
      await registerConnector(db(), { name: CONNECTOR, type: 'zendesk', startedAt: new Date(0) });
      work = await storeWork(open.database, {
        workerId: 'here',
        clock,
        send: async () => undefined,
        more: `webhooks:
  all: { url: "https://hooks.acme.example", secret: "whsec_${Buffer.alloc(32, 'key').toString('base64')}" }`,
      });
      rules = {
        installationId: 'here',
        calendar: work.config.calendar,
        followUpDueIn: work.config.followUp.dueIn,
        followUpAction: 'both',
        gatherMs: 5_000,
        webhooks: [...work.config.webhooks.values()],
      };
    });
    afterAll(() => open.close());

    async function askSomeone(): Promise<string> {
      number += 1;
      const caseId = `case-${number}`;
      const email = `${caseId}@customer.example`;
      const snapshot = snapshotWith({
        caseId,
        changedAt: clock.now(),
        closedAt: clock.now(),
        requester: { id: caseId, name: 'Ada Example', email, locale: null, timeZone: null, isStaff: false },
      });
      await noticeCases(work, { name: CONNECTOR, startedAt: new Date(0) }, [snapshot], 'push');
      const survey = store().selectFrom('surveys').select('id').where('case_id', '=', caseId);
      return (await survey.executeTakeFirstOrThrow()).id;
    }

    const confirm = (surveyId: string, state: ConfirmationRow['state'], to = store()) =>
      to
        .insertInto('confirmations')
        .values({
          survey_id: surveyId,
          tap_id: null,
          score: 1,
          comment: null,
          reasons: '[]',
          report: '{}',
          at: clock.now(),
          due_at: clock.now(),
          state,
          decided_at: null,
          decided_by: null,
        })
        .execute();

    const press = (surveyId: string, more: Partial<AnswerInput>): AnswerInput => ({
      surveyId,
      score: 4,
      comment: null,
      reasons: [],
      source: 'form',
      at: clock.now(),
      ...more,
    });

    async function pageOf(surveyId: string): Promise<SurveyPage> {
      const page = await findSurveyPage(db(), surveyId);
      if (page === null) throw new Error('there is no such survey');
      return page;
    }

    /** Everything that an answer leaves behind. */
    async function tracesOf(surveyId: string) {
      const { closure_id } = await store()
        .selectFrom('surveys')
        .select('closure_id')
        .where('id', '=', surveyId)
        .executeTakeFirstOrThrow();
      return {
        answers: await store()
          .selectFrom('answers')
          .select(['version', 'score', 'comment', 'reasons', 'source', 'answered_at'])
          .where('survey_id', '=', surveyId)
          .orderBy('version')
          .execute(),
        writeBacks: await store()
          .selectFrom('write_backs')
          .select(['connector', 'version', 'state', 'attempts', 'next_attempt_at'])
          .where('closure_id', '=', closure_id)
          .execute(),
        followUps: await store()
          .selectFrom('follow_ups')
          .select(['connector', 'action', 'state', 'due_at', 'created_at', 'next_attempt_at'])
          .select(['is_clock', 'starts', 'low_since', 'stopped_at', 'tell_at', 'next_look_at'])
          .where('closure_id', '=', closure_id)
          .orderBy('action')
          .execute(),
        events: await store()
          .selectFrom('webhook_events')
          .select(['webhook', 'version', 'event', 'state', 'created_at', 'next_attempt_at'])
          .where('survey_id', '=', surveyId)
          .orderBy('version')
          .execute(),
        confirmations: await store()
          .selectFrom('confirmations')
          .select(['state', 'decided_at'])
          .where('survey_id', '=', surveyId)
          .execute(),
      };
    }

    test('leave what they would leave one after the other', async () => {
      const set = async ({ before, waiting }: (typeof FATES)[number]) => {
        const surveyId = await askSomeone();
        if (before !== undefined) await recordAnswer(db(), press(surveyId, before), rules);
        if (waiting !== undefined) await confirm(surveyId, waiting);
        return surveyId;
      };
      const pairs = [];
      for (const fate of FATES) pairs.push({ fate, alone: await set(fate), together: await set(fate) });
      clock.at = new Date(clock.at.getTime() + 60_000);
      const failed = (error: unknown) => (error as Error).message.replace(/"[^"]+"/, 'it');

      const oneByOne = [];
      for (const { fate, alone } of pairs)
        for (const more of fate.pressed)
          oneByOne.push(await recordAnswer(db(), press(alone, more), rules).catch(failed));
      const pages = new Map<string, SurveyPage>();
      for (const { together } of pairs) pages.set(together, await pageOf(together));
      const record = gatherAnswers(db(), rules);
      const atOnce = await Promise.all(
        pairs.flatMap(({ fate, together }) =>
          fate.pressed.map((more) =>
            record(press(together, more), pages.get(together) as SurveyPage).catch(failed),
          ),
        ),
      );

      expect(atOnce).toEqual(oneByOne);
      for (const { alone, together } of pairs)
        expect(await tracesOf(together)).toEqual(await tracesOf(alone));
    });

    test('of two processes lose and double nothing', async () => {
      const surveys: SurveyPage[] = [];
      for (let n = 0; n < 12; n += 1) surveys.push(await pageOf(await askSomeone()));
      const [one, other] = [gatherAnswers(db(), rules), gatherAnswers(db(), rules)];
      const outcomes = await Promise.all(
        [
          surveys.map((page) => one(press(page.surveyId, { score: 1 }), page)),
          surveys.toReversed().map((page) => other(press(page.surveyId, { score: 5 }), page)),
        ].flat(),
      );
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(outcomes.map(() => 'recorded'));
      for (const { surveyId } of surveys) {
        const { answers, writeBacks, events } = await tracesOf(surveyId);
        expect(answers.map(({ score }) => score).toSorted()).toEqual([1, 5]);
        expect(writeBacks).toMatchObject([{ version: 2, state: 'due' }]);
        expect(events).toHaveLength(2);
      }
    });

    test('stay behind whoever decides about the survey, and keep nobody else waiting', async () => {
      const [page, other] = [await pageOf(await askSomeone()), await pageOf(await askSomeone())];
      const { surveyId } = page;
      const record = gatherAnswers(db(), rules);
      let pressed: Promise<unknown> = Promise.resolve();
      await db()
        .transaction()
        .execute(async (tx) => {
          await lockSurvey(tx, surveyId);
          pressed = record(press(surveyId, { score: 5 }), page);
          const meanwhile = record(press(other.surveyId, {}), other);
          // Embedded, a transaction shuts everybody out.
          if (engine.name === 'PostgreSQL') await meanwhile;
          await confirm(surveyId, 'held', tx.withSchema(SCHEMA));
        });
      await pressed;
      const { answers, confirmations } = await tracesOf(surveyId);
      expect(answers).toMatchObject([{ version: 1, score: 5, source: 'form' }]);
      expect(confirmations).toMatchObject([{ state: 'superseded' }]);
    });

    test('are found and noted each under its own survey', async () => {
      const [one, two] = [await askSomeone(), await askSomeone()];
      const pages = await findSurveyPages(db(), [two, NOBODY, one, two]);
      expect(pages.map((page) => page?.surveyId ?? null)).toEqual([two, null, one, two]);
      const taps = [two, one, two, one].map((surveyId, index) => ({
        surveyId,
        at: clock.now(),
        kind: 'page' as const,
        method: 'GET',
        score: index + 1,
        agent: 'a browser',
        caller: 'somewhere',
        facts: { prefetched: false, scanner: false, bare: true },
      }));
      const ids = await recordTaps(db(), taps);
      for (const [index, id] of ids.entries()) {
        const tap = await store().selectFrom('taps').selectAll().where('id', '=', id).executeTakeFirst();
        expect(tap).toMatchObject({
          survey_id: taps[index]?.surveyId,
          score: index + 1,
          facts: { bare: true },
        });
      }
      expect(ids).toHaveLength(taps.length);
    });
  },
  { stores: true },
);
