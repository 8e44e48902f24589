import { describe, expect, it } from 'vitest';
import { recoveryOf } from './recovery.ts';

const since = new Date('2026-11-27T10:00:00.700Z');
const at = (time: string): Date => new Date(`2026-11-27T${time}Z`);
const given = { key: 'a', since };

describe('what proves that the customer was answered', () => {
  it.each([
    ['nothing', null, null, null],
    ['a reply', at('10:05:00'), null, { at: at('10:05:00'), by: 'reply' }],
    ['a task', null, at('10:05:00'), { at: at('10:05:00'), by: 'task' }],
    ['the earlier one', at('10:06:00'), at('10:05:00'), { at: at('10:05:00'), by: 'task' }],
    ['the reply of two at once', at('10:05:00'), at('10:05:00'), { at: at('10:05:00'), by: 'reply' }],
    [
      'a reply, where the task was done before the score',
      at('10:06:00'),
      at('09:59:59'),
      { at: at('10:06:00'), by: 'reply' },
    ],
    ['nothing that came before the score', at('09:59:59.999'), at('09:00:00'), null],
    [
      'a reply in the second of the score, which CRMs tell no better',
      at('10:00:00'),
      null,
      { at: since, by: 'reply' },
    ],
  ])('%s', (_, repliedAt, taskDoneAt, expected) => {
    expect(recoveryOf({ ...given, repliedAt, taskDoneAt })).toEqual(
      expected === null ? null : { ...given, ...expected },
    );
  });
});
