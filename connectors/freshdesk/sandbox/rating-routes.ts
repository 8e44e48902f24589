import type { ApiRoute } from './api.ts';
import type { Rating, Survey } from './model.ts';
import { PAGE_PARAMS, pageReply } from './paging.ts';
import {
  allowOnly,
  type BodyReader,
  isObject,
  readBody,
  readChoice,
  readIdParam,
  readInstantParam,
} from './params.ts';
import { presentRating, presentSurvey } from './presenters.ts';
import { requireFeature } from './refusal.ts';
import { type State, stamp, takeId } from './state.ts';
import { changeableTicket, livingTicket } from './ticket-routes.ts';

/** The vendor's own surveys and ratings, which can be added and listed, and never changed. */
export function ratingRoutes(state: State): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/surveys',
      handle({ query }) {
        allowOnly(query, ['state']);
        const wanted = readChoice(query, 'state', ['active', 'inactive'] as const);
        const surveys = state.surveys.filter(
          ({ isActive }) => wanted === undefined || isActive === (wanted === 'active'),
        );
        return { body: surveys.map(presentSurvey) };
      },
    },
    {
      method: 'GET',
      path: '/surveys/satisfaction_ratings',
      handle(call) {
        allowOnly(call.query, ['created_since', 'user_id', ...PAGE_PARAMS]);
        const since = readInstantParam(call.query, 'created_since');
        const userId = readIdParam(call.query, 'user_id');
        const rows = state.ratings.filter(
          (rating) =>
            (since === undefined || rating.createdAt >= since) &&
            (userId === undefined || rating.userId === userId),
        );
        return pageReply(call, rows, presentRating);
      },
    },
    {
      method: 'GET',
      path: '/tickets/:id/satisfaction_ratings',
      handle({ id, query }) {
        allowOnly(query, []);
        const ticket = livingTicket(state, id);
        return { body: state.ratings.filter(({ ticketId }) => ticketId === ticket.id).map(presentRating) };
      },
    },
    {
      method: 'POST',
      path: '/tickets/:id/satisfaction_ratings',
      handle({ id, query, body, agent }) {
        allowOnly(query, []);
        const ticket = changeableTicket(state, id);
        const survey = state.surveys.find(({ isActive }) => isActive);
        if (survey === undefined) throw requireFeature('Surveys');
        const reader = readBody(body);
        const feedback = reader.text('feedback') ?? null;
        const ratings = readRatings(survey, reader);
        reader.done();
        const rating: Rating = {
          ...{ id: takeId(state), ticketId: ticket.id, surveyId: survey.id, feedback, ratings },
          // The requester when it is a customer, else whoever calls.
          userId: state.contacts.has(ticket.requesterId) ? ticket.requesterId : agent.id,
          agentId: ticket.responderId,
          groupId: ticket.groupId,
          createdAt: stamp(state),
        };
        state.ratings.push(rating);
        // The vendor's own sample of this answer has no id either.
        return { status: 201, body: { ...presentRating(rating), id: false } };
      },
    },
  ];
}

function readRatings(survey: Survey, reader: BodyReader): Readonly<Record<string, number>> {
  const given = reader.raw('ratings');
  if (!isObject(given)) {
    reader.complain('ratings', 'It should not be blank as this is a mandatory field', 'missing_field');
    return {};
  }
  for (const { id, isDefault } of survey.questions)
    if (isDefault && given[id] === undefined)
      reader.complain(
        `ratings.${id}`,
        'It should not be blank as this is a mandatory field',
        'missing_field',
      );
  const ratings: Record<string, number> = {};
  for (const [id, value] of Object.entries(given)) {
    const question = survey.questions.find((one) => one.id === id);
    if (question === undefined)
      reader.complain(`ratings.${id}`, 'Unexpected/invalid field in request', 'invalid_field');
    else if (typeof value !== 'number' || !question.acceptedRatings.includes(value))
      reader.complain(
        `ratings.${id}`,
        `It should be one of these values: '${question.acceptedRatings.join(',')}'`,
      );
    else ratings[id] = value;
  }
  return ratings;
}
