import { expect } from 'vitest';
import { connectorTypes } from '../../connectors/index.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import type {
  CaseAsk,
  Connector,
  FollowUpTask,
  LateAnswer,
  LatePlace,
  Outcome,
  Receipt,
  RecoveryLook,
  RecoveryState,
  WatchFrom,
  WatchPage,
  WriteBack,
} from '../../src/connector.ts';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import type { SandboxCaseInput } from '../../src/sandbox.ts';
import { CUSTOMER, PLANTED_COMMENT, PLANTED_SUBJECT } from './planted.ts';
import type { Stand } from './stand.ts';

/** Longer than any CRM withholds a change from its watch. */
export const SETTLED_MS = 10 * MINUTE_MS;

/** More looks than any vendor job of the sandboxes needs. */
const MOST_LOOKS = 50;
const MOST_PAGES = 50;

/** A case of the planted customer. */
export function openCase(stand: Stand, changes: Partial<SandboxCaseInput> = {}): Promise<string> {
  return stand.sandbox.openCase({ subject: PLANTED_SUBJECT, requester: CUSTOMER, ...changes });
}

/** A case of the planted customer that an agent has closed. */
export async function closedCase(stand: Stand, changes: Partial<SandboxCaseInput> = {}): Promise<string> {
  const caseId = await openCase(stand, changes);
  await stand.sandbox.closeCase(caseId);
  return caseId;
}

/** So many closed cases. */
export async function closedCases(stand: Stand, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1) ids.push(await closedCase(stand));
  return ids;
}

/** A low answer with a planted comment. Its key holds what keys may hold. */
export function answerFor(caseId: string, changes: Partial<WriteBack> = {}): WriteBack {
  return {
    key: `answer/${caseId}:1`,
    caseId,
    score: 2,
    scale: '1-5',
    rating: 'Dissatisfied',
    level: 'low',
    comment: PLANTED_COMMENT,
    reasons: ['the wait', 'no solution'],
    answeredAt: new Date('2026-11-21T10:30:00Z'),
    link: `https://survey.acme.example/dashboard/cases/contract/${encodeURIComponent(caseId)}`,
    note: false,
    tag: true,
    ...changes,
  };
}

let keys = 0;

/** A key that no other item of this run has. */
function newKey(stand: Stand): string {
  keys += 1;
  return `caseloop:${stand.type}:${keys}`;
}

/** A follow-up for the case with a key of its own. */
export function taskFor(stand: Stand, caseId: string, changes: Partial<FollowUpTask> = {}): FollowUpTask {
  return {
    key: newKey(stand),
    outcomeUnknown: false,
    caseId,
    subject: 'Answer a low score',
    body: `Score 2 of 5.\n${PLANTED_COMMENT}`,
    dueAt: new Date('2026-11-24T09:00:00Z'),
    ownerId: null,
    teamId: null,
    ...changes,
  };
}

/** The outcomes behind a receipt, asked after as the queue would until the CRM is done. */
export async function finish(
  stand: Stand,
  connector: Connector,
  receipt: Receipt,
): Promise<readonly Outcome[]> {
  let current = receipt;
  for (let looks = 0; 'pending' in current; looks += 1) {
    if (looks === MOST_LOOKS) expect.fail(`still pending after ${MOST_LOOKS} looks`);
    await stand.stage.quiet();
    current = await connector.settle(current.pending.handle);
  }
  return current.outcomes;
}

/** Writes and waits for the outcomes, by key. Fails unless there is exactly one per item. */
export async function write(
  stand: Stand,
  connector: Connector,
  items: readonly WriteBack[],
): Promise<ReadonlyMap<string, Outcome>> {
  return byKey(await finish(stand, connector, await connector.writeBack(items)), items);
}

/** An answer to a case that is closed for good, with a key of its own; the fetched case tells who asked. */
export function lateAnswerFor(
  stand: Stand,
  { caseId, requester }: Pick<CaseSnapshot, 'caseId' | 'requester'>,
  changes: Partial<LateAnswer> = {},
): LateAnswer {
  return {
    ...answerFor(caseId),
    key: newKey(stand),
    outcomeUnknown: false,
    requesterId: requester.id,
    leaveOpen: false,
    subject: 'Late rating',
    body: 'The rating stands in the fields of this record.',
    ...changes,
  };
}

/** A late answer to a case of a person who never asked before. */
export async function lateAnswer(stand: Stand): Promise<LateAnswer> {
  return lateAnswerFor(stand, await lockedCase(stand));
}

/** A case as it is fetched, of a person who never asked before and closed for good. */
export async function lockedCase(stand: Stand): Promise<CaseSnapshot> {
  const [locked] = await lockedCases(stand, 1);
  return locked ?? expect.fail('the sandbox opened no case');
}

let people = 0;

/** So many of these, each of another person. */
export async function lockedCases(stand: Stand, count: number): Promise<readonly CaseSnapshot[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1) {
    people += 1;
    const requester = { ...CUSTOMER, email: `${people}.${CUSTOMER.email}` };
    const caseId = await closedCase(stand, { requester });
    await stand.sandbox.lockCase(caseId);
    ids.push(caseId);
  }
  const found = await stand.connect().fetch(ids);
  expect(found).toHaveLength(count);
  return found;
}

/** Writes late answers and waits for the outcomes, by key. Fails unless there is exactly one per item. */
export async function writeLate(
  stand: Stand,
  connector: Connector,
  items: readonly LateAnswer[],
  place: LatePlace,
): Promise<ReadonlyMap<string, Outcome>> {
  const receipt = await (connector.writeLate?.(items, place) ?? expect.fail('there is no writeLate'));
  return byKey(await finish(stand, connector, receipt), items);
}

/** An ask with a key and a mark of its own. */
export function askFor(stand: Stand, caseId: string, changes: Partial<CaseAsk> = {}): CaseAsk {
  const key = newKey(stand);
  const mark = `https://survey.acme.example/u/${key.replaceAll(':', '-')}`;
  return {
    key,
    outcomeUnknown: false,
    caseId,
    text: `Wie zufrieden waren Sie? Größe <b> & "Ärger" 日本 👍🏽\n\n5 - https://survey.acme.example/s/x?score=5&v=1\n\n${mark}`,
    mark,
    ...changes,
  };
}

/** Asks on cases and waits for the outcomes, by key. Fails unless there is exactly one per ask. */
export async function ask(
  stand: Stand,
  connector: Connector,
  wanted: readonly CaseAsk[],
): Promise<ReadonlyMap<string, Outcome>> {
  const receipt = await (connector.askInCase?.(wanted) ?? expect.fail('there is no askInCase'));
  return byKey(await finish(stand, connector, receipt), wanted);
}

/** How many of these replies are the ask, line by line: CRMs have their own line ends. */
export function repliesWith(replies: readonly string[], { text }: CaseAsk): number {
  const lines = text.split('\n');
  return replies.filter((reply) => lines.every((line) => reply.split(/\r?\n/).includes(line))).length;
}

/** Opens cases again and waits for the outcomes, by key. Fails unless there is exactly one per task. */
export async function reopen(
  stand: Stand,
  connector: Connector,
  wanted: readonly FollowUpTask[],
): Promise<ReadonlyMap<string, Outcome>> {
  const receipt = await (connector.reopen?.(wanted) ?? expect.fail('there is no reopen'));
  return byKey(await finish(stand, connector, receipt), wanted);
}

/** A call of every writing method that this connector has, all about this case. */
export async function everyWrite(
  stand: Stand,
  caseId: string,
): Promise<readonly ((connector: Connector) => Promise<Receipt>)[]> {
  const late = lateAnswerFor(stand, await fetchOne(stand.connect(), caseId));
  const places = connectorTypes[stand.type]?.latePlaces ?? [];
  const without = (name: string): never => expect.fail(`there is no ${name}`);
  return [
    (connector) => connector.writeBack([answerFor(caseId)]),
    (connector) => connector.followUp([taskFor(stand, caseId)]),
    ...places.map(
      (place) => (connector: Connector) => connector.writeLate?.([late], place) ?? without('writeLate'),
    ),
    ...(stand.subject.traits.includes('reopening')
      ? [(connector: Connector) => connector.reopen?.([taskFor(stand, caseId)]) ?? without('reopen')]
      : []),
    ...(stand.subject.traits.includes('asking')
      ? [(connector: Connector) => connector.askInCase?.([askFor(stand, caseId)]) ?? without('askInCase')]
      : []),
  ];
}

/** How many of these notes hold the task's text, line by line: CRMs have their own line ends. */
export function notesWith(notes: readonly string[], { body }: FollowUpTask): number {
  return notes.filter((note) => body.split('\n').every((line) => note.includes(line))).length;
}

/** Makes follow-ups and waits for the outcomes, by key. Fails unless there is exactly one per task. */
export async function followUp(
  stand: Stand,
  connector: Connector,
  wanted: readonly FollowUpTask[],
): Promise<ReadonlyMap<string, Outcome>> {
  return byKey(await finish(stand, connector, await connector.followUp(wanted)), wanted);
}

/** A case of the planted customer, answered and closed, whose customer gave a low score a minute ago. */
export async function lowScore(stand: Stand, changes: Partial<SandboxCaseInput> = {}): Promise<RecoveryLook> {
  const caseId = await closedCase(stand, changes);
  stand.clock.advance(MINUTE_MS);
  const since = stand.clock.now();
  stand.clock.advance(MINUTE_MS);
  return { key: newKey(stand), caseId, since, taskId: null };
}

/** Looks, and gives the states by key. Fails unless there is exactly one per item. */
export async function lookAfter(
  connector: Connector,
  items: readonly RecoveryLook[],
): Promise<ReadonlyMap<string, RecoveryState>> {
  const states = await connector.lookAfter(items);
  expect(states.map(({ key }) => key).sort()).toEqual(items.map(({ key }) => key).sort());
  return new Map(states.map((state) => [state.key, state]));
}

/** Outcomes by key. Fails unless there is exactly one per item. */
export function byKey(
  outcomes: readonly Outcome[],
  items: readonly { readonly key: string }[],
): ReadonlyMap<string, Outcome> {
  expect(outcomes.map(({ key }) => key).sort()).toEqual(items.map(({ key }) => key).sort());
  return new Map(outcomes.map((outcome) => [outcome.key, outcome]));
}

/** Every page from there to the end, with time for limits to pass between them. */
export async function watchAll(
  stand: Stand,
  connector: Connector,
  from: WatchFrom,
): Promise<readonly WatchPage[]> {
  const pages: WatchPage[] = [];
  let next = from;
  for (;;) {
    if (pages.length === MOST_PAGES) expect.fail(`the watch has no end after ${MOST_PAGES} pages`);
    stand.clock.advance(MINUTE_MS);
    const page = await connector.watch(next);
    pages.push(page);
    if (!page.more) return pages;
    next = { cursor: page.cursor };
  }
}

/** The newest snapshot of each case on these pages. */
export function newestOf(pages: readonly WatchPage[]): ReadonlyMap<string, CaseSnapshot> {
  const newest = new Map<string, CaseSnapshot>();
  for (const snapshot of pages.flatMap(({ cases }) => cases)) {
    const other = newest.get(snapshot.caseId);
    if (other === undefined || snapshot.changedAt >= other.changedAt) newest.set(snapshot.caseId, snapshot);
  }
  return newest;
}

/** The cursor to go on from. */
export function cursorOf(pages: readonly WatchPage[]): WatchFrom {
  const last = pages.at(-1);
  if (last === undefined) return expect.fail('the watch gave no page');
  return { cursor: last.cursor };
}

/** The one snapshot of this case. */
export async function fetchOne(connector: Connector, caseId: string): Promise<CaseSnapshot> {
  const [snapshot, ...others] = await connector.fetch([caseId]);
  if (snapshot === undefined || others.length > 0) return expect.fail(`expected one snapshot of ${caseId}`);
  return snapshot;
}

/** What a call failed with; a call that did not fail is a failed test. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail('expected the call to fail'),
    (error: unknown) => error,
  );
}
