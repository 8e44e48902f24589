import express, { type Router } from 'express';
import { FIELD_TITLES } from '../../../src/domain/fields.ts';
import { ownerName, tasksOf, titledFields } from './case-record.ts';
import type { Cases } from './cases.ts';
import { findRecord, readField, recordsOf } from './define.ts';
import { type Html, html, layout } from './html.ts';
import { normaliseId } from './ids.ts';
import type { Org, SfRecord, Value } from './model.ts';

/** Where the list of all cases is. */
export const CASES_PATH = '/lightning/o/Case/list';

/** Where the page of a record is. */
function recordPath(objectName: string, id: string): string {
  return `/lightning/r/${objectName}/${id}/view`;
}

/** The agent's pages, as far as a person needs them to look at cases, close them and open them again. */
export function createPages(org: Org, cases: Cases): Router {
  const router = express.Router();
  const find = (objectName: string, id: string | undefined): SfRecord | undefined => {
    const record = findRecord(org, objectName, normaliseId(id));
    return record?.values.IsDeleted === true ? undefined : record;
  };
  const notFound = layout('No such record', html`<h1>No such record</h1>${toList()}`);

  router.get('/', (_req, res) => res.redirect(303, CASES_PATH));
  router.get(CASES_PATH, (_req, res) => {
    res.type('html').send(listPage(org));
  });
  router.get('/lightning/r/:type/:id/view', (req, res) => {
    const { type, id } = req.params;
    const record = type === 'Case' || type === 'Task' ? find(type, id) : undefined;
    if (record === undefined) res.status(404).type('html').send(notFound);
    else res.type('html').send(type === 'Case' ? casePage(org, record) : taskPage(org, record));
  });
  router.post('/lightning/r/Case/:id/:action', (req, res) => {
    const record = find('Case', req.params.id);
    const { action } = req.params;
    if (record === undefined || (action !== 'close' && action !== 'reopen')) {
      res.status(404).type('html').send(notFound);
      return;
    }
    // A stale page may ask for what already is, or for what a locked record does not allow: then nothing happens.
    const isClosed = record.values.IsClosed === true;
    if (!org.lockedIds.has(record.id) && (action === 'close') !== isClosed) {
      cases.setStatus([record.id], action === 'close' ? 'Closed' : 'Working');
    }
    res.redirect(303, recordPath('Case', record.id));
  });
  // The short address of a record leads to its page.
  router.get('/:id', (req, res, next) => {
    const type = req.params.id.startsWith('500') ? 'Case' : 'Task';
    const record = find(type, req.params.id);
    if (record === undefined) next();
    else res.redirect(302, recordPath(type, record.id));
  });
  return router;
}

function toList(): Html {
  return html`<p><a href="${CASES_PATH}">All cases</a></p>`;
}

function listPage(org: Org): string {
  const rows = [...recordsOf(org, 'Case')].reverse().map(
    (record) => html`<tr>
      <td>${statusMark(org, record)}</td>
      <td><a href="${recordPath('Case', record.id)}">${shown(record.values.CaseNumber)} ${shown(record.values.Subject)}</a></td>
      <td>${requesterOf(org, record)}</td>
      <td>${ownerName(org, record.values.OwnerId) ?? '-'}</td>
      <td>${csatRows(org, record).find(([title]) => title === FIELD_TITLES.score)?.[1] ?? '-'}</td>
      <td>${instant(record.values.LastModifiedDate)}</td>
    </tr>`,
  );
  const table = html`<div class="scroll"><table>
    <thead><tr><th>Status</th><th>Case</th><th>Contact</th><th>Owner</th><th>CSAT score</th><th>Modified</th></tr></thead>
    <tbody>${rows}</tbody>
  </table></div>`;
  return layout('Cases', html`<h1>Cases</h1>${rows.length > 0 ? table : html`<p>No cases yet.</p>`}`);
}

function casePage(org: Org, record: SfRecord): string {
  const { id, values } = record;
  const comments = recordsOf(org, 'CaseComment').filter((one) => one.values.ParentId === id);
  const mails = recordsOf(org, 'EmailMessage').filter((one) => one.values.ParentId === id);
  const facts: [string, string][] = [
    ['Contact', requesterOf(org, record)],
    ['Owner', ownerName(org, values.OwnerId) ?? '-'],
    ['Record type', shown(findRecord(org, 'RecordType', values.RecordTypeId)?.values.Name)],
    ['Origin', shown(values.Origin)],
    ['Priority', shown(values.Priority)],
    ['Opened', instant(values.CreatedDate)],
    ['Closed', instant(values.ClosedDate)],
  ];
  const body = html`
    ${toList()}
    <header>
      <h1>${shown(values.Subject)} <small>${shown(values.CaseNumber)}</small></h1>
      <div class="state">${statusMark(org, record)} ${button(org, record)}</div>
    </header>
    <div class="columns">
      <section aria-label="Feed">
        ${block('Description', requesterOf(org, record), shown(values.Description), values.CreatedDate)}
        ${mails.map((one) => block(one.values.Incoming === true ? 'Received' : 'Sent', authorOf(org, one), shown(one.values.TextBody), one.values.CreatedDate))}
        ${comments.map((one) => block(one.values.IsPublished === true ? 'Public' : 'Internal', authorOf(org, one), shown(one.values.CommentBody), one.values.CreatedDate))}
      </section>
      <aside aria-label="Case details">
        <h2>Satisfaction</h2>
        ${definitions(csatRows(org, record), 'No CSAT fields in this org yet.')}
        <h2>Tasks</h2>
        ${taskLinks(tasksOf(org, id))}
        <h2>Details</h2>
        ${definitions(facts, '')}
      </aside>
    </div>`;
  return layout(`${shown(values.CaseNumber)} ${shown(values.Subject)}`, body);
}

function taskPage(org: Org, { values }: SfRecord): string {
  const about = findRecord(org, 'Case', values.WhatId);
  const facts: [string, string][] = [
    ['Assigned to', ownerName(org, values.OwnerId) ?? '-'],
    ['Status', shown(values.Status)],
    ['Priority', shown(values.Priority)],
    ['Due', shown(values.ActivityDate)],
    ['Reminder', values.IsReminderSet === true ? instant(values.ReminderDateTime) : '-'],
  ];
  const link =
    about === undefined
      ? html`<p>none</p>`
      : html`<p><a href="${recordPath('Case', about.id)}">${shown(about.values.CaseNumber)} ${shown(about.values.Subject)}</a></p>`;
  const body = html`
    ${toList()}
    <header><h1>${shown(values.Subject)} <small>Task</small></h1></header>
    <div class="columns">
      <section aria-label="Description">${block('Task', authorOf(org, { values }), shown(values.Description), values.CreatedDate)}</section>
      <aside aria-label="Task details">
        <h2>Related to</h2>
        ${link}
        <h2>Details</h2>
        ${definitions(facts, '')}
      </aside>
    </div>`;
  return layout(shown(values.Subject), body);
}

function csatRows(org: Org, record: SfRecord): [string, string][] {
  return titledFields(org).map(([, field]) => {
    const value = readField(org, record, field);
    const text = field.type === 'datetime' ? toMinute(value) : value === null ? '-' : String(value);
    return [field.label, text];
  });
}

/** An instant as people read it. */
function toMinute(value: unknown): string {
  return typeof value === 'number'
    ? `${new Date(value).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : '-';
}

function instant(value: Value | undefined): string {
  if (typeof value !== 'number') return '-';
  return `${new Date(value).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function shown(value: Value | undefined): string {
  return value === null || value === undefined ? '-' : String(value);
}

function requesterOf(org: Org, { values }: SfRecord): string {
  const contact = findRecord(org, 'Contact', values.ContactId)?.values;
  const name =
    contact === undefined
      ? values.SuppliedName
      : [contact.FirstName, contact.LastName].filter(Boolean).join(' ');
  const email = contact?.Email ?? values.SuppliedEmail ?? null;
  return email === null ? shown(name) : `${shown(name)} <${email}>`;
}

function authorOf(org: Org, { values }: Pick<SfRecord, 'values'>): string {
  return ownerName(org, values.CreatedById) ?? 'unknown';
}

function button(org: Org, { id, values }: SfRecord): Html | string {
  if (org.lockedIds.has(id)) return 'Locked by an approval process: nothing on it can be changed.';
  const action = values.IsClosed === true ? 'reopen' : 'close';
  const label = action === 'close' ? 'Close' : 'Reopen';
  return html`<form method="post" action="/lightning/r/Case/${id}/${action}"><button>${label}</button></form>`;
}

function statusMark(org: Org, { id, values }: SfRecord): Html {
  const kind = values.IsClosed === true ? 'closed' : 'open';
  const locked = org.lockedIds.has(id) ? ' (locked)' : '';
  return html`<span class="status ${kind}">${shown(values.Status)}${locked}</span>`;
}

function block(kind: string, author: string, text: string, at: Value | undefined): Html {
  return html`<article class="${kind === 'Internal' ? 'internal' : 'public'}">
    <p class="byline"><strong>${author}</strong> <span class="mark">${kind}</span> <time>${instant(at)}</time></p>
    <p class="text">${text}</p>
  </article>`;
}

function definitions(rows: readonly (readonly [string, string])[], none: string): Html {
  if (rows.length === 0) return html`<p>${none}</p>`;
  return html`<dl>${rows.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;
}

function taskLinks(tasks: readonly SfRecord[]): Html {
  if (tasks.length === 0) return html`<p>none</p>`;
  const items = tasks.map(
    ({ id, values }) =>
      html`<li><a href="${recordPath('Task', id)}">${shown(values.Subject)}</a>, ${shown(values.Status)}, due ${shown(values.ActivityDate)}</li>`,
  );
  return html`<ul>${items}</ul>`;
}
