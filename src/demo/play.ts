import { levelOf } from '../domain/score.ts';
import type { ExplainedClosure, Explanation } from '../explain.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Role } from './cast.ts';
import { openSurvey, scanLinks, sendAnswer } from './customer.ts';
import type { MailboxMail } from './mailbox.ts';
import { crmOf, type Stage } from './stage.ts';
import { type StepName, seen, type Timeline } from './timeline.ts';

/** One case being played. Every step is noted only after it was read back from the CRM, the mailbox or the store. */
interface Scene {
  readonly stage: Stage;
  readonly connector: string;
  readonly crm: Sandbox;
  readonly caseId: string;
  readonly role: Role;
  note(step: StepName, detail: string, at?: string): void;
}

/**
 * Opens a role's case at a CRM and plays it to its end. Throws when a step does not come. Gives a last look, for when all
 * cases have been played: it throws when the customer got another number of mails than they should have.
 */
export async function playCase(
  stage: Stage,
  connector: string,
  role: Role,
  timeline: Timeline,
): Promise<() => Promise<void>> {
  const crm = crmOf(stage, connector);
  const caseId = await crm.openCase(role.opens);
  const scene: Scene = {
    stage,
    connector,
    crm,
    caseId,
    role,
    note: (step, detail, at) =>
      timeline.note({
        connector,
        case: caseId,
        step,
        detail,
        ...(at === undefined ? {} : { at: new Date(at) }),
      }),
  };
  await playToEnd(scene);
  return () => expectMails(scene, role.ending === 'skipped' ? 0 : 1);
}

async function playToEnd(scene: Scene): Promise<void> {
  const closing = await closeAndDecide(scene, 1);
  switch (scene.role.ending) {
    case 'skipped':
    case 'elsewhere':
      return;
    case 'reopened':
      await reopenInTime(scene);
      return answer(scene, await receiveMail(scene, await closeAndDecide(scene, 2)));
    case 'silent':
      await receiveMail(scene, closing);
      return;
    case 'unhappy': {
      const mail = await receiveMail(scene, closing);
      await beScanned(scene, mail);
      return answer(scene, mail);
    }
    case 'happy':
      return answer(scene, await receiveMail(scene, closing));
    case 'late':
      return answerLate(scene, await receiveMail(scene, closing));
    case 'changed':
      return changeAnswer(scene, await receiveMail(scene, closing));
    case 'outage':
      return answerInOutage(scene, await receiveMail(scene, closing));
  }
}

async function closeAndDecide(scene: Scene, cycle: number): Promise<ExplainedClosure> {
  const { crm, caseId } = scene;
  if (cycle > 1) await nextSecond();
  await crm.closeCase(caseId);
  if ((await crm.readCase(caseId)).state !== 'closed') throw new Error(`Case ${caseId} did not close.`);
  scene.note('closed', `An agent closed the case "${scene.role.opens.subject}".`);
  const closure = await see(
    scene,
    `case ${caseId} noticed`,
    async () => (await explained(scene)).closures[cycle - 1],
  );
  const noticed = closure.events[0];
  if (noticed === undefined) throw new Error(`Case ${caseId} has a closing without events.`);
  scene.note('noticed', noticed.what, noticed.at);
  scene.note(closure.rule === 'asked' ? 'decided' : 'skipped', closure.reason, closure.events[1]?.at);
  return closure;
}

async function receiveMail(scene: Scene, closure: ExplainedClosure): Promise<MailboxMail> {
  const mail = await see(
    scene,
    `a mail to the customer of case ${scene.caseId}`,
    async () => (await mailsOf(scene))[0],
  );
  await expectMails(scene, 1);
  await see(scene, `the mail of closing ${closure.cycle} noted as sent`, async () =>
    (await explained(scene)).closures[closure.cycle - 1]?.events.some((one) =>
      one.what.includes('relay took'),
    ),
  );
  scene.note('mailed', `The survey "${mail.subject}" is in the customer's mailbox.`);
  return mail;
}

async function expectMails(scene: Scene, count: number): Promise<void> {
  const { length } = await mailsOf(scene);
  if (length !== count)
    throw new Error(`Case ${scene.caseId}: its customer should have ${count} mails and got ${length}.`);
}

async function mailsOf({ stage, role }: Scene): Promise<readonly MailboxMail[]> {
  const { email } = role.opens.requester;
  return (await stage.mailbox.list()).filter((one) => one.to.includes(email ?? '?'));
}

async function reopenInTime(scene: Scene): Promise<void> {
  await nextSecond();
  await scene.crm.reopenCase(scene.caseId);
  const closure = await see(scene, `the reopening of case ${scene.caseId}`, async () => {
    const [first] = (await explained(scene)).closures;
    return first?.rule === 'reopened' ? first : null;
  });
  await expectMails(scene, 0);
  scene.note('cancelled', `The customer wrote again before the mail left. ${closure.reason}`);
}

async function beScanned(scene: Scene, mail: MailboxMail): Promise<void> {
  const opened = await scanLinks(mail);
  const { closures } = await explained(scene);
  if (closures.some((one) => one.events.some((event) => event.what.includes('answered')))) {
    throw new Error(`Case ${scene.caseId}: a scanner's visit was counted as an answer.`);
  }
  scene.note('scanned', `A link scanner opened ${opened} links; none was counted as an answer.`);
}

/** What a customer says; `again` when it replaces what they said before. */
interface Said {
  readonly score: number;
  readonly comment: string | null;
  readonly again?: boolean;
}

async function answer(scene: Scene, mail: MailboxMail): Promise<void> {
  const said = await say(scene, mail, firstOf(scene.role));
  scene.note('written-back', await readRecord(scene, scene.caseId, said));
  const [survey] = scene.stage.app.config.surveys;
  if (survey !== undefined && said.score < survey.followUpBelow) await expectFollowUp(scene);
  await expectNoMailFromCrm(scene);
}

async function changeAnswer(scene: Scene, mail: MailboxMail): Promise<void> {
  await answer(scene, mail);
  const { second } = scene.role;
  if (second === undefined) throw new Error(`Case ${scene.caseId}: nobody thought better of an answer.`);
  const said = await say(scene, mail, { ...second, again: true });
  scene.note('written-back', await readRecord(scene, scene.caseId, said));
  await expectNoMailFromCrm(scene);
}

async function answerLate(scene: Scene, mail: MailboxMail): Promise<void> {
  const { crm, caseId } = scene;
  await crm.lockCase(caseId);
  const said = await say(scene, mail, firstOf(scene.role));
  const [ticket, ...others] = await see(scene, `a record for the late answer on case ${caseId}`, async () => {
    const made = await crm.followUpsOf(caseId);
    return made.length > 0 ? made : null;
  });
  if (ticket === undefined || others.length > 0) {
    throw new Error(`Case ${caseId}: its one late answer led to more than one record.`);
  }
  await readRecord(scene, ticket.id, said);
  await expectNoMailFromCrm(scene);
  scene.note(
    'late',
    `The case is closed for good, so CSAT score ${said.score} stands on a follow-up ticket: ${ticket.url}.`,
  );
}

/** Writes that the CRM turns down before it is well again. */
const REFUSED_WRITES = 2;

async function answerInOutage(scene: Scene, mail: MailboxMail): Promise<void> {
  const { crm, caseId } = scene;
  const before = crm.requests.length;
  crm.fail({ kind: '500', on: /^(PUT|PATCH) /, times: REFUSED_WRITES });
  const said = await say(scene, mail, firstOf(scene.role));
  const record = await readRecord(scene, caseId, said);
  const refused = crm.requests.slice(before).filter(({ status }) => status === 500).length;
  if (refused < REFUSED_WRITES)
    throw new Error(`Case ${caseId}: the CRM turned down ${refused} writes only.`);
  scene.note(
    'written-back',
    `The CRM was out of order and turned down ${refused} writes; the answer waited here. ${record}`,
  );
  await expectNoMailFromCrm(scene);
}

function firstOf({ score, comment, about }: Role): Said {
  if (score === null) throw new Error(`Nobody answers who "${about}".`);
  return { score, comment };
}

async function say(scene: Scene, mail: MailboxMail, said: Said): Promise<Said> {
  await sendAnswer(await openSurvey(mail, said.score), said);
  const words = said.comment === null ? 'without a comment' : `and wrote "${said.comment}"`;
  const does = said.again === true ? 'changed the answer to' : 'gave';
  scene.note('answered', `The customer ${does} ${said.score} of 5 ${words}.`);
  return said;
}

/** Reads a case back until that answer stands on it, and says what it shows. */
async function readRecord(scene: Scene, caseId: string, { score, comment }: Said): Promise<string> {
  const record = await see(scene, `the score on the record of case ${caseId}`, async () => {
    const read = await scene.crm.readCase(caseId);
    return read.score === score ? read : null;
  });
  const level = levelOf({ scale: '1-5', satisfiedFrom: 4, followUpBelow: 3 }, score);
  if (record.level !== level || (record.comment ?? null) !== comment) {
    throw new Error(`Case ${caseId}: the record shows another level or comment than the customer gave.`);
  }
  return `The case record shows CSAT score ${score}, level ${level}.`;
}

async function expectNoMailFromCrm({ crm, caseId }: Scene): Promise<void> {
  const { mailsToCustomer } = await crm.readCase(caseId);
  if (mailsToCustomer > 0)
    throw new Error(`Case ${caseId}: the CRM mailed the customer ${mailsToCustomer} times.`);
}

async function expectFollowUp(scene: Scene): Promise<void> {
  const { crm, caseId } = scene;
  const [task, ...others] = await see(scene, `a follow-up for case ${caseId}`, async () => {
    const tasks = await crm.followUpsOf(caseId);
    return tasks.length > 0 ? tasks : null;
  });
  if (task === undefined || others.length > 0) throw new Error(`Case ${caseId} has more than one follow-up.`);
  const due = task.dueAt === null ? 'without a due time' : `due ${task.dueAt}`;
  scene.note('follow-up', `"${task.subject}" for ${task.owner ?? 'the team'}, ${due}.`);
}

/** CRMs keep whole seconds: two changes within one cannot be told apart. */
function nextSecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_050));
}

function see<T>(scene: Scene, what: string, look: () => Promise<T | null | undefined | false>): Promise<T> {
  return seen(what, look, scene.stage.signal);
}

function explained(scene: Scene): Promise<Explanation> {
  return scene.stage.app.explain(scene.connector, scene.caseId);
}
