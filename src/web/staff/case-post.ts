import type { Request, Response } from 'express';
import { isCause } from '../../domain/causes.ts';
import { PermanentError } from '../../errors.ts';
import { moveCredit } from '../../store/credit.ts';
import { releaseComment } from '../../store/released-comments.ts';
import { LONGEST_NOTE, markReview } from '../../store/reviews.ts';
import { isStuckKind } from '../../store/stuck-rows.ts';
import { type CaseDeps, SURVEY_ACTIONS, type SurveyOrder } from './case-deps.ts';
import { caseIn, type Refusal, showCase } from './case-page.ts';
import { CASE_PATH, casePathOf } from './case-paths.ts';
import type { Done } from './done.ts';
import { field, fields, idField } from './form-fields.ts';
import { ruleOnTap } from './quarantine-page.ts';
import type { StaffRoute } from './route.ts';

const LONGEST_REASON = 300;

/** Everything a lead can do on the page of a case. The store notes each in its audit, together with what it changes. */
export function casePostRoutes(deps: CaseDeps): readonly StaffRoute[] {
  return [
    post(deps, 'survey', sendByHand),
    post(deps, 'credit', credit),
    post(deps, 'review', keepReview),
    post(deps, 'comment', release),
    post(deps, 'retry', retry),
    post(deps, 'recovered', recover),
    post(deps, 'taps', (_, request, actor) => ruleOnTap(deps, request, actor)),
  ];
}

type Act = (deps: CaseDeps, request: Request, actor: string) => Promise<Done | Refusal>;

/** Does it and goes back to the page, so that loading that anew does nothing again. */
function post(deps: CaseDeps, name: string, act: Act): StaffRoute {
  return {
    method: 'post',
    path: `${CASE_PATH}/${name}`,
    needs: 'lead',
    audit: null,
    async handle(request, response, visit) {
      const outcome = await act(deps, request, visit.viewer.id).catch(refusedBy);
      if (typeof outcome !== 'string') await showCase(deps, request, response, visit, outcome);
      else backTo(response, request, outcome);
    },
  };
}

function backTo(response: Response, request: Request, done: Done): void {
  const { connector, caseId } = caseIn(request);
  response.redirect(303, `${casePathOf(connector, caseId)}?done=${done}`);
}

/** What the store says cannot be done is said on the page; anything else is not the reader's fault. */
function refusedBy(error: unknown): Refusal {
  if (!(error instanceof PermanentError)) throw error;
  return { sentence: [error.message, error.fix].filter((part) => part !== null).join(' '), again: null };
}

async function sendByHand({ actions }: CaseDeps, request: Request, actor: string): Promise<Done | Refusal> {
  const action = SURVEY_ACTIONS.find((one) => one === field(request, 'action'));
  if (action === undefined) return unknown('survey');
  const { connector, caseId } = caseIn(request);
  const mails = /^\d+$/.test(field(request, 'mails')) ? Number(field(request, 'mails')) : null;
  const order: SurveyOrder = {
    action,
    connector,
    case: caseId,
    again: field(request, 'again') === 'yes',
    actor,
    mailsSeen: mails,
  };
  const refused = await actions.surveyByHand(order);
  if (refused === null) return action;
  return {
    sentence: `The survey could not be ${PARTICIPLES[action]}: ${refused.why}.`,
    again: refused.helpsAgain ? { action, mails } : null,
  };
}

const PARTICIPLES = { send: 'sent', hold: 'held', release: 'released', resend: 'sent again' } as const;

async function credit({ db, clock }: CaseDeps, request: Request, actor: string): Promise<Done | Refusal> {
  const reason = field(request, 'reason').trim().slice(0, LONGEST_REASON);
  if (reason === '') return { sentence: 'The credit was not moved: say why.', again: null };
  const to = field(request, 'to');
  const isMoved = await moveCredit(db, {
    closureId: idField(request, 'closure'),
    toId: to === '' ? null : to,
    reason,
    actor,
    at: clock.now(),
  });
  return isMoved ? 'credited' : 'credited-before';
}

/** Keeps the causes that a form names. */
export async function keepReview({ db, clock }: CaseDeps, request: Request, actor: string): Promise<Done> {
  const note = field(request, 'note').trim().slice(0, LONGEST_NOTE);
  const isNew = await markReview(db, idField(request, 'closure'), {
    causes: fields(request, 'cause').filter(isCause),
    note: note === '' ? null : note,
    at: clock.now(),
    by: actor,
  });
  return isNew ? 'reviewed' : 'reviewed-before';
}

async function release({ db, clock }: CaseDeps, request: Request, actor: string): Promise<Done> {
  const isNew = await releaseComment(db, { surveyId: idField(request, 'survey'), actor, at: clock.now() });
  return isNew ? 'released' : 'released-before';
}

async function retry({ actions }: CaseDeps, request: Request, actor: string): Promise<Done | Refusal> {
  const kind = field(request, 'kind');
  if (!isStuckKind(kind)) return unknown('retry');
  const rows = await actions.retry({ kind, id: field(request, 'id') }, actor);
  return rows > 0 ? 'retried' : 'retried-none';
}

async function recover({ actions }: CaseDeps, request: Request, actor: string): Promise<Done> {
  const isNew = await actions.recover({ closureId: idField(request, 'closure'), actor });
  return isNew ? 'recovered' : 'recovered-before';
}

function unknown(what: string): Refusal {
  return {
    sentence: `Nothing was done: the form did not say which ${what}. Load the page anew.`,
    again: null,
  };
}
