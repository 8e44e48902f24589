import type { FollowUpRow, WriteBackRow } from '../../store/tables.ts';

/** How something stands, for a pill. */
export interface Standing {
  readonly text: string;
  readonly tone: 'good' | 'wait' | 'problem' | 'plain';
}

const WRITE_BACKS: Readonly<Record<WriteBackRow['state'], Standing>> = {
  due: { text: 'to be written', tone: 'wait' },
  running: { text: 'being written', tone: 'wait' },
  written: { text: 'written', tone: 'good' },
  kept: { text: 'kept here', tone: 'plain' },
  waiting: { text: 'waits for the config', tone: 'problem' },
  failed: { text: 'failed', tone: 'problem' },
};

/** How the answer's way to the case record stands. */
export function writeBackStanding(state: WriteBackRow['state']): Standing {
  return WRITE_BACKS[state];
}

const FOLLOW_UPS: Readonly<Record<FollowUpRow['state'], Standing>> = {
  due: { text: 'to be made', tone: 'wait' },
  running: { text: 'being made', tone: 'wait' },
  made: { text: 'made', tone: 'good' },
  cancelled: { text: 'called off', tone: 'plain' },
  waiting: { text: 'waits for the config', tone: 'problem' },
  failed: { text: 'failed', tone: 'problem' },
};

/** How the task for a low score stands in the CRM; whether the customer was answered is another matter. */
export function followUpStanding(state: FollowUpRow['state']): Standing {
  return FOLLOW_UPS[state];
}
