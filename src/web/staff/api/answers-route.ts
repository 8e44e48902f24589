import type { Request } from 'express';
import { metricOf } from '../../../domain/closure-fact.ts';
import { levelOf } from '../../../domain/score.ts';
import { seesComment } from '../../../domain/staff.ts';
import { type AnswerVersion, readAnswerVersions } from '../../../store/answer-versions.ts';
import { releasedOf } from '../../../store/released-comments.ts';
import type { ApiDeps } from './api-deps.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { endpoint } from './endpoint.ts';
import { problemsOfKeys, type Read, readLimit, refuseQuery } from './query.ts';
import { Answers } from './shapes.ts';

const PARAMETERS = [
  { name: 'after', about: 'The `next` of an earlier answer: goes on behind it.' },
  {
    name: 'since',
    about: 'Leaves out what was answered before this instant.',
    schema: { type: 'string', format: 'date-time' },
  },
  { name: 'limit', about: 'Most per page, 1 to 500; 100 without it.', schema: { type: 'integer' } },
];

/** Where the order of storing begins. */
const START = '0';

export const answersEndpoint = ({ db, agentsSee }: ApiDeps) =>
  endpoint({
    path: '/api/v1/answers',
    about:
      'Every version of every answer in the order in which they were stored, for programs that keep up with them.',
    parameters: PARAMETERS,
    answer: Answers,
    audit: 'answers read by API',
    async handle(request, response, { viewer }) {
      const after = readCursor(request.query.after, /^\d{1,18}$/);
      const since = readSince(request.query.since);
      const limit = readLimit(request.query);
      const problems = [
        ...problemsOfKeys(request.query, PARAMETERS),
        ...after.problems,
        ...since.problems,
        ...limit.problems,
      ];
      if (problems.length > 0 || limit.value === null) return refuseQuery(response, problems);
      const place = after.value ?? START;
      const versions = await readAnswerVersions(db, {
        after: place,
        since: since.value,
        agents: viewer.role === 'agent' ? viewer.agents : null,
        limit: limit.value,
      });
      const released = await releasedOf(db, [...new Set(versions.map(({ surveyId }) => surveyId))]);
      const sees = (id: string) => seesComment(viewer, agentsSee.comments, released.has(id));
      response.json({
        answers: versions.map((one) => shown(one, sees(one.surveyId))),
        next: writeCursor(versions.at(-1)?.ordinal ?? place),
      });
    },
  });

function shown(one: AnswerVersion, seesWords: boolean) {
  return {
    answerId: one.surveyId,
    version: one.version,
    connector: one.connector,
    caseId: one.caseId,
    caseNumber: one.caseNumber,
    closedAt: one.closedAt,
    metric: metricOf(one),
    score: one.score,
    level: levelOf(one, one.score),
    reasons: one.reasons,
    comment: seesWords ? one.comment : null,
    commentHidden: !seesWords && one.comment !== null,
    source: one.source,
    answeredAt: one.answeredAt,
    agent: one.agent,
    team: one.team,
  };
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function readSince(value: Request['query'][string]): Read<Date | null> | { value: null; problems: [] } {
  if (value === undefined) return { value: null, problems: [] };
  const at = typeof value === 'string' && INSTANT.test(value) ? new Date(value) : null;
  return at === null || Number.isNaN(at.getTime())
    ? { value: null, problems: ['since: this is no instant; use one such as 2026-11-01T00:00:00Z.'] }
    : { value: at, problems: [] };
}
