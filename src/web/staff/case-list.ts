import { countText, dateRuleText } from '../../domain/figure-words.ts';
import { type ListQuestion, queryOf, questionFromQuery } from '../../domain/question-query.ts';
import { SUBSETS, type Subset } from '../../domain/report.ts';
import { seesComment } from '../../domain/staff.ts';
import { countClosureRows, readClosureRows } from '../../store/closure-rows.ts';
import { releasedOf } from '../../store/released-comments.ts';
import { askedOf } from './asked.ts';
import type { CaseDeps } from './case-deps.ts';
import { closureLine } from './closure-line.ts';
import { filterView } from './filter-view.ts';
import type { StaffRoute } from './route.ts';

const PATH = '/dashboard/cases';
const PER_PAGE = 50;
const LONGEST_SEARCH = 100;
/** Before any case that a CRM of today can hold. */
const EARLIEST = '2000-01-01';

const SUBSET_WORDS: Readonly<Record<Subset, string>> = {
  all: 'All',
  asked: 'Asked',
  'not-asked': 'Not asked',
  answered: 'Answered',
  'not-answered': 'Not answered',
  satisfied: 'Satisfied',
  neutral: 'Neutral',
  low: 'Low',
  reopened: 'Reopened',
  recovered: 'Recovered',
  'not-recovered': 'Not recovered',
  overdue: 'Overdue',
  commented: 'With a comment',
};

/** Every closing that a question is about, with its decision and what came of it; the same ones as its number counts. */
export function caseListRoute(deps: CaseDeps): StaffRoute {
  return {
    method: 'get',
    path: PATH,
    needs: 'agent',
    audit: 'cases listed',
    async handle(request, response, visit) {
      const { settings, clock, db, pages } = deps;
      const asked = askedOf(request, visit, { zone: settings.zone, now: clock.now() });
      const read = questionFromQuery(request.query, asked.question);
      const question: ListQuestion = {
        ...asked.question,
        only: read.question.only,
        score: read.question.score,
      };
      const search = textOf(request.query.search).trim().slice(0, LONGEST_SEARCH);
      const after = textOf(request.query.after);
      const page = { after: after === '' ? null : after, limit: PER_PAGE, search };
      // In this order: what is told of a page is never newer than the number above it.
      const { rows, next } = await readClosureRows(deps, question, page);
      const count = await countClosureRows(deps, question, search);
      const choices = await deps.choices(asked.whole);
      const surveyIds = rows.flatMap(({ survey }) => survey?.id ?? []);
      const released = await releasedOf(db, surveyIds);
      const { comments } = deps.signIn.agentsSee;
      const chosen = { ...question, filters: asked.chosen };
      const hrefOf = (over: Partial<ListQuestion & { after: string | null; search: string }>) =>
        addressOf({ ...chosen, search, after: null, ...over });
      response.type('html').send(
        pages.render('case-list', {
          visit,
          title: 'Cases',
          path: PATH,
          notes: [dateRuleText(settings), `Times are in ${settings.zone}.`],
          problems: read.problems,
          behind: choices.behind,
          filters: filterView(asked, choices, {
            path: PATH,
            kept: keptOf(question, search),
          }),
          count: countText(count),
          isOne: count === 1,
          subsets: SUBSETS.map((only) => ({
            text: SUBSET_WORDS[only],
            href: hrefOf({ only, score: null }),
            isCurrent: only === question.only,
          })),
          score: question.score === null ? null : { value: question.score, without: hrefOf({ score: null }) },
          search,
          searchFields: [...new URLSearchParams(queryOf(chosen))].map(([name, value]) => ({ name, value })),
          withoutSearch: hrefOf({ search: '' }),
          everywhere:
            search !== '' && question.from > EARLIEST ? hrefOf({ from: EARLIEST, to: asked.today }) : null,
          lines: rows.map((row) =>
            closureLine(row, {
              zone: settings.zone,
              isReadable:
                row.survey !== null && seesComment(visit.viewer, comments, released.has(row.survey.id)),
            }),
          ),
          csv: search === '' ? `/dashboard/export.csv?${queryOf(chosen)}` : null,
          first: page.after === null ? null : hrefOf({}),
          next: next === null ? null : hrefOf({ after: next }),
        }),
      );
    },
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function keptOf({ only, score }: ListQuestion, search: string): Readonly<Record<string, string | null>> {
  return {
    only: only === 'all' ? null : only,
    score: score === null ? null : String(score),
    search: search === '' ? null : search,
  };
}

function addressOf({
  search,
  after,
  ...question
}: ListQuestion & { search: string; after: string | null }): string {
  const query = new URLSearchParams(queryOf(question));
  if (search !== '') query.set('search', search);
  if (after !== null) query.set('after', after);
  return `${PATH}?${query}`;
}
