import { expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { castOf } from '../../src/demo/cast.ts';
import type { MailboxMail } from '../../src/demo/mailbox.ts';
import { playCase } from '../../src/demo/play.ts';
import type { Stage } from '../../src/demo/stage.ts';
import { createTimeline } from '../../src/demo/timeline.ts';
import type { Sandbox } from '../../src/sandbox.ts';

const parts = castOf(['zendesk-demo', 'other-demo']).flat();
const skipped = parts.find(({ role }) => role.ending === 'skipped')?.role;

/** A stage where every case is decided "skip" at once; `mails` is what lies in the mailbox. */
function stageWith(mails: readonly Pick<MailboxMail, 'to'>[]): Stage {
  const events = [
    { at: '2026-11-21T10:00:00Z', what: 'noticed.' },
    { at: '2026-11-21T10:00:00Z', what: 'decided.' },
  ];
  const closure = { rule: 'own-domain', reason: 'Skipped.', events };
  const crm = {
    openCase: async () => '4711',
    closeCase: async () => undefined,
    readCase: async () => ({ state: 'closed' }),
  } as unknown as Sandbox;
  const stage = {
    app: { explain: async () => ({ closures: [closure] }) },
    mailbox: { list: async () => mails },
    crms: new Map([['zendesk-demo', crm]]),
    signal: new AbortController().signal,
  };
  return stage as unknown as Stage;
}

it('whom nobody should ask is not asked while the others play either', async () => {
  if (skipped === undefined) throw new Error('nobody in the cast is skipped');
  const mails: Pick<MailboxMail, 'to'>[] = [{ to: 'someone@else.example' }];
  const stage = stageWith(mails);
  const timeline = createTimeline(systemClock, () => undefined);
  const lastLook = await playCase(stage, 'zendesk-demo', skipped, timeline);
  await expect(lastLook()).resolves.toBeUndefined();
  mails.push({ to: `<${skipped.opens.requester.email}>` });
  await expect(lastLook()).rejects.toThrow('Case 4711: its customer should have 0 mails and got 1.');
});

it('nobody but who is asked elsewhere writes to two CRMs', () => {
  const writers = parts
    .filter(({ role }) => role.ending !== 'elsewhere')
    .map(({ role }) => role.opens.requester.email);
  expect(new Set(writers).size).toBe(writers.length);
  for (const { role } of parts.filter(({ role }) => role.ending === 'elsewhere')) {
    expect(writers).toContain(role.opens.requester.email);
  }
});
