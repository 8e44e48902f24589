import { readdirSync, readFileSync } from 'node:fs';
import { Eta } from 'eta';
import { may } from '../../domain/staff.ts';
import { navigationOf } from './navigation.ts';
import type { Visit } from './route.ts';

/** The frame around every page for staff, and what its template needs besides. */
export interface StaffPage {
  /** Null for pages before the sign-in: they have no navigation. */
  readonly visit: Visit | null;
  /** Its heading, and what the browser calls it. */
  readonly title: string;
  /** Path of the page, so that the navigation can tell where one is. */
  readonly path?: string;
  /** What has just been done, or could not be. */
  readonly notice?: { readonly tone: 'good' | 'problem' | 'plain'; readonly text: string } | null;
  /** How the figures of the page were made, a sentence each; goes into its foot. */
  readonly notes?: readonly string[];
  /** True where a page should follow what happens; nothing of it needs a script. */
  readonly isLive?: boolean;
}

export interface StaffPages {
  /** HTML of a page from the template of that name; every value is escaped. */
  render(name: string, data: StaffPage & Readonly<Record<string, unknown>>): string;
}

const TEMPLATES = new URL('./templates/', import.meta.url);

/** Reads and compiles the templates beside this file once. Theirs is the data given, with `role(least)` to ask what the reader may do. */
export function createStaffPages(): StaffPages {
  const eta = new Eta({ autoEscape: true, autoTrim: false, cache: true });
  for (const file of readdirSync(TEMPLATES).filter((name) => name.endsWith('.eta')))
    eta.loadTemplate(`@${file.slice(0, -'.eta'.length)}`, readFileSync(new URL(file, TEMPLATES), 'utf8'));
  return {
    render: (name, { path = '', notice = null, notes = [], isLive = false, ...data }) => {
      const viewer = data.visit?.viewer ?? null;
      return eta.render(`@${name}`, {
        ...data,
        path,
        notice,
        notes,
        isLive,
        csrf: data.visit?.csrf ?? '',
        navigation: viewer === null ? [] : navigationOf(viewer.role, path),
        role: (least: Parameters<typeof may>[1]) => viewer !== null && may(viewer.role, least),
      });
    },
  };
}
