import type { Request } from 'express';
import type { Clock } from '../../clock.ts';
import { countText, dayText, dimensionText, kindText, notesOf } from '../../domain/figure-words.ts';
import { aroundDay, daysBefore, type StepLength } from '../../domain/periods.ts';
import { isDay } from '../../domain/question-query.ts';
import {
  DIMENSIONS,
  type Dimension,
  type Question,
  type Report,
  type ReportSettings,
} from '../../domain/report.ts';
import { may } from '../../domain/staff.ts';
import type { Choices } from '../../store/report-choices.ts';
import { type Asked, askedOf } from './asked.ts';
import { compareView } from './compare-view.ts';
import { filterView } from './filter-view.ts';
import { shownFigure } from './numbers.ts';
import { OVERVIEW_SPLITS, overviewView, slicesLinks } from './overview-view.ts';
import type { StaffRoute, Visit } from './route.ts';
import { orderOf, type SliceOrder, slicesView } from './slices-view.ts';
import type { StaffPage, StaffPages } from './staff-pages.ts';

export interface DashboardDeps {
  /**
   * Answers a question, with these splits; a trend goes by what suits the period unless `step` says otherwise. `flags` looks for
   * what speaks against the figures.
   */
  report(
    question: Question,
    wish: { readonly splits: readonly Dimension[]; readonly step?: StepLength; readonly flags?: boolean },
  ): Promise<Report>;
  /** What can be chosen in the question's days, within its filters. */
  choices(question: Question): Promise<Choices>;
  readonly settings: ReportSettings;
  readonly clock: Clock;
  readonly pages: StaffPages;
}

/** The pages of figures: the overview, the slices of each dimension, and what became of them around a day. */
export function dashboardRoutes(deps: DashboardDeps): readonly StaffRoute[] {
  const page = (
    path: string,
    render: (request: Request, asked: Asked, visit: Visit) => Promise<string>,
  ): StaffRoute => ({
    method: 'get',
    path,
    needs: 'agent',
    audit: null,
    async handle(request, response, visit) {
      const { settings, clock } = deps;
      const asked = askedOf(request, visit, { zone: settings.zone, now: clock.now() });
      response.type('html').send(await render(request, asked, visit));
    },
  });
  return [
    page('/dashboard', (_, asked, visit) => overview(deps, asked, visit)),
    page('/dashboard/compare', (request, asked, visit) => comparison(deps, asked, visit, request)),
    ...DIMENSIONS.map((by) =>
      page(`/dashboard/by/${by}`, (request, asked, visit) =>
        slices(deps, asked, visit, { by, order: orderOf(request.query) }),
      ),
    ),
  ];
}

async function overview(deps: DashboardDeps, asked: Asked, visit: Visit): Promise<string> {
  const hasFlags = may(visit.viewer.role, 'lead');
  const { report, choices } = await reportAndChoices(deps, asked, {
    splits: OVERVIEW_SPLITS,
    flags: hasFlags,
  });
  const filters = filterView(asked, choices, { path: '/dashboard', kept: { step: asked.step } });
  const state = await stateOf(deps, report, asked, visit);
  return deps.pages.render('staff-overview', {
    ...frameOf({ visit, asked, path: '/dashboard', title: 'Overview' }, report),
    state,
    filters,
    links: slicesLinks(choices, { ...asked.question, filters: asked.chosen }),
    isAgent: visit.viewer.role === 'agent',
    ...(await overviewView(report, asked, { hasFlags })),
  });
}

async function slices(
  deps: DashboardDeps,
  asked: Asked,
  visit: Visit,
  { by, order }: { by: Dimension; order: SliceOrder },
): Promise<string> {
  const path = `/dashboard/by/${by}`;
  const { report, choices } = await reportAndChoices(deps, asked, { splits: [by], flags: false });
  const kept = { sort: order.by === 'closures' ? null : order.by };
  return deps.pages.render('staff-slices', {
    ...frameOf({ visit, asked, path, title: `By ${dimensionText(by).toLowerCase()}` }, report),
    state: await stateOf(deps, report, asked, visit),
    filters: filterView(asked, choices, { path, kept }),
    links: slicesLinks(choices, { ...asked.question, filters: asked.chosen }, by),
    total: shownFigure(report.total, report.metric, asked.question),
    kind: kindText(report.metric),
    ...(await slicesView(report, asked.question, by, order)),
  });
}

const USUAL_DAYS = 30;
const MOST_DAYS = 366;

async function comparison(
  deps: DashboardDeps,
  asked: Asked,
  visit: Visit,
  request: Request,
): Promise<string> {
  const problems = [...asked.problems];
  const { today } = asked;
  const path = '/dashboard/compare';
  const days = daysOf(request.query.days, problems);
  const at = dayOf(request.query.at, today, problems) ?? daysBefore(today, USUAL_DAYS - 1);
  const around = aroundDay(at, days, today);
  const { filters, metric } = asked.question;
  const after = await deps.report({ ...around.after, filters, metric }, { splits: [] });
  // Of the same metric, or there is nothing to compare.
  const before = await deps.report(
    { ...around.before, filters, metric: metric ?? after.metric?.key ?? null },
    { splits: [] },
  );
  const choices = await deps.choices({ ...asked.whole, ...around.after });
  const whole = { ...asked, problems, question: { ...asked.question, ...around.after } };
  return deps.pages.render('staff-compare', {
    ...frameOf({ visit, asked: whole, path, title: 'Before and after' }, after),
    filters: filterView(whole, choices, { path, kept: { at, days: String(days) } }),
    at,
    day: dayText(at),
    days,
    today,
    mostDays: MOST_DAYS,
    isCut: around.after.to === today,
    ...compareView(before, after),
  });
}

function daysOf(value: unknown, problems: string[]): number {
  if (value === undefined || value === '') return USUAL_DAYS;
  const days = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (days >= 1 && days <= MOST_DAYS) return days;
  problems.push(`days: use a whole number from 1 to ${MOST_DAYS}.`);
  return USUAL_DAYS;
}

/** A day that has come; null where none is asked for. */
function dayOf(value: unknown, today: string, problems: string[]): string | null {
  if (value === undefined || value === '') return null;
  if (typeof value === 'string' && isDay(value) && value <= today) return value;
  problems.push('at: use a day that has come, as YYYY-MM-DD.');
  return null;
}

/** The report that is asked for, and what else its reader may choose in these days. */
async function reportAndChoices(
  deps: DashboardDeps,
  { question, whole, step }: Asked,
  wished: { readonly splits: readonly Dimension[]; readonly flags: boolean },
): Promise<{ report: Report; choices: Choices }> {
  const wish = { ...wished, ...(step === null ? {} : { step }) };
  const [report, choices] = await Promise.all([deps.report(question, wish), deps.choices(whole)]);
  return { report, choices };
}

/** Why there is nothing to see, or that there is. */
type State =
  | 'nothing yet'
  | 'nothing of yours'
  | 'nothing known as yours'
  | 'nothing in these days'
  | 'nothing matches'
  | 'no answers'
  | 'figures';

/** Before any closure of a CRM could have been seen. */
const BEFORE_ALL = '2000-01-01';

async function stateOf(
  { report }: DashboardDeps,
  { total }: Report,
  { chosen, whole, today }: Asked,
  { viewer }: Visit,
): Promise<State> {
  if (total.tally.closures > 0) return total.tally.answered === 0 ? 'no answers' : 'figures';
  if (viewer.role === 'agent' && viewer.agents.length === 0) return 'nothing known as yours';
  if (Object.keys(chosen).length > 0) return 'nothing matches';
  const ever = await report({ ...whole, from: BEFORE_ALL, to: today }, { splits: [], step: 'month' });
  if (ever.total.tally.closures > 0) return 'nothing in these days';
  return viewer.role === 'agent' ? 'nothing of yours' : 'nothing yet';
}

function frameOf(
  { visit, asked, path, title }: { visit: Visit; asked: Asked; path: string; title: string },
  report: Report,
): StaffPage & { readonly behind: string | null; readonly problems: readonly string[] } {
  return {
    visit,
    title,
    path,
    notes: notesOf(report),
    isLive: true,
    problems: asked.problems,
    behind: report.behind === 0 ? null : countText(report.behind),
  };
}
