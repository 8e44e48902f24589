import { z } from 'zod';
import { DIMENSIONS, SUBSETS } from '../../../domain/report.ts';

/**
 * What the API answers with, as one schema: types, the OpenAPI document and the tests of every answer come from it. Instants
 * are ISO 8601 in UTC, days `YYYY-MM-DD`, durations whole milliseconds in fields that end in `Ms`.
 */

const day = z.iso.date();
const instant = z.iso.datetime();
const count = z.int().nonnegative();
const percent = z.number().min(-100).max(100);
const durationMs = z.int().nonnegative();
const Kind = z.enum(['csat', 'ces', 'nps']);

export const Scale = z.enum(['thumbs', '1-5', 'stars', 'faces', 'labelled', '1-7', '1-10', '0-10']);

export const Metric = z
  .strictObject({
    key: z.string(),
    name: z.string(),
    kind: Kind,
    scale: Scale,
    satisfiedFrom: z.int(),
  })
  .describe('What answers mean that are counted together. Figures of different metrics are never added up.');

const values = z.array(z.string());

const Filters = z
  .strictObject({
    agent: values.optional(),
    team: values.optional(),
    channel: values.optional(),
    topic: values.optional(),
    brand: values.optional(),
    tier: values.optional(),
    language: values.optional(),
    connector: values.optional(),
    handledBy: values.optional(),
  } satisfies Record<(typeof DIMENSIONS)[number], unknown>)
  .describe('Any of the values of each dimension, in all of the dimensions; "" is "not known".');

const Question = z.strictObject({ from: day, to: day, filters: Filters, metric: z.string().nullable() });

const Times = z.strictObject({ known: count, medianMs: durationMs.nullable() });

const Tally = z
  .strictObject({
    closures: count,
    asked: count,
    answered: count,
    satisfied: count,
    low: count,
    scores: z.array(count).describe('Answers per point of the scale, from the lowest.'),
    reopened: count,
    firstReply: Times,
    resolution: Times,
    recovery: z.strictObject({
      low: count,
      recovered: count,
      overdue: count,
      medianMs: durationMs.nullable(),
    }),
  })
  .describe('Counts of closures. Closures, reopened and times are of all closings, the rest of one metric.');

const Figure = z
  .strictObject({
    isEnough: z.boolean().describe('False below the least number of answers: then only counts are told.'),
    percent: percent.nullable(),
    interval: z
      .strictObject({ low: percent, high: percent })
      .nullable()
      .describe("Wilson's score interval, 95 %; null for NPS."),
    average: z.number().nullable(),
    responseRate: percent.nullable(),
  })
  .describe('What a tally says. Percentages are not rounded.');

const measured = { tally: Tally, figure: Figure };
const Measured = z.strictObject(measured);

const Slice = z.strictObject({
  ...measured,
  value: z.string(),
  label: z.string(),
  rank: z.int().positive().nullable().describe('Null where no order can be told.'),
});

const Step = z.strictObject({ ...measured, from: day, to: day, metric: Metric });

const GoalEnd = z.strictObject({ percent: z.number(), day });

const Flag = z.strictObject({
  check: z.string(),
  title: z.string(),
  detail: z.string(),
  question: Question,
  only: z.enum(SUBSETS),
});

export const Report = z
  .strictObject({
    question: Question,
    settings: z.strictObject({
      zone: z.string(),
      minimum: count,
      goal: z.strictObject({ from: GoalEnd, to: GoalEnd }).nullable(),
      baselineDays: count,
    }),
    metric: Metric.nullable().describe('Null when nobody was asked in the period.'),
    metrics: z.array(Metric),
    total: Measured,
    baseline: Measured,
    trend: z.array(Step),
    breaks: z.array(z.strictObject({ day, from: Metric, to: Metric })),
    splits: z.array(z.strictObject({ by: z.enum(DIMENSIONS), slices: z.array(Slice), more: count })),
    flags: z.array(Flag),
    behind: count.describe('Closures that are not in the figures yet; normally 0.'),
  })
  .describe(
    'The answer to a question: the same as on the dashboard, in the digest and by `caseloop report`.',
  );

const words = z.string().nullable();

export const Closure = z
  .strictObject({
    closureId: z.string(),
    connector: z.string(),
    caseId: z.string(),
    caseNumber: z.string(),
    url: z.string().describe('Where staff open the case in the CRM.'),
    subject: words,
    cycle: z.int().positive().describe('Its ordinal among the closings of its case.'),
    openedAt: instant.nullable(),
    closedAt: instant,
    day: day.describe("On which it counts, in the report's zone."),
    firstReplyMs: durationMs.nullable(),
    resolutionMs: durationMs.nullable(),
    reopened: z.boolean(),
    decision: z
      .strictObject({ outcome: z.enum(['ask', 'skip', 'hold']), rule: z.string(), reason: z.string() })
      .describe('What was decided, by which rule and why.'),
    survey: z
      .strictObject({
        id: z.string(),
        state: z.enum(['pending', 'asked', 'cancelled', 'undeliverable']),
        isAsked: z.boolean().describe('Whether it counts as asked.'),
        askedAt: instant.nullable(),
        metric: Metric,
      })
      .nullable(),
    answer: z
      .strictObject({
        version: z.int().positive(),
        score: z.int(),
        level: z.enum(['low', 'neutral', 'high']),
        satisfied: z.boolean(),
        reasons: values,
        comment: words,
        commentHidden: z.boolean().describe('True where there is a comment that you may not read.'),
        source: z.enum(['form', 'auto']),
        answeredAt: instant,
      })
      .nullable()
      .describe('The latest version; /api/v1/answers has every one.'),
    credited: z
      .strictObject({ agent: z.string(), name: z.string(), by: words })
      .nullable()
      .describe('Who is credited, as `connector/id`, and by which rule.'),
    team: words,
    channel: words,
    topic: words,
    brand: words,
    organisation: words,
    tier: words,
    language: words,
    handledBy: z.enum(['bot', 'human']),
    recovery: z
      .strictObject({
        state: z.string(),
        url: words,
        dueAt: instant,
        isOverdue: z.boolean(),
        escalatedAt: instant.nullable(),
        stoppedAt: instant.nullable().describe('Since when the score is no longer low.'),
        recoveredAt: instant.nullable(),
        recoveredBy: words,
      })
      .nullable()
      .describe('What a low score led to.'),
    writeBack: z
      .strictObject({
        state: z.enum(['due', 'running', 'written', 'kept', 'waiting', 'failed']),
        doneAt: instant.nullable(),
        error: words,
        fix: words,
      })
      .nullable()
      .describe('How the answer came to stand on the case record.'),
  })
  .describe('One closing of one case.');

export const Closures = z.strictObject({
  closures: z.array(Closure),
  next: z.string().nullable().describe('Goes into `after` for the next page; null on the last one.'),
});

export const ClosuresOfCase = z.strictObject({ closures: z.array(Closure) });

export const Metrics = z.strictObject({ metrics: z.array(Metric) });

export const AnswerVersion = z
  .strictObject({
    answerId: z.string().describe('The same for all versions of one answer.'),
    version: z.int().positive(),
    connector: z.string(),
    caseId: z.string(),
    caseNumber: z.string(),
    closedAt: instant,
    metric: Metric,
    score: z.int(),
    level: z.enum(['low', 'neutral', 'high']),
    reasons: values,
    comment: z.string().nullable(),
    commentHidden: z.boolean().describe('True where there is a comment that this key may not read.'),
    source: z.enum(['form', 'auto']),
    answeredAt: instant,
    agent: z.string().nullable().describe('Who is credited, as `connector/id`.'),
    team: z.string().nullable(),
  })
  .describe('One version of an answer; a changed answer is another version.');

export const Answers = z.strictObject({
  answers: z.array(AnswerVersion),
  next: z
    .string()
    .describe('Goes into `after` to read what is stored after these, now or later. There is always one.'),
});

export const Problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    problems: z.array(z.string()).optional().describe('Everything that is wrong with the query.'),
  })
  .describe('An error (RFC 9457).');
