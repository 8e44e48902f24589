import { may, type Role } from '../../domain/staff.ts';

interface Place {
  readonly path: string;
  readonly label: string;
  readonly needs: Role;
  /** Further pages, listed while one is on any of them. */
  readonly within?: readonly Omit<Place, 'within'>[];
}

const PLACES: readonly Place[] = [
  { path: '/dashboard', label: 'Overview', needs: 'agent' },
  { path: '/dashboard/compare', label: 'Before and after', needs: 'agent' },
  { path: '/dashboard/cases', label: 'Cases', needs: 'agent' },
  { path: '/dashboard/review', label: 'Review', needs: 'lead' },
  { path: '/dashboard/quarantine', label: 'Quarantine', needs: 'lead' },
  { path: '/dashboard/failed', label: 'Failed writes', needs: 'lead' },
  {
    path: '/dashboard/admin/users',
    label: 'Admin',
    needs: 'admin',
    within: [
      { path: '/dashboard/admin/users', label: 'People', needs: 'admin' },
      { path: '/dashboard/admin/keys', label: 'API keys', needs: 'admin' },
      { path: '/dashboard/admin/audit', label: 'Audit', needs: 'admin' },
    ],
  },
];

export interface NavigationItem {
  readonly path: string;
  readonly label: string;
  /** `page` is this very page; `true` is the part of the site it belongs to. */
  readonly current: 'page' | 'true' | null;
  readonly within: readonly Omit<NavigationItem, 'within'>[];
}

/** Where a role may go, and where it is. */
export function navigationOf(role: Role, here: string): readonly NavigationItem[] {
  return PLACES.filter(({ needs }) => may(role, needs)).map((place) => {
    const isInside = (place.within ?? []).some(({ path }) => isUnder(path, here));
    return {
      path: place.path,
      label: place.label,
      current: isInside ? 'true' : currentOf(place.path, here),
      within: isInside
        ? (place.within ?? []).map(({ path, label }) => ({ path, label, current: currentOf(path, here) }))
        : [],
    };
  });
}

function currentOf(path: string, here: string): NavigationItem['current'] {
  if (path === here) return 'page';
  return isUnder(path, here) ? 'true' : null;
}

/** The overview holds only itself and its slices: every other page is a place of its own. */
function isUnder(path: string, here: string): boolean {
  if (path === '/dashboard') return here.startsWith('/dashboard/by/');
  return here === path || here.startsWith(`${path}/`);
}
