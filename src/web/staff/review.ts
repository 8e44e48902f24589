import type { Request } from 'express';
import { CAUSE_MEANINGS, CAUSES } from '../../domain/causes.ts';
import type { ClosureRecord } from '../../domain/closure-record.ts';
import { dateRuleText, daysText } from '../../domain/figure-words.ts';
import { dayIn, defaultPeriod } from '../../domain/periods.ts';
import { queryOf, questionFromQuery } from '../../domain/question-query.ts';
import { reasonInWords } from '../../domain/reasons.ts';
import {
  countCauses,
  type LowScoreQuestion,
  REVIEW_FILTERS,
  type ReviewFilter,
  readFollowUpsOf,
  readLowScores,
} from '../../store/low-scores.ts';
import { type Review, readReviews } from '../../store/reviews.ts';
import { nameReader } from './actor-names.ts';
import type { CaseDeps } from './case-deps.ts';
import { casePathOf } from './case-paths.ts';
import { keepReview } from './case-post.ts';
import { doneNotice } from './done.ts';
import { field } from './form-fields.ts';
import { instantsIn } from './instants.ts';
import { recoveryStanding } from './recovery-words.ts';
import type { StaffRoute } from './route.ts';
import { scoreOfLevel } from './shown-score.ts';

const PATH = '/dashboard/review';
const PER_PAGE = 20;

/** Low scores one by one, with a place to say what has to change. */
export function reviewRoutes(deps: CaseDeps): readonly StaffRoute[] {
  return [
    {
      method: 'get',
      path: PATH,
      needs: 'lead',
      audit: 'low scores seen',
      async handle(request, response, visit) {
        const { db, settings, pages } = deps;
        const asked = askedIn(request, deps);
        const { question, filter, after } = asked;
        const counts = await countCauses(deps, question);
        const { rows, next } = await readLowScores(deps, question, { filter, after, limit: PER_PAGE });
        const ids = rows.map(({ closureId }) => closureId);
        const reviews = await readReviews(db, ids);
        const followUps = await readFollowUpsOf(db, ids);
        const ownerOf = (closureId: string): string | null => {
          const followUp = followUps.get(closureId);
          return followUp === undefined ? null : deps.actions.ownerOf(followUp);
        };
        const nameOf = await nameReader(
          db,
          [...reviews.values()].map(({ by }) => by),
        );
        const address = (cause: ReviewFilter, from: string | null = null) => addressOf(question, cause, from);
        response.send(
          pages.render('review', {
            visit,
            title: 'Low scores',
            path: PATH,
            notice: doneNotice(request.query.done),
            notes: [
              'Low: below the score from which no follow-up is asked for, as each survey sets it.',
              dateRuleText(settings),
            ],
            problems: asked.problems,
            question,
            days: daysText(question.from, question.to),
            filter,
            counts: REVIEW_FILTERS.map((one) => ({
              filter: one,
              label: FILTER_WORDS[one] ?? one,
              count: counts[one],
              href: address(one),
              isCurrent: one === filter,
            })),
            scores: rows.map((row) => ({
              ...scoreView(row, deps),
              owner: ownerOf(row.closureId),
              review: reviewView(reviews.get(row.closureId) ?? null, deps),
            })),
            back: address(filter, after).slice(PATH.length + 1),
            next: next === null ? null : address(filter, next),
            first: after === null ? null : address(filter),
            causes: CAUSES.map((cause) => ({ cause, means: CAUSE_MEANINGS[cause] })),
            nameOf,
          }),
        );
      },
    },
    {
      method: 'post',
      path: PATH,
      needs: 'lead',
      audit: null,
      async handle(request, response, visit) {
        const done = await keepReview(deps, request, visit.viewer.id);
        const back = new URLSearchParams(field(request, 'back'));
        back.set('done', done);
        response.redirect(303, `${PATH}?${back}`);
      },
    },
  ];
}

const FILTER_WORDS: Partial<Record<ReviewFilter, string>> = {
  all: 'All low scores',
  unmarked: 'Not looked at yet',
  'no-cause': 'Nothing to change',
};

function askedIn({ query }: Request, { clock, settings }: CaseDeps) {
  const { question, problems } = questionFromQuery(query, defaultPeriod(dayIn(settings.zone, clock.now())));
  const { from, to, filters } = question;
  return {
    question: { from, to, filters },
    filter: REVIEW_FILTERS.find((one) => one === query.cause) ?? 'all',
    after: typeof query.after === 'string' ? query.after : null,
    problems,
  };
}

function addressOf(question: LowScoreQuestion, filter: ReviewFilter, after: string | null): string {
  const query = new URLSearchParams(queryOf({ ...question, metric: null }));
  if (filter !== 'all') query.set('cause', filter);
  if (after !== null) query.set('after', after);
  return `${PATH}?${query}`;
}

function scoreView(record: ClosureRecord, { settings }: CaseDeps) {
  const { survey, answer, recovery } = record;
  const when = instantsIn(settings.zone);
  return {
    closureId: record.closureId,
    connector: record.connector,
    number: record.number,
    href: casePathOf(record.connector, record.caseId),
    url: record.url,
    subject: record.subject,
    closedAt: when(record.closedAt),
    credited: record.credited?.name ?? null,
    team: record.team,
    answer:
      survey === null || answer === null
        ? null
        : {
            score: scoreOfLevel(survey.metric, answer.score, answer.level),
            at: when(answer.answeredAt),
            reasons: answer.reasons.map(reasonInWords),
            comment: answer.comment,
          },
    recovery:
      recovery === null
        ? null
        : {
            standing: recoveryStanding(recovery),
            dueAt: when(recovery.dueAt),
            recoveredAt: recovery.recoveredAt === null ? null : when(recovery.recoveredAt),
          },
  };
}

function reviewView(review: Review | null, { settings }: CaseDeps) {
  return review === null ? null : { ...review, at: instantsIn(settings.zone)(review.at) };
}
