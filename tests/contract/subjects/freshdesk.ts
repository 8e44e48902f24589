import { startFreshdeskSandbox } from '../../../connectors/freshdesk/sandbox/sandbox.ts';
import type { Subject } from '../subject.ts';

export const freshdesk: Subject = {
  async start({ clock }) {
    const sandbox = await startFreshdeskSandbox({ clock });
    return {
      sandbox,
      deleteCase: sandbox.deleteCase,
      quiet: async () => undefined,
      holdJobs: () => undefined,
      releaseJobs: () => undefined,
    };
  },
  impatience: { timeout: '250ms' },
  wrongCredentials: { apiKey: 'not the API key' },
  staff: { agent: 'Maya Lindqvist', colleague: 'Tom Okafor', team: 'Support' },
  tokenRequests: null,
  endpointLimits: /^(POST|GET) \/api\/v2\/tickets$|^PUT \/api\/v2\/tickets\/\*$/,
  watchPageSize: 100,
  traits: ['pushes', 'late follow-up tickets', 'reopening', 'asking'],
  deviations: [
    {
      case: 'watch: shows a case that was closed for good with its first closing',
      reason: 'Freshdesk lists no archived tickets; a fetch shows them, and they were closed 120 days before',
    },
    {
      case: 'receive: a push whose body was changed is refused',
      reason:
        'Freshdesk signs nothing: the secret proves the sender, and the body is believed for an id alone',
    },
    {
      case: 'receive: a push of an hour ago is refused, and one of a minute ago is not',
      reason:
        'Freshdesk sends no time, and repeats an hour later itself; an old push is one more look at a case',
    },
    {
      case: 'receive: forged pushes cost few calls to the CRM',
      reason: 'whoever has the secret can ring for any case, one call each at most; without it none is made',
    },
    {
      case: 'write-back: a full batch is written in few calls, with one outcome per item',
      reason: 'Freshdesk gives all tickets of a bulk update the same values: one call per answer',
    },
    {
      case: 'write-late: follow-up-ticket: a full batch is written in few calls, with one outcome per item',
      reason: 'Freshdesk creates one ticket a call',
    },
    {
      case: 'reopen: a full batch is opened in few calls; one more is refused whole or opened whole',
      reason: 'Freshdesk takes a status and a note in a call each, for one ticket',
    },
    {
      case: 'ask: a full batch is asked in few calls, one outcome per item',
      reason: 'Freshdesk takes a note in a call of its own',
    },
    {
      case: 'follow-up: a full batch is made in few calls; one more is refused whole or made whole',
      reason: 'Freshdesk creates one ticket a call',
    },
  ],
};
