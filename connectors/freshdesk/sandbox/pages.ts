import express, { type Router } from 'express';
import { FIELD_TITLES } from '../../../src/domain/fields.ts';
import { type Cases, followUpTickets } from './cases.ts';
import { type Html, html, layout } from './html.ts';
import { type Conversation, PRIORITY_LABELS, SOURCES, type Ticket } from './model.ts';
import { plainText } from './plain-text.ts';
import { findPerson, instant, type State } from './state.ts';
import { isDone, isTrashed } from './tickets.ts';

const CSAT_LABELS = new Set<string>(Object.values(FIELD_TITLES));
const MOST_LISTED = 200;

/** The agent's screens, as far as a person needs them to look at cases, resolve them and open them again. */
export function createPages(state: State, cases: Cases): Router {
  const router = express.Router();
  const find = (id: string | undefined): Ticket | undefined => state.tickets.get(Number(id));
  const notFound = layout('No such ticket', html`<h1>No such ticket</h1>${toList()}`);

  router.get(['/', '/a', '/a/dashboard'], (_req, res) => res.redirect(303, '/a/tickets'));
  router.get('/a/tickets', (_req, res) => {
    res.type('html').send(listPage(state));
  });
  // The address that placeholders of automation rules give.
  router.get('/helpdesk/tickets/:id', (req, res) => {
    res.redirect(301, `/a/tickets/${encodeURIComponent(req.params.id)}`);
  });
  router.get('/a/tickets/:id', (req, res) => {
    const ticket = find(req.params.id);
    if (ticket === undefined) res.status(404).type('html').send(notFound);
    else res.type('html').send(ticketPage(state, ticket));
  });
  router.post('/a/tickets/:id/:action', (req, res) => {
    const ticket = find(req.params.id);
    const { action } = req.params;
    if (ticket === undefined || (action !== 'resolve' && action !== 'reopen')) {
      res.status(404).type('html').send(notFound);
      return;
    }
    // A stale page may ask for what already is, or for what the archive no longer allows: then nothing happens.
    const isWanted = isDone(ticket.status) === (action === 'reopen');
    if (isWanted && isChangeable(ticket)) {
      if (action === 'resolve') cases.close(String(ticket.id));
      else cases.reopen(String(ticket.id));
    }
    res.redirect(303, `/a/tickets/${ticket.id}`);
  });
  return router;
}

function isChangeable(ticket: Ticket): boolean {
  return !ticket.isArchived && !isTrashed(ticket);
}

function toList(): Html {
  return html`<p><a href="/a/tickets">All tickets</a></p>`;
}

function listPage(state: State): string {
  const rows = [...state.tickets.values()]
    .sort((a, b) => b.id - a.id)
    .slice(0, MOST_LISTED)
    .map((ticket) => {
      const requester = findPerson(state, ticket.requesterId)?.name ?? 'unknown';
      const agent = state.agents.get(ticket.responderId ?? 0)?.name ?? 'nobody yet';
      const score = csatRows(state, ticket).find(([label]) => label === FIELD_TITLES.score)?.[1] ?? '-';
      return html`<tr>
      <td>${statusMark(state, ticket)}</td>
      <td><a href="/a/tickets/${ticket.id}">#${ticket.id} ${ticket.subject}</a></td>
      <td>${requester}</td>
      <td>${agent}</td>
      <td>${score}</td>
      <td>${when(ticket.updatedAt)}</td>
    </tr>`;
    });
  const table = html`<div class="scroll"><table>
    <thead><tr><th>Status</th><th>Ticket</th><th>Contact</th><th>Agent</th><th>CSAT score</th><th>Updated</th></tr></thead>
    <tbody>${rows}</tbody>
  </table></div>`;
  const empty = html`<p>No tickets yet.</p>`;
  return layout('Tickets', html`<h1>Tickets</h1>${rows.length > 0 ? table : empty}`);
}

function ticketPage(state: State, ticket: Ticket): string {
  const requester = findPerson(state, ticket.requesterId);
  const name = requester?.name ?? 'unknown';
  const address = requester?.email ?? null;
  const channel = Object.entries(SOURCES).find(([, source]) => source === ticket.source)?.[0] ?? '-';
  const facts: [string, string][] = [
    ['Contact', address === null ? name : `${name} <${address}>`],
    ['Agent', state.agents.get(ticket.responderId ?? 0)?.name ?? 'nobody yet'],
    ['Group', state.groups.get(ticket.groupId ?? 0)?.name ?? '-'],
    ['Product', state.products.get(ticket.productId ?? 0)?.name ?? '-'],
    ['Source', channel.replaceAll('_', ' ')],
    ['Type', ticket.type ?? '-'],
    ['Priority', PRIORITY_LABELS[ticket.priority] ?? '-'],
    ['Due', when(ticket.dueBy)],
  ];
  const parent = ticket.parentId === null ? undefined : state.tickets.get(ticket.parentId);
  const body = html`
    ${toList()}
    <header>
      <h1>${ticket.subject} <small>#${ticket.id}</small></h1>
      <div class="state">${statusMark(state, ticket)} ${button(ticket)}</div>
    </header>
    <div class="columns">
      <section aria-label="Conversation">
        ${message(name, 'Public', ticket.createdAt, plainText(ticket.description))}
        ${ticket.conversations.map((one) => conversationBlock(state, one))}
      </section>
      <aside aria-label="Ticket properties">
        <h2>Satisfaction</h2>
        ${definitions(csatRows(state, ticket), 'No CSAT fields on this account yet.')}
        <h2>Tags</h2>
        <p class="tags">${ticket.tags.length > 0 ? ticket.tags.map((tag) => html`<code>${tag}</code> `) : 'none'}</p>
        <h2>Follow-ups</h2>
        ${links(state, followUpTickets(state, ticket), 'none')}
        ${parent === undefined ? '' : html`<h2>Parent ticket</h2>${links(state, [parent], '')}`}
        <h2>Properties</h2>
        ${definitions(facts, '')}
      </aside>
    </div>`;
  return layout(`#${ticket.id} ${ticket.subject}`, body);
}

function csatRows(state: State, ticket: Ticket): [string, string][] {
  return [...state.fields.values()]
    .filter(({ label }) => CSAT_LABELS.has(label))
    .map(({ label, name }) => {
      const value = ticket.fieldValues.get(name) ?? null;
      const text = value === null || value === '' ? '-' : String(value);
      return [label, label === FIELD_TITLES.answeredAt ? toMinute(text) : text];
    });
}

/** An instant as people read it; any other text as it stands. */
function toMinute(text: string): string {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? `${text.slice(0, 16).replace('T', ' ')} UTC` : text;
}

function button(ticket: Ticket): Html | string {
  if (ticket.isArchived) return 'Archived: nothing on it can be changed.';
  if (isTrashed(ticket)) return ticket.isDeleted ? 'Deleted.' : 'Marked as spam.';
  const action = isDone(ticket.status) ? 'reopen' : 'resolve';
  const label = action === 'resolve' ? 'Resolve' : 'Reopen';
  return html`<form method="post" action="/a/tickets/${ticket.id}/${action}"><button>${label}</button></form>`;
}

function conversationBlock(state: State, one: Conversation): Html {
  const author = findPerson(state, one.userId)?.name ?? 'unknown';
  return message(author, one.private ? 'Private' : 'Public', one.createdAt, plainText(one.body));
}

function message(author: string, kind: 'Public' | 'Private', at: Date, text: string): Html {
  return html`<article class="${kind.toLowerCase()}">
    <p class="byline"><strong>${author}</strong> <span class="mark">${kind}</span> <time>${when(at)}</time></p>
    <p class="text">${text}</p>
  </article>`;
}

function definitions(rows: readonly (readonly [string, string])[], none: string): Html {
  if (rows.length === 0) return html`<p>${none}</p>`;
  return html`<dl>${rows.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;
}

function links(state: State, tickets: readonly Ticket[], none: string): Html {
  if (tickets.length === 0) return html`<p>${none}</p>`;
  const items = tickets.map(
    (ticket) =>
      html`<li><a href="/a/tickets/${ticket.id}">#${ticket.id} ${ticket.subject}</a> ${statusMark(state, ticket)}</li>`,
  );
  return html`<ul>${items}</ul>`;
}

function statusMark(state: State, ticket: Ticket): Html {
  const label = state.statuses.get(ticket.status)?.agentLabel ?? String(ticket.status);
  return html`<span class="status ${isDone(ticket.status) ? 'done' : 'open'}">${label}</span>`;
}

function when(at: Date): string {
  return instant(at).replace('T', ' ').replace('Z', ' UTC');
}
