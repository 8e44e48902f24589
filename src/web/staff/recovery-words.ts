import type { RecoveryRecord } from '../../domain/closure-record.ts';
import type { Standing } from './step-words.ts';

/** How far a low score is from being put right. */
export function recoveryStanding(
  recovery: Pick<RecoveryRecord, 'recoveredAt' | 'isOverdue' | 'escalatedAt'>,
): Standing {
  if (recovery.recoveredAt !== null) return { text: 'recovered', tone: 'good' };
  if (!recovery.isOverdue) return { text: 'not answered yet', tone: 'wait' };
  return { text: recovery.escalatedAt === null ? 'overdue' : 'overdue, escalated', tone: 'problem' };
}
