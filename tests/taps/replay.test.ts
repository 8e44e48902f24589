import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MARK_NAMES, MARKS, type Mark } from '../../src/domain/taps.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { type SurveySite, startSurveySite } from '../support/survey-site.ts';
import { replay } from './replay.ts';
import { TRACES } from './traces/all.ts';
import { BROWSERS, type Trace, type TraceRequest } from './traces/trace.ts';

test('no machine is counted, no person is lost, and at most one is asked for a press', () => {
  const outcomes = TRACES.map((trace) => replay(trace));
  const named = (isOne: (outcome: (typeof outcomes)[number]) => boolean) =>
    outcomes.filter(isOne).map(({ trace }) => trace.name);
  expect(named(({ falseAnswers }) => falseAnswers > 0)).toEqual([]);
  expect(named(({ lost }) => lost)).toEqual([]);
  expect(named(({ askedAgain }) => askedAgain).length).toBeLessThanOrEqual(1);
});

test.each(MARK_NAMES)('without the mark %s a machine would be counted', (mark) => {
  const others = MARK_NAMES.filter((one) => one !== mark);
  expect(TRACES.filter((trace) => replay(trace, others).falseAnswers > 0)).not.toEqual([]);
  expect(MARKS[mark]).toMatch(/^[A-Z].*\.$/);
});

let site: SurveySite;
beforeAll(async () => {
  site = await startSurveySite();
});
afterAll(() => site.close());

test('the server comes to the same answers and holds the same confirmations', {
  timeout: 60_000,
}, async () => {
  for (const trace of TRACES) {
    const { answers, held } = replay(trace);
    const seen = await serve(trace);
    expect(seen.answers, trace.name).toEqual(answers);
    expect(seen.held.toSorted(), trace.name).toEqual(
      held.flatMap(({ score, marks }) => (marks.length > 0 ? line(score, marks) : [])).sort(),
    );
  }
});

const line = (score: number, marks: readonly Mark[]) => `${score}: ${marks.join(' ')}`;

/** Plays a trace against the web server over HTTP. */
async function serve(trace: Trace): Promise<{ answers: number[]; held: string[] }> {
  const start = new Date(trace.deliveredAt).getTime();
  const surveyId = await site.addSurvey();
  const s = site.db.withSchema(SCHEMA);
  for (const [nth, at] of (trace.mailsAt ?? [0]).entries()) {
    const sent = new Date(start + at);
    await s
      .insertInto('mails')
      .values({
        survey_id: surveyId,
        purpose: nth === 0 ? 'invitation' : 'reminder',
        message_id: `${surveyId}.${nth}`,
        state: 'sent',
        next_attempt_at: sent,
        sent_at: sent,
        claimed_at: sent,
        claimed_by: null,
        last_error: null,
      })
      .execute();
  }
  const pages: { one: TraceRequest; tap: string }[] = [];
  for (const one of trace.requests.toSorted((a, b) => a.at - b.at)) {
    site.clock.at = new Date(start + one.at);
    await site.settle(surveyId);
    const tap = await send(surveyId, one, pages);
    if (tap !== null) pages.push({ one, tap });
  }
  site.clock.at = new Date(site.clock.at.getTime() + 60_000);
  await site.settle(surveyId);
  const rows = await s
    .selectFrom('confirmations')
    .select(['score', 'marks'])
    .where('survey_id', '=', surveyId)
    .execute();
  const held = rows.filter(({ marks }) => (marks as Mark[]).length > 0);
  return {
    answers: (await site.answersOf(surveyId)).map(({ score }) => score),
    held: held.map(({ score, marks }) => line(score, marks as Mark[])),
  };
}

async function send(
  surveyId: string,
  one: TraceRequest,
  pages: readonly { one: TraceRequest; tap: string }[],
): Promise<string | null> {
  const headers = { ...BROWSERS[one.browser], ...one.headers, 'x-forwarded-for': one.caller };
  const { does, score, saw } = one;
  if (does === 'confirm' || does === 'press') {
    const page = pages.findLast((other) => other.one.browser === one.browser && other.one.score === score);
    const flags = (['touched', 'driven', 'activated'] as const).filter((flag) => saw?.[flag] === true);
    const form = new URLSearchParams({
      score: String(score),
      comment: '',
      ...(page === undefined || one.pageless === true ? {} : { tap: page.tap }),
      ...(does === 'confirm' ? { auto: '1', shown: String(saw?.shownMs) } : {}),
      ...Object.fromEntries(flags.map((flag) => [flag, '1'])),
    });
    const { statusCode, body } = await request(site.surveyUrl(surveyId), {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    });
    await body.dump();
    expect(statusCode).toBeLessThan(400);
    return null;
  }
  const method = { head: 'HEAD', options: 'OPTIONS', open: 'GET', trap: 'GET' }[does];
  const url =
    does === 'trap' ? `${site.surveyUrl(surveyId)}?view=1` : site.surveyUrl(surveyId, score ?? undefined);
  const { statusCode, body } = await request(url, { method, headers });
  expect(statusCode).toBeLessThan(300);
  return /name="tap" value="(\d+)"/.exec(await body.text())?.[1] ?? null;
}
