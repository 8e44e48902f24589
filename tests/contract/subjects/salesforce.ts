import { startSalesforceSandbox } from '../../../connectors/salesforce/sandbox/sandbox.ts';
import type { Subject } from '../subject.ts';

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
    };
  },
  impatience: { timeout: '250ms' },
  wrongCredentials: { auth: { clientId: 'caseloop-sandbox', clientSecret: 'not the secret' } },
  staff: { agent: 'Maya Lindqvist', colleague: 'Tom Okafor', team: 'Support' },
  tokenRequests: /^POST \/services\/oauth2\/token$/,
  // Nothing has a limit of its own: all calls count for the day.
  endpointLimits: /^$/,
  watchPageSize: 2_000,
  traits: ['reopening'],
  deviations: [],
};
