import { expect } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { Secret } from '../../src/secret.ts';
import { openDatabase } from '../../src/store/database.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { parseMail } from './smtp.ts';
import type { SoakCase } from './soak-cases.ts';
import type { SoakSite } from './soak-site.ts';

/**
 * Holds a finished run against what Caseloop promises, read back from the CRM, from the relay and, after stopping every
 * process, from the store. Gives how many mails went out more than once.
 */
export async function checkPromises(
  site: SoakSite,
  cases: readonly SoakCase[],
  bound: { mailsTwice: number },
): Promise<number> {
  for (const slot of site.slots) await slot.stop();
  await checkCrm(site, cases);
  await checkStore(site, cases);
  const mailsTwice = await checkMails(site, cases);
  expect(mailsTwice, 'mails sent twice').toBeLessThanOrEqual(bound.mailsTwice);
  return mailsTwice;
}

/** Every answer stands on its record, and each low one has one follow-up. */
async function checkCrm({ crm }: SoakSite, cases: readonly SoakCase[]): Promise<void> {
  for (const { caseId, score } of cases) {
    const record = await crm.readCase(caseId);
    expect(record, `case ${caseId}`).toMatchObject({ score, comment: 'As it was', mailsToCustomer: 0 });
    expect(await crm.followUpsOf(caseId), `follow-ups of case ${caseId}`).toHaveLength(score < 3 ? 1 : 0);
  }
}

/** One closure, one decision that stands, one survey, one answer for each case, and nothing in anybody's hands. */
async function checkStore(site: SoakSite, cases: readonly SoakCase[]): Promise<void> {
  const { database: url } = site.engine.urls;
  const database = await openDatabase({
    url: url === null ? null : new Secret(url),
    dataDir: site.dataDir,
    log: silentLog,
  });
  try {
    const s = database.db.withSchema(SCHEMA);
    const ids = cases.map(({ caseId }) => caseId).sort();
    const ours = <T extends { case_id: string }>(rows: readonly T[]) =>
      rows
        .map((row) => row.case_id)
        .filter((id) => ids.includes(id))
        .sort();
    const closures = await s.selectFrom('closures').select(['case_id', 'outcome', 'rule']).execute();
    expect(ours(closures), 'closures').toEqual(ids);
    expect(
      closures.filter((one) => ids.includes(one.case_id) && one.outcome !== 'ask'),
      'closures that were not asked about',
    ).toEqual([]);
    const surveys = await s.selectFrom('surveys').select(['case_id', 'state']).execute();
    expect(ours(surveys), 'surveys').toEqual(ids);
    expect(
      surveys.filter(({ state }) => state !== 'asked'),
      'surveys not asked',
    ).toEqual([]);
    const mails = await s.selectFrom('mails').select(['state', 'claimed_by']).execute();
    expect(
      mails.filter((one) => one.state !== 'sent' || one.claimed_by !== null),
      'mails not sent',
    ).toEqual([]);
    const answers = await s
      .selectFrom('answers')
      .innerJoin('surveys', 'surveys.id', 'answers.survey_id')
      .select('surveys.case_id')
      .execute();
    expect(ours(answers), 'answers').toEqual(ids);
    const writeBacks = await s.selectFrom('write_backs').select(['state', 'claimed_by']).execute();
    expect(writeBacks, 'write-backs').toEqual(ids.map(() => ({ state: 'written', claimed_by: null })));
    const followUps = await s.selectFrom('follow_ups').select(['state', 'claimed_by']).execute();
    const low = cases.filter(({ score }) => score < 3);
    expect(followUps, 'follow-ups').toEqual(low.map(() => ({ state: 'made', claimed_by: null })));
    expect(await s.selectFrom('vendor_jobs').selectAll().execute(), 'vendor jobs').toEqual([]);
    expect(await s.selectFrom('doorbells').selectAll().execute(), 'doorbells').toEqual([]);
  } finally {
    await database.close();
  }
}

/** Each customer got one survey, however often its mail was sent: the same Message-ID and the same links. */
async function checkMails({ smtp }: SoakSite, cases: readonly SoakCase[]): Promise<number> {
  const byAddress = Map.groupBy(smtp.mails, ({ to }) => to[0] ?? '');
  expect([...byAddress.keys()].sort(), 'who got a mail').toEqual(cases.map(({ address }) => address).sort());
  for (const [address, mails] of byAddress) {
    const ids = await Promise.all(mails.map(async ({ raw }) => (await parseMail(raw)).messageId));
    expect(new Set(ids).size, `Message-IDs of the mails to ${address}`).toBe(1);
  }
  return smtp.mails.length - byAddress.size;
}
