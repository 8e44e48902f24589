import { expect } from 'vitest';
import { z } from 'zod';
import type { CaseSnapshot } from '../../src/domain/case.ts';
import { isTimeZone } from '../../src/domain/time-zone.ts';

const Text = z.string().min(1);
const Named = z.strictObject({ id: Text, name: z.string().nullable() });

/** A snapshot to the key: what a vendor sends beyond it must not come through. */
const Snapshot = z.strictObject({
  caseId: Text,
  number: Text,
  url: z.url(),
  subject: z.string().nullable(),
  state: z.enum(['open', 'closed', 'locked', 'deleted']),
  changedAt: z.date(),
  openedAt: z.date(),
  closedAt: z.date().nullable(),
  requester: z.strictObject({
    id: Text.nullable(),
    name: z.string().nullable(),
    email: z.email().nullable(),
    locale: Text.nullable(),
    timeZone: z.string().refine(isTimeZone).nullable(),
    isStaff: z.boolean(),
  }),
  assignee: Named.nullable(),
  team: Named.nullable(),
  channel: Text.nullable(),
  brand: z.string().nullable(),
  organisation: z.string().nullable(),
  tier: z.string().nullable(),
  tags: z.array(z.string()),
  kind: z.string().nullable(),
  language: z.string().nullable(),
  priority: z.string().nullable(),
  firstRepliedAt: z.date().nullable(),
  reopens: z.int().nonnegative().nullable(),
  flags: z.strictObject({
    merged: z.boolean(),
    spam: z.boolean(),
    outbound: z.boolean(),
    botHandled: z.boolean(),
    ours: z.boolean(),
  }),
  publicReply: z.boolean().nullable(),
  lastReplier: Named.nullable(),
});

/** Fails unless the snapshot has exactly the promised keys and kinds of values, with `closedAt` to the second. */
export function expectSnapshot(snapshot: CaseSnapshot): void {
  const { error } = Snapshot.safeParse(snapshot);
  expect(error?.issues ?? []).toEqual([]);
  if (snapshot.state === 'open') expect(snapshot.closedAt).toBeNull();
  if (snapshot.state === 'closed') expect(snapshot.closedAt).not.toBeNull();
  expect((snapshot.closedAt?.getTime() ?? 0) % 1_000).toBe(0);
  expect(snapshot.changedAt.getTime()).toBeGreaterThanOrEqual(snapshot.openedAt.getTime());
}
