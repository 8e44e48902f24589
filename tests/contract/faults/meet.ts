import { expect } from 'vitest';
import { MINUTE_MS } from '../../../src/clock.ts';
import type { Connector } from '../../../src/connector.ts';
import { CaseloopError, RetryableError } from '../../../src/errors.ts';
import type { SandboxRequest } from '../../../src/sandbox.ts';
import { expectNothingTold } from '../planted.ts';
import { fetchOne, openCase } from '../situations.ts';
import { mintsToken, openStand, type Stand } from '../stand.ts';
import type { Subject } from '../subject.ts';
import { type Attempt, type Came, cameTo, type Prepared } from './attempt.ts';
import { CLASSES, type FaultRow } from './rows.ts';
import { countOf, type Step, stepsOf } from './steps.ts';

/** A method's own requests, learned from a call that meets no fault. */
async function learnSteps(stand: Stand, attempt: Attempt): Promise<readonly Step[]> {
  const prepared = await attempt.prepare(stand);
  const connector = stand.connect(attempt.connectOptions?.());
  const before = stand.sandbox.requests.length;
  const came = await prepared.call(connector, false);
  const made = stand.sandbox.requests.slice(before);
  expect((await finish(stand, connector, came)).as).toBe('done');
  await prepared.expectRight(0);
  return stepsOf(made.filter((one) => mintsToken(stand.subject, one) === (attempt.isMinting ?? false)));
}

/** Lets every kind of request of the method meet the fault once, and says how many there are. A method may make none. */
export async function meetFault(shared: Stand, attempt: Attempt, row: FaultRow): Promise<number> {
  await using bare = attempt.isBare ? await openBare(shared) : null;
  const steps = await learnSteps(bare ?? shared, attempt);
  for (const step of steps) {
    await using own = attempt.isBare ? await openBare(shared) : null;
    try {
      await meetAt(own ?? shared, attempt, row, step);
    } catch (error) {
      (own ?? shared).stage.releaseJobs();
      throw new Error(`${row.title} at ${step.name}: ${String(error)}`, { cause: error });
    }
  }
  return steps.length;
}

function openBare({ type, subject }: Stand): Promise<Stand> {
  return openStand(type, subject, { provisioned: false });
}

async function meetAt(stand: Stand, attempt: Attempt, row: FaultRow, step: Step): Promise<void> {
  const { sandbox, subject, stage, clock } = stand;
  clock.advance(MINUTE_MS);
  const prepared = await attempt.prepare(stand);
  const settings = row.kind === 'hang' ? subject.impatience : {};
  const options = attempt.connectOptions?.() ?? {};
  const connector = stand.connect({ ...options, settings });
  // A token that ends by itself just now would be renewed on the way.
  if (!attempt.isMinting) await fetchOne(stand.connect(), await openCase(stand));
  const isRenewed = row.kind === '401' && subject.tokenRequests !== null && !attempt.isMinting;
  // What the CRM took must not be given to it again, even though it has not got round to it yet.
  const isHeld = step.isAfterWrites && subject.traits.includes('vendor jobs');
  if (isHeld) stage.holdJobs();

  sandbox.fail({ kind: row.kind, on: step.on, times: isRenewed && row.outlivesRenewal ? 2 : 1 });
  const before = sandbox.requests.length;
  const first = await attemptOnce(prepared, connector);
  const made = sandbox.requests.slice(before);
  expectNoRetry(made, { step, subject, attempt, isRenewed });
  if (isRenewed && !row.outlivesRenewal) expect(['done', 'pending']).toContain(first.as);
  else expectMeaning(first, { attempt, row, step, subject });
  expectNothingTold(stand, first.as === 'failed' ? [first.error] : []);

  if (!isHeld) await stage.quiet();
  clock.advance(MINUTE_MS);
  // A call that gave up on a hang was impatient; the rest of the day is not.
  const later = row.kind === 'hang' ? stand.connect(options) : connector;
  const second = first.as === 'pending' ? first : await prepared.call(later, true);
  if (isHeld) stage.releaseJobs();
  expect(await finish(stand, later, second)).toEqual({ as: 'done' });
  await stage.quiet();
  await prepared.expectRight(row.kind === 'reply lost' ? unansweredWrites(made) : 0);
}

async function attemptOnce(prepared: Prepared, connector: Connector): Promise<Came> {
  try {
    return await prepared.call(connector, false);
  } catch (error) {
    if (error instanceof CaseloopError) return { as: 'failed', error };
    throw error;
  }
}

/** Every request at most as often as without a fault, and one more where a token was minted anew. */
function expectNoRetry(
  made: readonly SandboxRequest[],
  about: { step: Step; subject: Subject; attempt: Attempt; isRenewed: boolean },
): void {
  const { step, subject, attempt, isRenewed } = about;
  const count = countOf(step, made);
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThanOrEqual(step.times + (isRenewed ? 1 : 0));
  const minted = made.filter((one) => mintsToken(subject, one)).length;
  expect(minted).toBeLessThanOrEqual(isRenewed || attempt.isMinting ? 1 : 0);
}

function expectMeaning(
  came: Came,
  about: { attempt: Attempt; row: FaultRow; step: Step; subject: Subject },
): void {
  const { attempt, row, step, subject } = about;
  if (came.as === 'done') expect.fail('the fault went unnoticed');
  if (came.as === 'pending') {
    expect(came.checkAfterMs).toBeGreaterThanOrEqual(row.retryAfterMs ?? 0);
    return;
  }
  if (came.as === 'reported') return;
  if (came.as === 'left out') {
    expect(row.meaning).toBe('not there');
    return;
  }
  const { error } = came;
  const allowed = attempt.classes?.[row.meaning] ?? CLASSES[row.meaning];
  if (!allowed.some((one) => error instanceof one)) {
    expect.fail(
      `${error.name} in place of ${allowed.map(({ name }) => name).join(' or ')}: ${error.message}`,
    );
  }
  expect(error.message).not.toBe('');
  if (!(error instanceof RetryableError)) return;
  if (row.retryAfterMs !== undefined) expect(error.retryAfterMs).toBe(row.retryAfterMs);
  if (row.kind.startsWith('429') && !attempt.isMinting)
    expect(error.scope).toBe(subject.endpointLimits.test(step.name) ? 'endpoint' : 'account');
}

async function finish(stand: Stand, connector: Connector, came: Came): Promise<Came> {
  let current = came;
  for (let looks = 0; current.as === 'pending' && looks < 50; looks += 1) {
    await stand.stage.quiet();
    const receipt = await connector.settle(current.handle);
    if ('pending' in receipt) current = { as: 'pending', ...receipt.pending };
    else current = cameTo(receipt, receipt.outcomes[0]?.key ?? '');
  }
  return current;
}

/** Writes that took effect although their answer was lost. */
function unansweredWrites(made: readonly SandboxRequest[]): number {
  return made.filter(({ method, status }) => method !== 'GET' && status === 0).length;
}
