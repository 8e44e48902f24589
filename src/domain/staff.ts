import type { Filters } from './report.ts';

/** What somebody who signs in may do; each role may do what those before it may. */
export const ROLES = ['agent', 'lead', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Somebody who looks at scores: signed in, or a program with a key. */
export interface Viewer {
  /** Names them in the audit; never an address. */
  readonly id: string;
  /** What pages call them. */
  readonly name: string;
  readonly role: Role;
  /** Whose answers an agent sees: keys of agents, `connector/id`. Of no meaning for the other roles. */
  readonly agents: readonly string[];
}

/** True when this role may do what needs at least `needs`. */
export function may(role: Role, needs: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needs);
}

/** The filters that a viewer's own are narrowed to: an agent sees what they are credited with, whatever they ask for. */
export function visibleFilters(viewer: Viewer, asked: Filters): Filters {
  if (viewer.role !== 'agent') return asked;
  const wanted = asked.agent ?? viewer.agents;
  return { ...asked, agent: viewer.agents.filter((agent) => wanted.includes(agent)) };
}

/** Which comments an agent reads about themselves: `released` are those that a lead has shown them. */
export const COMMENT_RULES = ['released', 'always', 'never'] as const;
export type CommentRule = (typeof COMMENT_RULES)[number];

/** Whether a viewer reads a comment of an answer that they may see. */
export function seesComment(viewer: Pick<Viewer, 'role'>, rule: CommentRule, isReleased: boolean): boolean {
  return viewer.role !== 'agent' || rule === 'always' || (rule === 'released' && isReleased);
}
