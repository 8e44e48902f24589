import { request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { confirmAnswers } from '../../jobs/confirm-answers.ts';
import { sweep } from '../../jobs/sweep.ts';
import { commandsOf } from '../../src/cli/commands.ts';
import { SETTLE_MS } from '../../src/domain/confirmation.ts';
import { takeConfirmation } from '../../src/store/confirmations.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { describeEngines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { recordLog } from '../support/record-log.ts';
import type { SurveyMail } from '../support/survey-mail.ts';
import { openWorld, type World } from '../support/world.ts';
import { BROWSERS, type BrowserName } from '../taps/traces/trace.ts';

describeEngines('mails that a scanner opens', (engine) => {
  let open: OpenEngine;
  let world: World;
  let n = 0;

  beforeAll(async () => {
    open = await engine.open();
  });
  afterEach(() => world.close());
  afterAll(() => open.close());

  async function asked(): Promise<{ caseId: string; email: string; mail: SurveyMail; surveyId: string }> {
    n += 1;
    const email = `scanned-${n}@elsewhere.example`;
    const caseId = await world.crm.openCase({ subject: 'Refund', requester: { name: 'Customer', email } });
    await world.crm.closeCase(caseId);
    const mail = await eventually(`a mail to ${email}`, async () => (await world.mailsTo(email))[0]);
    const { id: surveyId } = await world.app.work.db
      .withSchema(SCHEMA)
      .selectFrom('surveys')
      .select('id')
      .where('case_id', '=', caseId)
      .executeTakeFirstOrThrow();
    return { caseId, email, mail, surveyId };
  }

  async function fetchPage(link: string, browser: BrowserName): Promise<string> {
    const { body } = await request(link, { headers: BROWSERS[browser] });
    return body.text();
  }

  /** Opens a link and lets the page's script confirm the score that it carries. */
  async function tap(link: string, browser: BrowserName): Promise<unknown> {
    const html = await fetchPage(link, browser);
    const score = new URL(link).searchParams.get('score');
    if (score === null) return null;
    world.clock.advance(1_700);
    const { body } = await request(link.replace(/\?.*$/, ''), {
      method: 'POST',
      headers: { ...BROWSERS[browser], 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        score,
        comment: '',
        tap: /name="tap" value="(\d+)"/.exec(html)?.[1] ?? '',
        auto: '1',
        shown: '1500',
      }).toString(),
    });
    return body.json();
  }

  const linkOf = (mail: SurveyMail, score: number): string =>
    mail.links.find((link) => link.endsWith(`?score=${score}`)) ?? expect.fail(`no link for ${score}`);

  /** Makes the mail due once more, as a second one that looks the same. */
  async function mailAgain(surveyId: string, email: string): Promise<readonly SurveyMail[]> {
    const { db, queues } = world.app.work;
    await db
      .withSchema(SCHEMA)
      .updateTable('mails')
      .set({ state: 'due', next_attempt_at: world.clock.now() })
      .where('survey_id', '=', surveyId)
      .execute();
    await queues.add('send-survey', { surveyId });
    return eventually('a second mail', async () => {
      const mails = await world.mailsTo(email);
      return mails.length === 2 && mails;
    });
  }

  it('two mails, every link opened with scripts, then 4 by the customer: one answer, one write-back', async () => {
    world = await openWorld({ engine: open });
    const { caseId, email, surveyId } = await asked();
    const mails = await mailAgain(surveyId, email);
    expect(mails[0]?.links.some((link) => link.endsWith('?view=1'))).toBe(true);
    for (const mail of mails) {
      for (const link of mail.links.filter((one) => one.includes('/s/')))
        await tap(link, 'edge-of-a-sandbox');
    }
    world.clock.advance(SETTLE_MS);
    await confirmAnswers(world.app.work, { surveyId });
    expect((await world.app.quarantine.list()).length).toBe(10);
    const explained = JSON.stringify(await world.explain(caseId));
    expect(explained).toContain('It followed a link that no person sees.');
    expect(explained).toContain('The customer was asked and has not answered yet.');

    world.clock.advance(15 * 60_000);
    expect(await tap(linkOf(mails[1] ?? expect.fail('no mail'), 4), 'iphone')).toEqual({ saved: true });
    expect((await world.app.work.queues.counts()).upkeep?.delayed).toBeGreaterThan(0);
    world.clock.advance(SETTLE_MS);
    await Promise.all([1, 2].map(() => confirmAnswers(world.app.work, { surveyId })));
    await eventually('4 on the case', async () => (await world.crm.readCase(caseId)).score === 4);
    const { closures } = await world.explain(caseId);
    const answers = closures.flatMap(({ events }) =>
      events.filter(({ what }) => what.startsWith('The customer')),
    );
    expect(answers.map(({ what }) => what)).toEqual([
      'The customer answered 4 on a scale of 1 to 5 (Satisfied), without a comment.',
    ]);
    const writes = world.crm.requests.filter(
      ({ method, path }) => method === 'PUT' && path.includes('update_many'),
    );
    expect(writes).toHaveLength(1);
    expect(await world.app.quarantine.list()).toEqual([]);
  });

  it('a held tap that an admin accepts is an answer with all that follows; one whose ring is lost is found', async () => {
    world = await openWorld({ engine: open });
    const held = await asked();
    await tap(linkOf(held.mail, 1), 'named-scanner');
    const lost = await asked();
    const claim = {
      tapId: /name="tap" value="(\d+)"/.exec(await fetchPage(linkOf(lost.mail, 5), 'iphone'))?.[1] ?? null,
      at: new Date(world.clock.now().getTime() + 12_000),
      report: { shownMs: 1_500, touched: true, driven: false, activated: false },
    };
    // Later than the first seconds after the relay, in which nobody taps.
    await world.app.work.db
      .withSchema(SCHEMA)
      .updateTable('taps')
      .set({ at: claim.at })
      .where('survey_id', '=', lost.surveyId)
      .execute();
    const input = { surveyId: lost.surveyId, score: 5, comment: null, reasons: [], claim };
    expect(await takeConfirmation(world.app.work.db, input)).toMatchObject({ state: 'settling' });

    const [first] = await world.app.quarantine.list();
    const record = recordLog();
    for (let time = 0; time < 2; time += 1) await sweep({ ...world.app.work, log: record.log });
    expect(record.lines.filter(({ msg }) => msg === 'taps are held as machine-made')).toMatchObject([
      { held: 1 },
    ]);
    expect(first).toMatchObject({ connector: world.connector, score: 1, marks: ['scanner', 'early'] });
    const command = { emit: () => undefined, signal: new AbortController().signal };
    const accepted = commandsOf(world.app).quarantine({ accept: first?.id, dismiss: null }, command);
    expect(await accepted).toEqual({ outcome: 'recorded', held: [] });
    await eventually('1 on the case', async () => (await world.crm.readCase(held.caseId)).score === 1);
    await eventually('a follow-up', async () =>
      JSON.stringify(await world.explain(held.caseId)).includes('The follow-up task was made'),
    );
    await expect(world.app.quarantine.dismiss(first?.id ?? '')).rejects.toThrow('is not held, but overruled');
    const audit = await world.app.work.db.withSchema(SCHEMA).selectFrom('audit').selectAll().execute();
    expect(audit.map(({ actor, what }) => `${actor}: ${what}`)).toContain(
      'command line: quarantine overruled',
    );

    world.clock.advance(60_000);
    await world.app.work.queues.add('sweep', {});
    await eventually('5 on the other case', async () => (await world.crm.readCase(lost.caseId)).score === 5);
  });
});
