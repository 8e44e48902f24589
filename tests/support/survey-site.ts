import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import { DAY_MS } from '../../src/clock.ts';
import type { Connector } from '../../src/connector.ts';
import type { Brand } from '../../src/domain/brand.ts';
import type { Scale } from '../../src/domain/score.ts';
import type { SurveyDefinition, SurveyKind } from '../../src/domain/survey.ts';
import { createLinks, type Links } from '../../src/links.ts';
import { createLog } from '../../src/log.ts';
import { Secret } from '../../src/secret.ts';
import type { AnswerRules } from '../../src/store/answers.ts';
import { settleSurvey, takeConfirmation } from '../../src/store/confirmations.ts';
import { EMBEDDED_PARSERS } from '../../src/store/embedded.ts';
import { gatherAnswers } from '../../src/store/first-answers.ts';
import { migrate } from '../../src/store/migrate.ts';
import { SCHEMA, type Tables } from '../../src/store/tables.ts';
import { LANGUAGES, type Languages } from '../../src/texts/languages.ts';
import { createWebApp, type WebDeps } from '../../src/web/app.ts';
import { createStaffArea } from '../../src/web/staff/area.ts';
import type { SignInSettings, StaffDeps } from '../../src/web/staff/staff-deps.ts';
import { staffDepsFor } from './staff-deps.ts';

/** The whole web server on loopback over a store in memory, with a clock and faults that a test can set. */
export interface SurveySite {
  readonly url: string;
  readonly db: Kysely<Tables>;
  readonly links: Links;
  /** Settable. */
  readonly clock: { at: Date; now(): Date };
  /** Log lines since the start, as JSON text. */
  readonly log: readonly string[];
  /** Jobs that were added, and a switch that lets adding fail. */
  readonly jobs: { added: string[]; broken: boolean };
  readonly readiness: { answer: Awaited<ReturnType<WebDeps['ready']>> | Error };
  readonly connectors: Map<string, Connector>;
  readonly staff: StaffDeps;
  addSurvey(input?: SurveyInput): Promise<string>;
  surveyUrl(surveyId: string, score?: number): string;
  optOutUrl(surveyId: string): string;
  answersOf(surveyId: string): Promise<AnswerSeen[]>;
  /** Decides on what the page's script sent, as the job does once it is due. */
  settle(surveyId: string): Promise<void>;
  close(): Promise<void>;
}

export interface SurveyInput {
  readonly scale?: Scale;
  readonly kind?: SurveyKind;
  readonly locale?: string | null;
  readonly definition?: string;
  /** As the CRM has it for the case. */
  readonly brand?: string | null;
  readonly satisfiedFrom?: number;
  readonly followUpBelow?: number;
}

export interface AnswerSeen {
  readonly version: number;
  readonly score: number;
  readonly comment: string | null;
  readonly reasons: unknown;
  readonly source: string;
}

export const SITE_NOW = new Date('2026-11-21T12:00:00Z');
const ALWAYS_OPEN = [{ from: '00:00', to: '24:00' }];
const EXPIRES_MS = 30 * DAY_MS;

export const SUPPORT_SURVEY: SurveyDefinition = {
  name: 'support',
  when: { brand: [], channel: [], tag: [], team: [], language: [] },
  kind: 'csat',
  scale: '1-5',
  satisfiedFrom: 4,
  metric: '2026-11',
  question: { en: 'How would you rate the support you received?' },
  labels: {},
  icons: [],
  followUpBelow: 3,
  expiresMs: EXPIRES_MS,
  changeWithinMs: 7 * DAY_MS,
  via: 'mail',
  reasons: true,
};

const RULES: AnswerRules = {
  installationId: 'test',
  calendar: {
    zone: 'UTC',
    hours: { 1: ALWAYS_OPEN, 2: ALWAYS_OPEN, 3: ALWAYS_OPEN, 4: ALWAYS_OPEN, 5: ALWAYS_OPEN, 6: [], 7: [] },
    holidays: [],
  },
  followUpDueIn: { unit: 'business-days', amount: 1 },
  gatherMs: 0,
};

/** Asks for no reasons. */
const QUIET_SURVEY: SurveyDefinition = { ...SUPPORT_SURVEY, name: 'quiet', reasons: false };

export async function startSurveySite(
  input: { languages?: Languages; brands?: readonly Brand[]; signIn?: Partial<SignInSettings> } = {},
): Promise<SurveySite> {
  const db = new Kysely<Tables>({
    dialect: new PGliteDialect({ pglite: new PGlite({ parsers: EMBEDDED_PARSERS }) }),
  });
  await migrate(db);
  const lines: string[] = [];
  const clock = { at: SITE_NOW, now: () => clock.at };
  const jobs = { added: [] as string[], broken: false };
  const readiness: SurveySite['readiness'] = {
    answer: { ready: true, checks: { store: true }, connectors: [] },
  };
  const connectors = new Map<string, Connector>();
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const url = `http://127.0.0.1:${address.port}`;
  const links = createLinks({
    publicUrl: url,
    secrets: [new Secret('a secret for tests, long enough to sign')],
  });
  const log = createLog({ level: 'debug', clock, destination: { write: (line) => lines.push(line) } });
  const staff = staffDepsFor({ db, publicUrl: url, clock, log, signIn: input.signIn ?? {} });
  const app = createWebApp({
    db,
    queues: {
      async add(name) {
        if (jobs.broken) throw new Error('the queue is away');
        jobs.added.push(name);
      },
    },
    connectors,
    surveys: [SUPPORT_SURVEY, QUIET_SURVEY],
    languages: input.languages ?? LANGUAGES,
    brands: input.brands ?? [],
    links,
    answers: {
      recordAnswer: gatherAnswers(db, RULES),
      takeConfirmation: (input) => takeConfirmation(db, input),
    },
    hashCaller: (ip) => `hash of ${ip}`,
    server: { trustProxy: true },
    staff: createStaffArea(staff),
    async ready() {
      if (readiness.answer instanceof Error) throw readiness.answer;
      return readiness.answer;
    },
    clock,
    log,
  });
  server.on('request', app);

  return {
    url,
    db,
    links,
    clock,
    log: lines,
    jobs,
    readiness,
    connectors,
    staff,
    addSurvey: (input = {}) => insertSurvey(db, input),
    surveyUrl: (surveyId, score) =>
      links.surveyUrl(surveyId, new Date(SITE_NOW.getTime() + EXPIRES_MS), score),
    optOutUrl: (surveyId) => links.optOutUrl(surveyId),
    answersOf: (surveyId) =>
      db
        .withSchema(SCHEMA)
        .selectFrom('answers')
        .select(['version', 'score', 'comment', 'reasons', 'source'])
        .where('survey_id', '=', surveyId)
        .orderBy('version')
        .execute(),
    async settle(surveyId) {
      await settleSurvey(db, surveyId, clock.now(), RULES);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await db.destroy();
    },
  };
}

async function insertSurvey(db: Kysely<Tables>, input: SurveyInput): Promise<string> {
  const s = db.withSchema(SCHEMA);
  const caseId = randomUUID();
  const scale = input.scale ?? '1-5';
  await s
    .insertInto('cases')
    .values({
      connector: 'zendesk-eu',
      case_id: caseId,
      number: '4711',
      state: 'closed',
      changed_at: SITE_NOW,
      noticed_at: SITE_NOW,
      snapshot: '{}',
    })
    .execute();
  const closure = await s
    .insertInto('closures')
    .values({
      connector: 'zendesk-eu',
      case_id: caseId,
      closed_at: SITE_NOW,
      cycle: 1,
      noticed_at: SITE_NOW,
      noticed_by: 'push',
      person: 'a-hash',
      snapshot: JSON.stringify({ brand: input.brand ?? null }),
      outcome: 'ask',
      rule: 'asked',
      reason: 'Asked: no rule speaks against it.',
      decided_at: SITE_NOW,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const survey = await s
    .insertInto('surveys')
    .values({
      closure_id: closure.id,
      connector: 'zendesk-eu',
      case_id: caseId,
      name: input.definition ?? 'support',
      metric: '2026-11',
      kind: input.kind ?? 'csat',
      scale,
      satisfied_from: input.satisfiedFrom ?? 4,
      follow_up_below: input.followUpBelow ?? (scale === '1-5' ? 3 : 0),
      change_within_ms: SUPPORT_SURVEY.changeWithinMs,
      person: caseId,
      email: 'ada@customer.example',
      recipient_name: 'Ada Lovelace',
      locale: input.locale ?? null,
      state: 'asked',
      created_at: SITE_NOW,
      asked_at: SITE_NOW,
      expires_at: new Date(SITE_NOW.getTime() + EXPIRES_MS),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return survey.id;
}
