import { readAudit } from '../../store/audit-pages.ts';
import type { StaffRoute } from './route.ts';
import type { StaffDeps } from './staff-deps.ts';
import type { StaffPages } from './staff-pages.ts';

const LIST = '/dashboard/admin/audit';
const PAGE = 50;

/** Who saw and changed what, newest first. */
export function adminAuditRoutes({ db }: StaffDeps, pages: StaffPages): readonly StaffRoute[] {
  return [
    {
      method: 'get',
      path: LIST,
      needs: 'admin',
      audit: 'audit seen',
      async handle(request, response, visit) {
        const before = /^\d{1,18}$/.exec(String(request.query.before ?? ''))?.[0] ?? null;
        const actor =
          typeof request.query.who === 'string' && request.query.who !== '' ? request.query.who : null;
        const lines = await readAudit(db, { before, actor, limit: PAGE + 1 });
        const shown = lines.slice(0, PAGE);
        const older = lines.length > PAGE ? shown.at(-1)?.id : undefined;
        response.send(
          pages.render('admin-audit', {
            visit,
            title: 'Audit',
            path: LIST,
            lines: shown,
            who: actor === null ? null : (shown[0]?.name ?? actor),
            older: older === undefined ? null : addressOf({ before: older, who: actor }),
            newest: before === null ? null : addressOf({ who: actor }),
            of: (one: string) => addressOf({ who: one }),
          }),
        );
      },
    },
  ];
}

function addressOf(query: { before?: string; who: string | null }): string {
  const text = new URLSearchParams(
    Object.entries(query).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  ).toString();
  return text === '' ? LIST : `${LIST}?${text}`;
}
