import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { Ended } from '../support/process.ts';
import { answerSurvey, mailsTo } from '../support/survey-mail.ts';
import { CONNECTOR, type Installation, openInstallation, someone } from './installation.ts';

/** The text with `<at>` for every instant. */
const untimed = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, '<at>');

/** One story, told first and read by the tests: a server at work, a CRM that fails, credentials that are refused. */
describe('explain', { timeout: 60_000 }, () => {
  let here: Installation;
  const cases = { low: '', skipped: '', reopened: '', crmDown: '', notSeen: '99999' };
  /** What an admin read about each case while the server ran and, of some, after it had stopped. */
  const withServer = new Map<string, string>();
  const alone = new Map<string, string>();
  const read = { asJson: '', aloneStderr: '', pausedCase: '', pausedPush: '', report: '', reportAlone: '' };

  const explain = async (caseId: string, ...args: string[]): Promise<Ended> => {
    const ended = await here.run('explain', CONNECTOR, caseId, ...args);
    if (ended.code !== 0) throw new Error(ended.stderr);
    return ended;
  };
  const closeCaseOf = async (requester: ReturnType<typeof someone>, tags: string[] = []): Promise<string> => {
    const caseId = await here.crm.openCase({ subject: 'Refund', requester, tags });
    await here.crm.closeCase(caseId);
    return caseId;
  };
  const answerOf = async (customer: { email: string }, score: number, comment: string): Promise<void> => {
    const mail = await eventually('the survey', async () => (await mailsTo(here.smtp, customer.email))[0]);
    await answerSurvey(mail, score, comment);
  };

  beforeAll(async () => {
    here = await openInstallation({
      config: { policy: { delay: '4s', skip: { tags: ['no-survey'] } } },
    });
    await here.run('provision', '--apply');
    const server = await here.start();
    const { crm, clock } = here;

    const unhappy = someone();
    const angry = someone();
    cases.low = await closeCaseOf(unhappy);
    cases.crmDown = await closeCaseOf(angry);
    cases.skipped = await closeCaseOf(someone(), ['no-survey']);
    cases.reopened = await closeCaseOf(someone());
    await eventually('the four closings noticed', () => {
      const batches = server.logLines().filter(({ msg }) => msg === 'cases fetched');
      return batches.reduce((sum, one) => sum + Number(one.closures), 0) === 4;
    });
    clock.advance(1_000);
    await crm.reopenCase(cases.reopened);

    await answerOf(unhappy, 2, 'Too slow');
    await eventually('answer and follow-up at the CRM', async () => {
      const closure = JSON.parse((await explain(cases.low, '--json')).stdout).closures[0];
      // The customer waits for an answer from then on.
      return closure?.due.length === 1 && closure.due[0].what.startsWith('The customer is to be answered');
    });
    crm.fail({ kind: '500', on: /(update|create)_many/, times: 1_000 });
    await answerOf(angry, 1, '');
    await eventually('both failures', () => {
      const failed = server.logLines().filter(({ msg }) => msg === 'job failed');
      return new Set(failed.map(({ job }) => job)).size === 2;
    });
    for (const caseId of Object.values(cases))
      withServer.set(caseId, untimed((await explain(caseId)).stdout));
    read.asJson = (await explain(cases.crmDown, '--json')).stdout;

    crm.fail({ kind: '401', on: /show_many/, times: 1_000 });
    const pushed = await closeCaseOf(someone());
    await eventually('the pause', () =>
      server.logLines().some(({ msg }) => msg.startsWith('connector paused')),
    );
    read.pausedCase = untimed((await explain(cases.skipped)).stdout);
    read.pausedPush = untimed((await explain(pushed)).stdout);
    const days = [
      '--from',
      '2026-01-01',
      '--to',
      '2099-12-31',
      '--by',
      'channel',
      '--filter',
      `connector=${CONNECTOR}`,
    ];
    read.report = (await here.run('report', ...days, '--json')).stdout;
    await server.stop();

    for (const caseId of [cases.low, cases.crmDown, cases.notSeen]) {
      const { stdout, stderr } = await explain(caseId);
      alone.set(caseId, untimed(stdout));
      if (caseId === cases.crmDown) read.aloneStderr = stderr;
    }
    read.reportAlone = (await here.run('report', ...days)).stdout;
  }, 120_000);
  afterAll(() => here.close());

  it('tells of an answer, its score on the record and the follow-up', () => {
    const text = withServer.get(cases.low) ?? '';
    const head = [
      `Case ${cases.low} on zendesk-eu, closed`,
      here.crm.caseUrl(cases.low),
      '',
      'The customer was asked and answered 2 on a scale of 1 to 5 (Dissatisfied).',
      '',
      'Closing 1, <at>',
      '  <at>  Noticed by a push from the CRM.',
    ];
    expect(text.split('\n').slice(0, head.length)).toEqual(head);
    for (const what of [
      'Decided again before sending: no change.',
      'The mail relay took the invitation.',
      'The survey link was opened once. Opening it is never counted as an answer.',
      'The customer answered 2 on a scale of 1 to 5 (Dissatisfied), with the comment "Too slow".',
      'The answer was written on the case record.',
      'The score is low, so a follow-up was asked for.',
    ])
      expect(text).toContain(`\n  <at>  ${what}\n`);
    expect(text).toMatch(
      /\n {2}<at> {2}The follow-up task was made: http\S+\. The customer should hear back by <at>\.\n/,
    );
    expect(text).toMatch(/\n {2}due <at> {2}The customer is to be answered; after that people are told/);
  });

  it('leaves figures that `report` tells, through a running server and without one', () => {
    const report = JSON.parse(read.report);
    expect(report.total.tally).toMatchObject({
      closures: 4,
      asked: 2,
      answered: 2,
      scores: [1, 1, 0, 0, 0],
      low: 2,
    });
    expect(report.total.figure).toMatchObject({ isEnough: false, percent: null, responseRate: 100 });
    expect(report.splits).toMatchObject([{ by: 'channel', slices: [{ tally: { closures: 4 } }] }]);
    expect(read.reportAlone).toContain('Connector: zendesk-eu\n');
    expect(read.reportAlone).toMatch(/this period +too few answers to say \(n = 2\) +100\.0%\n/);
  });

  it('tells why a customer was not asked', () => {
    const why = 'Skipped: the case has the tag "no-survey", which policy.skip.tags lists.';
    expect(withServer.get(cases.skipped)).toContain(
      [
        `The customer was not asked. ${why}`,
        '',
        'Closing 1, <at>',
        '  <at>  Noticed by a push from the CRM.',
        `  <at>  Decided at closing. ${why} (rule: skipped-tag)`,
        '  Nothing is due any more.',
      ].join('\n'),
    );
  });

  it('tells that a reopening called the survey off', () => {
    const text = withServer.get(cases.reopened);
    expect(text).toContain(`Case ${cases.reopened} on zendesk-eu, open\n`);
    expect(text).toContain(
      [
        '  <at>  Called off. The case was open again before the survey went out; its next closing is decided anew. (rule: reopened)',
        '  Nothing is due any more.',
      ].join('\n'),
    );
  });

  it('tells that it knows nothing of a case, and when it last looked', () => {
    expect(withServer.get(cases.notSeen)).toBe(
      [
        'Case 99999 on zendesk-eu, not seen',
        '',
        'Caseloop has not seen this case. The last watch finished at <at>. Check the number, or run `caseloop watch zendesk-eu`.',
        '',
      ].join('\n'),
    );
  });

  it('tells what is still due, when, and what went wrong last time', () => {
    const text = withServer.get(cases.crmDown);
    expect(text).toContain('The customer was asked and answered 1 on a scale of 1 to 5 (Very dissatisfied).');
    expect(text).toMatch(
      /^ {2}due (since )?<at> {2}The answer is to be written on the case record\. Last time: Zendesk PUT \S+: 500/m,
    );
    expect(text).toMatch(
      /^ {2}due (since )?<at> {2}The follow-up task is to be made\. Last time: Zendesk POST \S+: 500/m,
    );
    expect(read.aloneStderr).toBe(
      'No server is running: what is due happens when one does (caseloop start).\n',
    );
  });

  it('says the same with and without a server', () => {
    // The pause came between the two readings, and what was due then may be overdue by now.
    const settled = (text = ''): string =>
      text.replace(/ The connector has been paused since .*/, '').replaceAll('due since', 'due');
    expect(alone.size).toBe(3);
    for (const [caseId, text] of alone) expect(settled(text)).toBe(settled(withServer.get(caseId)));
  });

  it('tells that the connector is paused, and what to do', () => {
    const pause =
      / The connector has been paused since <at>: Zendesk GET \S+: 401 .*, the credentials were refused\. Run `caseloop check` to see what to do\.\n/;
    expect(read.pausedCase).toMatch(pause);
    expect(read.pausedPush).toMatch(pause);
    expect(read.pausedPush).toContain(
      'A push about this case has arrived; the case is read when the connector runs again.',
    );
  });

  it('--json has the documented keys', () => {
    const explanation = JSON.parse(read.asJson);
    expect(Object.keys(explanation)).toEqual(['connector', 'case', 'url', 'state', 'summary', 'closures']);
    const [closure] = explanation.closures;
    expect(Object.keys(closure)).toEqual(['cycle', 'closedAt', 'rule', 'reason', 'events', 'due']);
    expect(closure).toMatchObject({ cycle: 1, rule: 'asked' });
    for (const event of closure.events) expect(Object.keys(event)).toEqual(['at', 'what']);
    expect(closure.due).toHaveLength(3);
    for (const due of closure.due) {
      expect(Object.keys(due)).toEqual(['at', 'what', 'fix']);
      expect(new Date(due.at).toISOString()).toBe(due.at);
    }
  });
});
