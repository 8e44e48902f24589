import { startZendeskSandbox } from '../../../connectors/zendesk/sandbox/sandbox.ts';
import type { Subject } from '../subject.ts';

export const zendesk: Subject = {
  async start({ clock }) {
    const sandbox = await startZendeskSandbox({ clock, jobStepMs: 1 });
    return {
      sandbox,
      deleteCase: sandbox.deleteCase,
      quiet: sandbox.jobsDone,
      holdJobs: sandbox.holdJobs,
      releaseJobs: sandbox.releaseJobs,
    };
  },
  impatience: { timeout: '250ms' },
  wrongCredentials: { auth: { clientId: 'caseloop-sandbox', clientSecret: 'not the secret' } },
  staff: { agent: 'Maya Lindqvist', colleague: 'Tom Okafor', team: 'Support' },
  tokenRequests: /^POST \/oauth\/tokens$/,
  endpointLimits: /^\S+ \/api\/v2\/(incremental|webhooks)\b/,
  watchPageSize: 1_000,
  traits: ['pushes', 'vendor jobs', 'late follow-up tickets', 'late user fields', 'reopening', 'asking'],
  deviations: [],
};
