import type { Org } from './model.ts';
import { DATA_PATH, type RestRoute } from './rest.ts';
import type { Usage } from './usage.ts';

const RESOURCES = ['sobjects', 'query', 'queryAll', 'limits', 'composite', 'tooling', 'ui-api'];

/** What the version offers, and how much of its allowances the org has left. */
export function limitsRoutes(org: Org, usage: Usage): readonly RestRoute[] {
  return [
    {
      method: 'GET',
      path: '/limits',
      handle: () => ({
        body: {
          DailyApiRequests: { Max: usage.allowance, Remaining: Math.max(0, usage.allowance - usage.used) },
          DailyDeliveredPlatformEvents: { Max: 25_000, Remaining: 25_000 },
          DailyStreamingApiEvents: { Max: 200_000, Remaining: 200_000 },
          StreamingApiConcurrentClients: { Max: 1_000, Remaining: 1_000 },
        },
      }),
    },
    {
      method: 'GET',
      path: '',
      handle: ({ userId }) => ({
        body: {
          ...Object.fromEntries(RESOURCES.map((name) => [name, `${DATA_PATH}/${name}`])),
          identity: `${org.url()}/id/${org.id}/${userId}`,
        },
      }),
    },
  ];
}
