import { startSalesforceSandbox } from '../../../connectors/salesforce/sandbox/sandbox.ts';
import type { Subject } from '../subject.ts';

const NO_LOCKS =
  'a closed case can be written; a lock by an approval is no field of the case, so it is met when writing and not before';

export const salesforce: Subject = {
  async start({ clock }) {
    const sandbox = await startSalesforceSandbox({ clock });
    return {
      sandbox,
      deleteCase: sandbox.deleteCase,
      // Salesforce does everything within the call.
      quiet: async () => undefined,
      holdJobs: () => undefined,
      releaseJobs: () => undefined,
      streaming: { subscriptions: () => sandbox.subscriptions, closeTogether: sandbox.massClose },
    };
  },
  impatience: { timeout: '250ms' },
  wrongCredentials: { auth: { clientId: 'caseloop-sandbox', clientSecret: 'not the secret' } },
  staff: { agent: 'Maya Lindqvist', colleague: 'Tom Okafor', team: 'Support' },
  tokenRequests: /^POST \/services\/oauth2\/token$/,
  // Nothing has a limit of its own: all calls count for the day.
  endpointLimits: /^$/,
  watchPageSize: 2_000,
  traits: ['reopening', 'asking', 'streams'],
  deviations: [
    { case: 'watch: shows a case that was closed for good with its first closing', reason: NO_LOCKS },
    { case: 'fetch: a case that was closed for good is said to be so', reason: NO_LOCKS },
    {
      case: 'fetch: the team comes along beside the owner',
      reason: 'a case has one owner: a user, or a queue as long as nobody has taken it',
    },
    {
      case: 'ask: locked cases are said to be so, alone and beside others, and get no reply',
      reason: 'a comment is a record of its own, which the lock of an approval does not hold',
    },
    { case: 'fetch: the tags come along', reason: 'cases have no tags' },
  ],
};
