import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/clock.ts';
import { readCreditMoves } from '../../src/store/credit.ts';
import { retryGivenUp } from '../../src/store/given-up-events.ts';
import { SCHEMA } from '../../src/store/tables.ts';
import { giveUpOldEvents } from '../../src/store/webhook-events.ts';
import { type Visitor, visitorAs } from '../support/staff-visitor.ts';
import { type Staged, stageClosing } from '../support/staged-case.ts';
import { SITE_NOW, type SurveySite, startSurveySite } from '../support/survey-site.ts';

const COMMENT = 'Three desks, three times the same story.';
const PATH = '/dashboard/cases/zendesk-eu/4711';
const CLOSED = new Date(SITE_NOW.getTime() - 2 * DAY_MS);
const ADA = { id: '11', name: 'Ada Lindqvist' };
const BO = { id: '12', name: 'Bo Okafor' };

let site: SurveySite;
let lead: Visitor;
let agent: Visitor;
let low: Staged;

beforeAll(async () => {
  site = await startSurveySite();
  lead = await visitorAs(site, 'lead', { name: 'Lena Lead' });
  agent = await visitorAs(site, 'agent', { agents: ['zendesk-eu/11'] });
  low = await stageClosing(site.db, {
    caseId: '4711',
    closedAt: CLOSED,
    agent: ADA,
    survey: {
      answers: [
        { score: 3, comment: 'At first.' },
        { score: 2, comment: COMMENT, reasons: ['wait'] },
      ],
      held: [{ score: 1, marks: ['head', 'sweep'] }],
      writeBack: {
        state: 'failed',
        error: 'The field cannot be written (422).',
        fix: 'Run `caseloop check`.',
      },
      followUp: { state: 'made', dueAt: new Date(SITE_NOW.getTime() - DAY_MS) },
    },
  });
  await stageClosing(site.db, { caseId: '4712', closedAt: CLOSED, agent: BO });
});
afterAll(() => site.close());

const text = async (response: Promise<Response>) => (await response).text();
const audit = async () =>
  (await site.db.withSchema(SCHEMA).selectFrom('audit').selectAll().orderBy('id').execute()).filter(
    ({ actor, detail }) => actor === `user:${lead.userId}` && !/^(GET|POST) /.test(detail),
  );
const locationOf = async (response: Promise<Response>) => {
  const { status, headers } = await response;
  return [status, headers.get('location')];
};

describe('the page of a case', () => {
  it('shows decision, mails, taps, answer with its versions, write-back with cause and fix, and follow-up', async () => {
    const page = await text(lead.get(PATH));
    for (const part of [
      'Asked: no rule speaks against it.',
      'invitation',
      'Safari 20 on iPhone',
      'At first.',
      COMMENT,
      'the wait',
      'The field cannot be written (422).',
      '<code>caseloop check</code>',
      'https://acme.example/tasks/9001',
      'https://acme.example/agent/tickets/4711',
      'The page was asked for without being looked at (HEAD or OPTIONS).',
    ])
      expect(page).toContain(part);
    expect(await text(lead.get('/dashboard/cases/zendesk-eu/4799'))).toContain('No such case');
  });

  it('shows an agent their own closings and no other, without actions', async () => {
    const own = await agent.get(PATH);
    expect(own.status).toBe(200);
    expect(await own.text()).not.toMatch(/<form method="post" action="\/dashboard/);
    expect((await agent.get('/dashboard/cases/zendesk-eu/4712')).status).toBe(404);
    // A case that had two owners shows each of them what is theirs.
    await stageClosing(site.db, {
      caseId: '4713',
      closedAt: CLOSED,
      agent: BO,
      survey: { answers: [{ score: 1, comment: 'Of Bo.' }] },
    });
    await stageClosing(site.db, {
      caseId: '4713',
      closedAt: SITE_NOW,
      cycle: 2,
      agent: ADA,
      survey: { answers: [{ score: 5 }] },
    });
    const shared = await text(agent.get('/dashboard/cases/zendesk-eu/4713'));
    expect(shared).toContain('5 of 5');
    expect(shared).not.toMatch(/Of Bo|1 of 5/);
  });

  it('keeps comments from the agent until a lead releases them, wherever the page would say them', async () => {
    expect(await text(agent.get(PATH))).not.toMatch(/Three desks|At first/);
    const released = { survey: low.surveyId ?? '' };
    expect(await locationOf(lead.post(`${PATH}/comment`, released))).toEqual([303, `${PATH}?done=released`]);
    expect(await locationOf(lead.post(`${PATH}/comment`, released))).toEqual([
      303,
      `${PATH}?done=released-before`,
    ]);
    expect(await text(agent.get(PATH))).toContain(COMMENT);
    expect((await audit()).filter(({ what }) => what === 'comment released')).toHaveLength(1);
  });
});

describe('credit that a lead moves', () => {
  const credited = async () =>
    site.db
      .withSchema(SCHEMA)
      .selectFrom('closures')
      .select(['credited_id', 'credited_name', 'credited_by'])
      .where('id', '=', low.closureId)
      .executeTakeFirstOrThrow();
  const move = (to: string, reason = 'Bo had it all along.') =>
    lead.post(`${PATH}/credit`, { closure: low.closureId, to, reason });

  it('moves to somebody seen before, with a reason, once, and says so in the audit and on the page', async () => {
    expect(await locationOf(move('12'))).toEqual([303, `${PATH}?done=credited`]);
    expect(await locationOf(move('12'))).toEqual([303, `${PATH}?done=credited-before`]);
    expect(await credited()).toEqual({
      credited_id: '12',
      credited_name: 'Bo Okafor',
      credited_by: 'by-hand',
    });
    const moves = await readCreditMoves(site.db, [low.closureId]);
    expect(moves).toMatchObject([
      { from_id: '11', to_id: '12', reason: 'Bo had it all along.', moved_by: `user:${lead.userId}` },
    ]);
    const [line, ...more] = (await audit()).filter(({ what }) => what === 'credit moved');
    expect(more).toEqual([]);
    expect(line?.detail).toBe('closing 1 of case 4711 on zendesk-eu: from zendesk-eu/11 to zendesk-eu/12');
    expect(await text(lead.get(PATH))).toMatch(/Lena Lead: from Ada Lindqvist to Bo Okafor/);
    // It is Bo's now: Ada sees it no longer.
    expect((await agent.get(PATH)).status).toBe(404);
  });

  it('moves to the team alone, and back', async () => {
    await move('');
    expect(await credited()).toEqual({ credited_id: null, credited_name: null, credited_by: 'by-hand' });
    expect(await locationOf(move(''))).toEqual([303, `${PATH}?done=credited-before`]);
    await move('11');
    expect((await agent.get(PATH)).status).toBe(200);
  });

  it('does not move without a reason, or to somebody whom nobody has seen', async () => {
    const before = await credited();
    const [silent, unseen] = [await move('12', ' '), await move('99')];
    expect([silent.status, unseen.status]).toEqual([409, 409]);
    expect(await silent.text()).toContain('The credit was not moved: say why.');
    expect(await unseen.text()).toContain('has never named an agent 99');
    expect(await credited()).toEqual(before);
  });
});

describe('causes of low scores', () => {
  const mark = (fields: Record<string, string | readonly string[]>) =>
    lead.post('/dashboard/review', { closure: low.closureId, back: 'cause=unmarked', ...fields });
  const counts = (page: string) =>
    Object.fromEntries(
      [...page.matchAll(/>([^<>]+) <span class="count">(\d+)</g)].map(([, name, count]) => [
        name,
        Number(count),
      ]),
    );

  it('are several at a time, counted, and filtered by; marking the same again changes nothing', async () => {
    expect(counts(await text(lead.get('/dashboard/review')))).toMatchObject({
      'All low scores': 2,
      'Not looked at yet': 2,
      process: 0,
    });
    const marks = { cause: ['process', 'tone', 'weather'], note: 'Hand-overs.' };
    expect(await locationOf(mark(marks))).toEqual([303, '/dashboard/review?cause=unmarked&done=reviewed']);
    expect(await locationOf(mark(marks))).toEqual([
      303,
      '/dashboard/review?cause=unmarked&done=reviewed-before',
    ]);
    const page = await text(lead.get('/dashboard/review'));
    expect(counts(page)).toMatchObject({
      'All low scores': 2,
      'Not looked at yet': 1,
      process: 1,
      tone: 1,
      policy: 0,
    });
    expect(page).toContain(COMMENT);
    expect(page).toMatch(/pill problem">overdue/);
    expect(await text(lead.get('/dashboard/review?cause=tone'))).toContain('Case 4711');
    expect(await text(lead.get('/dashboard/review?cause=policy'))).toContain('No low score here');
    expect((await audit()).filter(({ what }) => what === 'causes marked')).toMatchObject([
      { detail: 'closing 1 of case 4711 on zendesk-eu: process, tone' },
    ]);
  });

  it('can be that nothing is to change', async () => {
    await mark({ note: '' });
    expect(counts(await text(lead.get('/dashboard/review')))).toMatchObject({
      'Nothing to change': 1,
      process: 0,
    });
  });

  it('cannot be marked where no score is low', async () => {
    const high = await stageClosing(site.db, {
      caseId: '4714',
      closedAt: CLOSED,
      survey: { answers: [{ score: 4 }] },
    });
    const response = await lead.post(`${PATH}/review`, { closure: high.closureId, cause: 'tone' });
    expect(response.status).toBe(409);
  });
});

describe('the list', () => {
  const WHOLE = 'from=2026-01-01&to=2026-12-31';
  const list = async (query: string, who = lead) => {
    const page = await text(who.get(`/dashboard/cases?${WHOLE}&${query}`));
    return {
      page,
      count: Number(/<h2 id="closings">(\d+) closing/.exec(page)?.[1]),
      cases: [...page.matchAll(/<th scope="row"><a[^>]*>Case (\d+)/g)].map(([, number]) => number),
      next: /href="([^"]+)">Older ones/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? null,
    };
  };

  it('says as many as it lists, whatever is asked, and why somebody was not', async () => {
    await stageClosing(site.db, {
      caseId: '4720',
      closedAt: CLOSED,
      survey: null,
      skipped: { rule: 'quiet-period', reason: 'Skipped: asked 3 days ago.' },
    });
    for (const query of [
      '',
      'only=low',
      'only=not-asked',
      'only=answered',
      'score=5',
      'agent=zendesk-eu%2F12',
      'search=4713',
    ]) {
      const { count, cases } = await list(query);
      expect([query, count]).toEqual([query, cases.length]);
      expect(count, query).toBeGreaterThan(0);
    }
    const notAsked = await list('only=not-asked');
    expect(notAsked.cases).toEqual(['4720']);
    expect(notAsked.page).toContain('Skipped: asked 3 days ago.');
    expect((await list('only=low')).page).toContain(COMMENT);
  });

  it('goes on from page to page and repeats nothing', async () => {
    for (let nth = 0; nth < 60; nth += 1)
      await stageClosing(site.db, {
        caseId: `${5000 + nth}`,
        closedAt: CLOSED,
        survey: null,
        team: { id: '9', name: 'Returns' },
      });
    const first = await list('team=Returns');
    expect([first.count, first.cases.length]).toEqual([60, 50]);
    const second = await text(lead.get(first.next ?? expect.fail('no second page')));
    const rest = [...second.matchAll(/<th scope="row"><a[^>]*>Case (\d+)/g)].map(([, number]) => number);
    expect(new Set([...first.cases, ...rest]).size).toBe(60);
    expect(second).not.toContain('Older ones');
  });

  it('is an agent’s own, with the comments that were released', async () => {
    const all = await list('', agent);
    expect(all.cases).not.toContain('4712');
    expect((await list('agent=zendesk-eu%2F12', agent)).count).toBe(0);
    const unread = await stageClosing(site.db, {
      caseId: '4721',
      closedAt: CLOSED,
      survey: { answers: [{ score: 2, comment: 'Unreleased words.' }] },
    });
    const one = await list('search=4721', agent);
    expect(one.page).toContain('comment not released to you');
    expect(one.page).not.toContain('Unreleased words.');
    await lead.post('/dashboard/cases/zendesk-eu/4721/comment', { survey: unread.surveyId ?? '' });
    expect((await list('search=4721', agent)).page).toContain('Unreleased words.');
  });
});

describe('what is stuck', () => {
  beforeEach(() => {
    site.clock.at = SITE_NOW;
  });

  it('is listed by cause with its fix', async () => {
    const page = await text(lead.get('/dashboard/failed'));
    expect(page).toContain('1 answer to write on its case');
    expect(page).toContain('The field cannot be written (422).');
    expect(page).toContain('<code>caseloop check</code>');
  });

  it('tells of events that were given up; retried, they are not given up again at once', async () => {
    const { surveyId } = low;
    const hook = { webhook: 'data-lake', state: 'failed' as const, last_error: 'answered 503' };
    await site.db
      .withSchema(SCHEMA)
      .insertInto('webhook_events')
      .values({ ...hook, survey_id: surveyId ?? '', version: 1, created_at: CLOSED, next_attempt_at: CLOSED })
      .execute();
    const listed = async () => (await text(lead.get('/dashboard/failed'))).includes('data-lake');
    expect(await listed()).toBe(true);
    const at = new Date(CLOSED.getTime() + 4 * DAY_MS);
    const retry = { webhook: 'data-lake', actor: `user:${lead.userId}`, at };
    expect([await retryGivenUp(site.db, retry), await retryGivenUp(site.db, retry)]).toEqual([1, 0]);
    expect(await listed()).toBe(false);
    expect((await giveUpOldEvents(site.db, at)).size).toBe(0);
    expect((await giveUpOldEvents(site.db, new Date(at.getTime() + 4 * DAY_MS))).size).toBe(1);
    expect((await audit()).filter(({ what }) => what === 'webhook events retried')).toHaveLength(1);
  });
});

describe('the quarantine', () => {
  /** Counted by hand: the latest answer of each survey. */
  const tallied = async () => {
    const { rows } = await sql<{ answered: number; satisfied: number }>`
      select count(*)::int as answered, count(*) filter (where score >= 4)::int as satisfied
        from (select distinct on (survey_id) score from caseloop.answers order by survey_id, version desc) a`.execute(
      site.db,
    );
    return rows[0] ?? expect.fail('no row');
  };

  it('tells the marks, the score it would be, and the figures with and without', async () => {
    // Nobody has answered this one, so that its held tap would count.
    await stageClosing(site.db, {
      caseId: '4730',
      closedAt: CLOSED,
      survey: { held: [{ score: 1, marks: ['scanner'] }] },
    });
    for (let nth = 0; nth < 12; nth += 1)
      await stageClosing(site.db, {
        caseId: `${4740 + nth}`,
        closedAt: CLOSED,
        survey: { answers: [{ score: 5 }] },
      });
    const page = await text(lead.get('/dashboard/quarantine'));
    expect(page).toContain('Would be <strong>1 of 5</strong>');
    expect(page).toContain('Several scores were opened within seconds.');
    const [without, counted] = [...page.matchAll(/<th scope="row">[^<]+<\/th>(.*?)<\/tr>/g)].map(
      ([, cells]) => (cells ?? '').replaceAll(/<[^>]+>/g, ' ').trim(),
    );
    const share = (satisfied: number, answered: number) => `${((satisfied * 100) / answered).toFixed(1)}%`;
    const { answered, satisfied } = await tallied();
    expect(without).toMatch(new RegExp(`^${share(satisfied, answered)} .* ${answered} `));
    expect(counted).toMatch(new RegExp(`^${share(satisfied, answered + 1)} .* ${answered + 1} `));
  });
});
