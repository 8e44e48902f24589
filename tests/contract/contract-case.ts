import type { Stand } from './stand.ts';
import type { Trait } from './subject.ts';

/** The contract's methods, as the table names them, and what stands under all of them. */
export type Method =
  | 'check'
  | 'watch'
  | 'fetch'
  | 'receive'
  | 'stream'
  | 'write-back'
  | 'write-late'
  | 'reopen'
  | 'ask'
  | 'look-after'
  | 'follow-up'
  | 'settle'
  | 'provision'
  | 'token';

/** One promise of the contract. `run` works on a stand that it shares with other cases and fails by throwing. */
export interface ContractCase {
  readonly method: Method;
  readonly promise: string;
  /** Left out for CRMs that do not have it. */
  readonly needs?: Trait;
  run(stand: Stand): Promise<void>;
}

/** How deviations and the table name it. */
export function titleOf({ method, promise }: Pick<ContractCase, 'method' | 'promise'>): string {
  return `${method}: ${promise}`;
}
