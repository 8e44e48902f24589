import { DAY_MS, HOUR_MS } from '../../src/clock.ts';
import type { CaseActions } from '../../src/web/staff/case-deps.ts';
import type { SignInSettings, StaffDeps } from '../../src/web/staff/staff-deps.ts';
import { SETTINGS } from './reports.ts';

const SIGN_IN: SignInSettings = {
  password: true,
  idleMs: 8 * HOUR_MS,
  lifetimeMs: 7 * DAY_MS,
  oidc: null,
  agentsSee: { comments: 'released' },
};

/** There is nothing to act on: no workers run. */
const IDLE: CaseActions = {
  surveyByHand: async () => ({ why: 'nobody is there to send it', helpsAgain: false }),
  accept: async () => null,
  dismiss: async () => false,
  recover: async () => false,
  ownerOf: ({ snapshot }) => snapshot.assignee?.name ?? null,
  retry: async () => 0,
  retryEvents: async () => 0,
};

/** What staff pages need, over a test's own store and clock. */
export function staffDepsFor(
  given: Pick<StaffDeps, 'db' | 'publicUrl' | 'clock' | 'log'> & { signIn: Partial<SignInSettings> },
): StaffDeps {
  return {
    ...given,
    signIn: { ...SIGN_IN, ...given.signIn },
    report: SETTINGS,
    actions: IDLE,
    hashCaller: (ip) => `hash of ${ip}`,
  };
}
