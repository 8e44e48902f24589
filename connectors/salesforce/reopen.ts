import type { FollowUpTask, Outcome, Receipt } from '../../src/connector.ts';
import { type CaseloopError, PermanentError } from '../../src/errors.ts';
import type { SalesforceApi } from './client.ts';
import { addPrivateComments, readComments } from './comments.ts';
import { keyLine } from './follow-up.ts';
import { toId } from './ids.ts';
import type { Picklists } from './picklists.ts';
import { errorOf, outcomeOf, requireBatch, SaveResults } from './rows.ts';
import { CaseState } from './schema.ts';
import { quoteAll } from './soql.ts';
import { noSuchCase } from './write-back.ts';

/**
 * Opens closed cases again by one collection call, then leaves a private comment on each by another. The comment ends with
 * the task's key: one whose outcome is unknown is looked for first, since opening a case again that an agent has closed
 * meanwhile would be wrong, and a second comment too. The status goes first, so that a case that cannot be opened gets no
 * comment; what stops in between is done again as a whole.
 */
export async function reopenAll(
  api: SalesforceApi,
  picklists: Picklists,
  tasks: readonly FollowUpTask[],
): Promise<Receipt> {
  requireBatch('reopening', tasks);
  const outcomes: Outcome[] = [];
  const noted = await findNoted(api, tasks);
  const wanted = new Map<string, FollowUpTask[]>();
  for (const task of tasks) {
    const caseId = toId('case', task.caseId);
    if (noted.has(task.key)) outcomes.push({ key: task.key, result: 'done', ref: null });
    else if (caseId === null) outcomes.push(outcomeOf(task.key, noSuchCase('reopening'), null));
    else if (!hasGoodOwner(task)) outcomes.push(outcomeOf(task.key, noSuchOwner(), null));
    else wanted.set(caseId, [...(wanted.get(caseId) ?? []), task]);
  }
  if (wanted.size === 0) return { outcomes };
  const refusals = await openClosed(api, picklists, wanted);
  const opened = [...wanted].map(([caseId, own]) => ({ caseId, own, error: refusals.get(caseId) ?? null }));
  const open = opened.filter(({ error }) => error === null);
  const errors = await addPrivateComments(
    api,
    open.map(({ caseId, own }) => ({
      caseId,
      text: own.map(({ body }) => body).join('\n\n'),
      lastLines: own.map(keyLine).join('\n'),
    })),
  );
  const noteErrors = new Map(open.map(({ caseId }, index) => [caseId, errors[index] ?? null]));
  for (const { caseId, own, error } of opened)
    outcomes.push(...own.map(({ key }) => outcomeOf(key, error ?? noteErrors.get(caseId) ?? null, null)));
  return { outcomes };
}

/** Opens those that are closed, with their owners; an open one keeps its status and owner. Gives what was refused, by case. */
async function openClosed(
  api: SalesforceApi,
  picklists: Picklists,
  wanted: ReadonlyMap<string, readonly FollowUpTask[]>,
): Promise<ReadonlyMap<string, CaseloopError | 'locked'>> {
  const refusals = new Map<string, CaseloopError | 'locked'>();
  const soql = `SELECT Id, IsClosed FROM Case WHERE Id IN ${quoteAll([...wanted.keys()])}`;
  const states = new Map((await api.rows(CaseState, soql)).map(({ Id, IsClosed }) => [Id, IsClosed]));
  for (const caseId of wanted.keys())
    if (!states.has(caseId))
      refusals.set(caseId, new PermanentError('Salesforce reopening: there is no such case'));
  const closed = [...wanted].filter(([caseId]) => states.get(caseId) === true);
  if (closed.length === 0) return refusals;
  const Status = await picklists.openStatus();
  const records = closed.map(([Id, own]) => ({ Id, Status, ...ownerChange(own.at(-1)) }));
  const rows = await api.call(SaveResults, (salesforce) => salesforce.update('Case', records));
  closed.forEach(([caseId], index) => {
    const error = errorOf('reopening', rows[index]);
    if (error !== null) refusals.set(caseId, error);
  });
  return refusals;
}

/** The keys whose comment stands already. Asks only about tasks of unknown outcome. */
async function findNoted(api: SalesforceApi, tasks: readonly FollowUpTask[]): Promise<ReadonlySet<string>> {
  const unsure = tasks.filter(
    ({ outcomeUnknown, caseId }) => outcomeUnknown && toId('case', caseId) !== null,
  );
  const comments = await readComments(
    api,
    unsure.map(({ caseId }) => toId('case', caseId) ?? ''),
  );
  const isThere = (task: FollowUpTask): boolean =>
    (comments.get(toId('case', task.caseId) ?? '') ?? []).some((body) =>
      // The whole line: a key may begin like another.
      body.split(/\r?\n/).some((line) => line.trim() === keyLine(task)),
    );
  return new Set(unsure.filter(isThere).map(({ key }) => key));
}

/** A case has one owner: the agent whose it was, else the queue. */
function ownerChange(task: FollowUpTask | undefined): { OwnerId?: string } {
  const ownerId = task?.ownerId ?? task?.teamId ?? null;
  return ownerId === null ? {} : { OwnerId: ownerId };
}

function hasGoodOwner({ ownerId, teamId }: FollowUpTask): boolean {
  return (
    (ownerId === null || toId('user', ownerId) !== null) &&
    (teamId === null || toId('queue', teamId) !== null)
  );
}

function noSuchOwner(): PermanentError {
  return new PermanentError('Salesforce reopening: the owner is neither a user nor a queue');
}
