import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxes } from '../../connectors/sandboxes.ts';
import type { FaultKind, Sandbox } from '../../src/sandbox.ts';
import { readConnector } from '../../src/store/connectors.ts';
import { engines, type OpenEngine } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { recordLog } from '../support/record-log.ts';
import { openSeveralCrms, type SeveralCrms } from '../support/several-crms.ts';
import { answerSurvey } from '../support/survey-mail.ts';

const HOUR_MS = 3_600_000;
/** More requests than any outage meets. */
const ALL = 1_000_000;

interface Closed {
  readonly name: string;
  readonly crm: Sandbox;
  readonly caseId: string;
  readonly email: string;
}

describe.each(Object.keys(sandboxes))('an outage of %s', (type) => {
  let open: OpenEngine;
  let site: SeveralCrms;
  const { log, lines } = recordLog();
  let customers = 0;

  beforeAll(async () => {
    const pglite = engines.find(({ name }) => name === 'PGlite');
    if (pglite === undefined) throw new Error('there is no embedded engine');
    open = await pglite.open();
    site = await openSeveralCrms({ engine: open, log });
  }, 60_000);
  afterAll(async () => {
    await site.close();
    await open.close();
  });

  const illOne = (): [string, Sandbox] => {
    const found = [...site.crms].find(([name]) => name.startsWith(`${type}-`));
    if (found === undefined) throw new Error(`there is no ${type}`);
    return found;
  };
  const closeIn = async (name: string, crm: Sandbox): Promise<Closed> => {
    customers += 1;
    const email = `customer-${customers}-of-${type}@elsewhere.example`;
    const caseId = await crm.openCase({ subject: 'Question', requester: { name: 'Ada', email } });
    await crm.closeCase(caseId);
    return { name, crm, caseId, email };
  };
  /** The case is asked about, answered low, written on its record and followed up, each of it once. */
  const goesItsWay = async ({ crm, caseId, email }: Closed): Promise<void> => {
    const mail = await eventually(`the mail to ${email}`, async () => (await site.mailsTo(email))[0]);
    await answerSurvey(mail, 1);
    await eventually(`the score of ${email}`, async () => (await crm.readCase(caseId)).score === 1);
    const tasks = await eventually(`the follow-up for ${email}`, async () => {
      const made = await crm.followUpsOf(caseId);
      return made.length > 0 && made;
    });
    expect(tasks).toHaveLength(1);
    expect(await site.mailsTo(email)).toHaveLength(1);
  };
  const others = () => [...site.crms].filter(([name]) => name !== illOne()[0]);
  const stateOf = async (name: string): Promise<string | undefined> => {
    const answer = await fetch(`${site.serving.url}/readyz`);
    const { connectors } = (await answer.json()) as { connectors: { name: string; state: string }[] };
    return connectors.find((one) => one.name === name)?.state;
  };

  it.each<FaultKind>(['500', 'hang'])(
    '%s holds up no other CRM, and leaves nothing undone',
    async (kind) => {
      const [name, crm] = illOne();
      crm.fail({ kind, times: ALL });
      const ill = await closeIn(name, crm);
      await Promise.all(others().map(async ([other, its]) => goesItsWay(await closeIn(other, its))));
      expect(await site.mailsTo(ill.email)).toHaveLength(0);
      crm.heal();
      site.clock.advance(HOUR_MS);
      // What the CRM could not push, the next watch finds; on schedule that is minutes away.
      await site.app.watch(name, () => undefined);
      await goesItsWay(ill);
    },
    60_000,
  );

  it('credentials that are refused pause it, once said, and all is done when they are taken again', async () => {
    const [name, crm] = illOne();
    const pauses = () => lines.filter(({ msg }) => String(msg).startsWith('connector paused:'));
    const before = pauses().length;
    crm.fail({ kind: '401', on: /./, times: ALL });
    const ill = await closeIn(name, crm);
    await eventually(
      'the pause',
      async () => (await readConnector(site.app.work.db, name))?.paused_at != null,
    );
    await expect(site.app.checkConnector(name)).rejects.toMatchObject({ name: 'AuthError' });
    expect(await stateOf(name)).toBe('paused');
    await Promise.all(others().map(async ([other, its]) => goesItsWay(await closeIn(other, its))));
    for (const [other] of others()) expect(await stateOf(other)).not.toBe('paused');
    expect(pauses()).toHaveLength(before + 1);
    crm.heal();
    await site.app.work.queues.add('check-connector', { connector: name });
    await eventually('the end of the pause', async () => (await stateOf(name)) !== 'paused');
    site.clock.advance(HOUR_MS);
    await site.app.watch(name, () => undefined);
    await goesItsWay(ill);
  }, 60_000);
});
