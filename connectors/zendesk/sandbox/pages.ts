import express, { type Router } from 'express';
import { FIELD_TITLES } from '../../../src/domain/fields.ts';
import { type Cases, followUpTickets } from './cases.ts';
import { type Html, html, layout } from './html.ts';
import type { Ticket, TicketComment } from './model.ts';
import { instant, recordOf, type State } from './state.ts';

const CSAT_TITLES = new Set<string>(Object.values(FIELD_TITLES));

/** The agent interface, as far as a person needs it to look at cases, solve them and open them again. */
export function createPages(state: State, cases: Cases): Router {
  const router = express.Router();
  const find = (id: string | undefined): Ticket | undefined => state.tickets.get(Number(id));
  const notFound = layout('No such ticket', html`<h1>No such ticket</h1>${toList()}`);

  router.get(['/', '/agent', '/agent/dashboard'], (_req, res) => res.redirect(303, '/agent/tickets'));
  router.get('/agent/tickets', (_req, res) => {
    res.type('html').send(listPage(state));
  });
  router.get('/agent/tickets/:id', (req, res) => {
    const ticket = find(req.params.id);
    if (ticket === undefined) res.status(404).type('html').send(notFound);
    else res.type('html').send(ticketPage(state, ticket));
  });
  router.post('/agent/tickets/:id/:action', (req, res) => {
    const ticket = find(req.params.id);
    const { action } = req.params;
    if (ticket === undefined || (action !== 'solve' && action !== 'reopen')) {
      res.status(404).type('html').send(notFound);
      return;
    }
    // A stale page may ask for what already is, or for what a closed ticket no longer allows: then nothing happens.
    const isSolved = ticket.status === 'solved';
    if (action === 'solve' && !isSolved && isChangeable(ticket)) cases.solve(String(ticket.id));
    if (action === 'reopen' && isSolved) cases.reopen(String(ticket.id));
    res.redirect(303, `/agent/tickets/${ticket.id}`);
  });
  return router;
}

function isChangeable(ticket: Ticket): boolean {
  return ticket.status !== 'closed' && ticket.status !== 'deleted';
}

function toList(): Html {
  return html`<p><a href="/agent/tickets">All tickets</a></p>`;
}

function listPage(state: State): string {
  const rows = [...state.tickets.values()]
    .sort((a, b) => b.id - a.id)
    .map((ticket) => {
      const requester = recordOf(state.users, ticket.requesterId).name;
      const assignee = state.users.get(ticket.assigneeId ?? 0)?.name ?? 'nobody yet';
      const score = [...csatRows(state, ticket)].find(([title]) => title === FIELD_TITLES.score)?.[1] ?? '-';
      return html`<tr>
      <td>${statusMark(ticket)}</td>
      <td><a href="/agent/tickets/${ticket.id}">#${ticket.id} ${ticket.subject}</a></td>
      <td>${requester}</td>
      <td>${assignee}</td>
      <td>${score}</td>
      <td>${when(ticket.updatedAt)}</td>
    </tr>`;
    });
  const table = html`<div class="scroll"><table>
    <thead><tr><th>Status</th><th>Ticket</th><th>Requester</th><th>Assignee</th><th>CSAT score</th><th>Updated</th></tr></thead>
    <tbody>${rows}</tbody>
  </table></div>`;
  const empty = html`<p>No tickets yet.</p>`;
  return layout('Tickets', html`<h1>Tickets</h1>${rows.length > 0 ? table : empty}`);
}

function ticketPage(state: State, ticket: Ticket): string {
  const nameOf = (id: number | null): string => (id === null ? 'nobody yet' : recordOf(state.users, id).name);
  const requester = recordOf(state.users, ticket.requesterId);
  const facts: [string, string][] = [
    ['Requester', requester.email === null ? requester.name : `${requester.name} <${requester.email}>`],
    ['Assignee', nameOf(ticket.assigneeId)],
    ['Group', state.groups.get(ticket.groupId ?? 0)?.name ?? '-'],
    ['Brand', recordOf(state.brands, ticket.brandId).name],
    ['Channel', ticket.channel],
    ['Type', ticket.type ?? '-'],
    ['Priority', ticket.priority ?? '-'],
  ];
  if (ticket.dueAt !== null) facts.push(['Due', when(ticket.dueAt)]);
  const source = ticket.followUpOf === null ? undefined : state.tickets.get(ticket.followUpOf);
  const body = html`
    ${toList()}
    <header>
      <h1>${ticket.subject} <small>#${ticket.id}</small></h1>
      <div class="state">${statusMark(ticket)} ${button(ticket)}</div>
    </header>
    <div class="columns">
      <section aria-label="Conversation">${ticket.comments.map((comment) => commentBlock(state, comment))}</section>
      <aside aria-label="Ticket properties">
        <h2>Satisfaction</h2>
        ${definitions(csatRows(state, ticket), 'No CSAT fields on this account yet.')}
        <h2>Tags</h2>
        <p class="tags">${ticket.tags.length > 0 ? ticket.tags.map((tag) => html`<code>${tag}</code> `) : 'none'}</p>
        <h2>Follow-ups</h2>
        ${links(followUpTickets(state, ticket), 'none')}
        ${source === undefined ? '' : html`<h2>Follow-up of</h2>${links([source], '')}`}
        <h2>Properties</h2>
        ${definitions(facts, '')}
      </aside>
    </div>`;
  return layout(`#${ticket.id} ${ticket.subject}`, body);
}

function csatRows(state: State, ticket: Ticket): [string, string][] {
  return [...state.fields.values()]
    .filter((field) => field.active && CSAT_TITLES.has(field.title))
    .map((field) => {
      const value = ticket.fieldValues.get(field.id) ?? null;
      const label = field.options.find((option) => option.value === value)?.name;
      const text = label ?? (value === null || value === '' ? '-' : String(value));
      return [field.title, field.title === FIELD_TITLES.answeredAt ? toMinute(text) : text];
    });
}

/** An instant as people read it; any other text as it stands. */
function toMinute(text: string): string {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? `${text.slice(0, 16).replace('T', ' ')} UTC` : text;
}

function button(ticket: Ticket): Html | string {
  if (!isChangeable(ticket)) return 'Closed for good: nothing on it can be changed.';
  const action = ticket.status === 'solved' ? 'reopen' : 'solve';
  const label = action === 'solve' ? 'Solve' : 'Reopen';
  return html`<form method="post" action="/agent/tickets/${ticket.id}/${action}"><button>${label}</button></form>`;
}

function commentBlock(state: State, comment: TicketComment): Html {
  const author = state.users.get(comment.authorId)?.name ?? 'unknown';
  const kind = comment.public ? 'Public' : 'Internal';
  return html`<article class="${comment.public ? 'public' : 'internal'}">
    <p class="byline"><strong>${author}</strong> <span class="mark">${kind}</span> <time>${when(comment.createdAt)}</time></p>
    <p class="text">${comment.body}</p>
  </article>`;
}

function definitions(rows: readonly (readonly [string, string])[], none: string): Html {
  if (rows.length === 0) return html`<p>${none}</p>`;
  return html`<dl>${rows.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;
}

function links(tickets: readonly Ticket[], none: string): Html {
  if (tickets.length === 0) return html`<p>${none}</p>`;
  const items = tickets.map(
    (ticket) =>
      html`<li><a href="/agent/tickets/${ticket.id}">#${ticket.id} ${ticket.subject}</a> ${statusMark(ticket)}</li>`,
  );
  return html`<ul>${items}</ul>`;
}

function statusMark(ticket: Ticket): Html {
  return html`<span class="status ${ticket.status}">${ticket.status}</span>`;
}

function when(at: Date): string {
  return instant(at).replace('T', ' ').replace('Z', ' UTC');
}
