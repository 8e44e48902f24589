import { type Clock, HOUR_MS } from '../../src/clock.ts';
import { ConfigError } from '../../src/errors.ts';
import type { SalesforceApi } from './client.ts';
import type { Config } from './config.ts';
import { PicklistValue } from './schema.ts';

/** Values of pick lists that admins change. Each is read when it is first needed and kept for an hour. */
export interface Picklists {
  /** The status of a case that is opened again. Throws ConfigError when the configured one is not an open one, or none is. */
  openStatus(): Promise<string>;
  /** A high priority for tasks; null when the org has none, and its default is then right. */
  highPriority(): Promise<string | null>;
}

/** No I/O until asked. */
export function createPicklists(api: SalesforceApi, config: Config, clock: Clock): Picklists {
  const openStatuses = keep(clock, () =>
    api.rows(PicklistValue, 'SELECT ApiName FROM CaseStatus WHERE IsClosed = false ORDER BY SortOrder'),
  );
  const highPriorities = keep(clock, () =>
    api.rows(
      PicklistValue,
      'SELECT ApiName FROM TaskPriority WHERE IsHighPriority = true ORDER BY SortOrder',
    ),
  );
  return {
    async openStatus() {
      const names = (await openStatuses()).map(({ ApiName }) => ApiName);
      const status = names.find((name) => config.reopenStatus === undefined || name === config.reopenStatus);
      if (status !== undefined) return status;
      throw new ConfigError(
        `Salesforce: ${config.reopenStatus ?? 'a status'} is not among the open statuses of cases: ${names.join(', ')}`,
        { fix: 'Set reopenStatus to one of them, or leave it out.' },
      );
    },
    highPriority: async () => (await highPriorities())[0]?.ApiName ?? null,
  };
}

function keep<T>(clock: Clock, read: () => Promise<T>): () => Promise<T> {
  let kept: { readonly value: T; readonly readAt: number } | null = null;
  return async () => {
    const now = clock.now().getTime();
    if (kept === null || now - kept.readAt >= HOUR_MS) kept = { value: await read(), readAt: now };
    return kept.value;
  };
}
