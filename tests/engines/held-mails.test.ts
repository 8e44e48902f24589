import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dueMailSurveys, releaseHeldMails } from '../../src/store/mails.ts';
import { migrate } from '../../src/store/migrate.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';

const NOON = new Date('2026-11-10T12:00:00Z');

describeEngines('held mails', (engine) => {
  let open: OpenEngine;

  beforeAll(async () => {
    open = await engine.open();
    await migrate(open.database.db);
  });
  afterAll(() => open.close());

  it('become due again together, and the others stay as they are', async () => {
    const s = open.database.db.withSchema(SCHEMA);
    const states = ['held', 'sent', 'cancelled', 'held'] as const;
    const surveyIds: string[] = [];
    for (const [n, state] of states.entries()) {
      const closure = await s
        .insertInto('closures')
        .values({
          connector: 'zendesk-eu',
          case_id: String(n),
          closed_at: NOON,
          cycle: 1,
          noticed_at: NOON,
          noticed_by: 'push',
          person: null,
          snapshot: '{}',
          outcome: 'ask',
          rule: 'asked',
          reason: 'Asked.',
          decided_at: NOON,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      const survey = await s
        .insertInto('surveys')
        .values({
          closure_id: closure.id,
          connector: 'zendesk-eu',
          case_id: String(n),
          name: 'support',
          metric: '2026-11',
          kind: 'csat',
          scale: '1-5',
          satisfied_from: 4,
          follow_up_below: 3,
          change_within_ms: 0,
          person: randomUUID(),
          email: 'ada@customer.example',
          recipient_name: null,
          locale: null,
          state: 'pending',
          created_at: NOON,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      surveyIds.push(survey.id);
      await s
        .insertInto('mails')
        .values({
          survey_id: survey.id,
          purpose: 'invitation',
          message_id: `<${n}@x>`,
          state,
          next_attempt_at: NOON,
        })
        .execute();
    }
    expect(await dueMailSurveys(open.database.db, NOON, 10)).toEqual([]);
    await releaseHeldMails(open.database.db, NOON);
    expect((await dueMailSurveys(open.database.db, NOON, 10)).sort()).toEqual(
      [surveyIds[0], surveyIds[3]].sort(),
    );
  });
});
