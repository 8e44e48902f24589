import { PRIORITY_LABELS, type Ticket } from './model.ts';
import { findPerson, type State, type StatusChange, takeId } from './state.ts';

/** An automation rule for updated tickets: when the status changes, by whomever, it calls a webhook. */
export interface Rule {
  readonly id: number;
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A template: `{{ticket.id}}` and its like. */
  readonly body: string;
  isActive: boolean;
}

/** What an admin types into the rule. */
export interface RuleInput {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly name?: string;
}

/** The rules of the account; there is no API for them. */
export interface Rules {
  readonly all: ReadonlyMap<number, Rule>;
  add(input: RuleInput): Rule;
  find(id: number): Rule;
  remove(id: number): void;
}

/** An account without rules. */
export function createRules(state: State): Rules {
  const all = new Map<number, Rule>();
  const find = (id: number): Rule => {
    const rule = all.get(id);
    if (rule === undefined) throw new Error(`the sandbox has no rule ${id}`);
    return rule;
  };
  return {
    all,
    add({ name = 'made by hand', ...input }) {
      const rule = { id: takeId(state), name, ...input, isActive: true };
      all.set(rule.id, rule);
      return rule;
    },
    find,
    remove(id) {
      all.delete(find(id).id);
    },
  };
}

/** Fills a template. Values go in as they are, and a placeholder that nobody knows leaves nothing behind. */
export function fillTemplate(
  state: State,
  { ticket, from, to }: StatusChange,
  options: { readonly template: string; readonly url: string },
): string {
  const values: Readonly<Record<string, string>> = {
    ...valuesOf(state, ticket, options.url),
    // What the vendor writes here looks like JSON and is none.
    triggered_event: `{status:{from:${from},to:${to}}}`,
  };
  return options.template.replaceAll(/\{\{\s*([a-z_.]+)\s*\}\}/g, (_, name: string) => values[name] ?? '');
}

function valuesOf(state: State, ticket: Ticket, url: string): Record<string, string> {
  const requester = findPerson(state, ticket.requesterId);
  const agent = state.agents.get(ticket.responderId ?? 0);
  return {
    'ticket.id': String(ticket.id),
    'ticket.subject': ticket.subject,
    'ticket.status': state.statuses.get(ticket.status)?.agentLabel ?? '',
    'ticket.priority': PRIORITY_LABELS[ticket.priority] ?? '',
    'ticket.url': `${url}/helpdesk/tickets/${ticket.id}`,
    'ticket.tags': ticket.tags.join(', '),
    'ticket.source': String(ticket.source),
    'ticket.requester.name': requester?.name ?? '',
    'ticket.requester.email': requester?.email ?? '',
    'ticket.agent.name': agent?.name ?? '',
    'ticket.agent.email': agent?.email ?? '',
    'ticket.group.name': state.groups.get(ticket.groupId ?? 0)?.name ?? '',
  };
}
