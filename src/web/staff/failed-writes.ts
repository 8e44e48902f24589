import type { Request } from 'express';
import { readPausedConnectors } from '../../store/connectors.ts';
import { readGivenUpEvents } from '../../store/given-up-events.ts';
import { isStuckKind, readStuckGroups, type StuckGroup } from '../../store/stuck-rows.ts';
import type { CaseDeps } from './case-deps.ts';
import { casePathOf } from './case-paths.ts';
import { type Done, doneNotice } from './done.ts';
import { field } from './form-fields.ts';
import { instantsIn } from './instants.ts';
import type { StaffRoute } from './route.ts';

const PATH = '/dashboard/failed';

const KIND_WORDS: Readonly<Record<StuckGroup['kind'], { readonly one: string; readonly many: string }>> = {
  'write-back': { one: 'answer to write on its case', many: 'answers to write on their cases' },
  'follow-up': { one: 'follow-up to make', many: 'follow-ups to make' },
  ask: { one: 'survey to put on its case', many: 'surveys to put on their cases' },
};

/** What does not go on by itself, by cause, with a way to have it tried once more. */
export function failedWriteRoutes(deps: CaseDeps): readonly StaffRoute[] {
  return [
    {
      method: 'get',
      path: PATH,
      needs: 'lead',
      audit: 'failed writes seen',
      async handle(request, response, visit) {
        const when = instantsIn(deps.settings.zone);
        const groups = await readStuckGroups(deps.db);
        const events = await readGivenUpEvents(deps.db);
        const paused = await readPausedConnectors(deps.db);
        response.send(
          deps.pages.render('failed', {
            visit,
            title: 'Failed writes',
            path: PATH,
            notice: doneNotice(request.query.done),
            zone: deps.settings.zone,
            paused: paused.map((one) => ({ ...one, since: when(one.since) })),
            groups: groups.map((group) => ({
              ...group,
              what: KIND_WORDS[group.kind][group.count === 1 ? 'one' : 'many'],
              rows: group.rows.map((row) => ({
                ...row,
                href: casePathOf(group.connector, row.caseId),
                closedAt: when(row.closedAt),
              })),
              more: group.count - group.rows.length,
            })),
            events: events.map((one) => ({ ...one, oldestAt: when(one.oldestAt) })),
          }),
        );
      },
    },
    {
      method: 'post',
      path: PATH,
      needs: 'lead',
      audit: null,
      async handle(request, response, visit) {
        const done = await retryWhat(deps, request, visit.viewer.id);
        response.redirect(303, `${PATH}?done=${done}`);
      },
    },
  ];
}

async function retryWhat({ actions }: CaseDeps, request: Request, actor: string): Promise<Done> {
  return (await retried({ actions }, request, actor)) > 0 ? 'retried' : 'retried-none';
}

async function retried(
  { actions }: Pick<CaseDeps, 'actions'>,
  request: Request,
  actor: string,
): Promise<number> {
  const webhook = field(request, 'webhook');
  if (webhook !== '') return actions.retryEvents(webhook, actor);
  const kind = field(request, 'kind');
  if (!isStuckKind(kind)) return 0;
  const id = field(request, 'id');
  if (id !== '') return actions.retry({ kind, id }, actor);
  return actions.retry(
    { kind, connector: field(request, 'connector'), cause: field(request, 'cause') },
    actor,
  );
}
