import { dirname, resolve } from 'node:path';
import { DAY_MS } from '../clock.ts';
import type { Config, ConnectorConfig, Environment, Registry } from '../config.ts';
import { type Brand, PLAIN_BRAND } from '../domain/brand.ts';
import { SCALES } from '../domain/score.ts';
import type { SurveyDefinition } from '../domain/survey.ts';
import { languagesWith } from '../texts/own-texts.ts';
import { warnOfReplies } from './brand-checks.ts';
import { checkAcrossKeys, warnOfQuestions } from './checks.ts';
import { readConnector } from './connectors.ts';
import { fillVariables } from './fill.ts';
import { buildFollowUp, warnOfUnknownLeads } from './follow-up-config.ts';
import { draftsFrom } from './issues.ts';
import type { ConfigProblem, ConfigWarning, KeyPath, ProblemDraft } from './problem.ts';
import { retypeVariables } from './retype.ts';
import { Root, type Settings } from './schema.ts';
import { Source } from './source.ts';
import { warnOfWording } from './text-checks.ts';
import { entriesAt } from './value-at.ts';

export interface AssembleOptions {
  /** Absolute. */
  readonly file: string;
  readonly env: Environment;
  readonly types: Registry;
}

export type Assembled =
  | { readonly config: Config; readonly problems: readonly [] }
  | { readonly config: null; readonly problems: readonly ConfigProblem[] };

/** From text to a Config, or to all of its problems in the order of their lines. */
export function assembleConfig(text: string, options: AssembleOptions): Assembled {
  const source = new Source(text);
  if (!source.readable) return refuse(source.problems);

  const unusable = source.isEmpty ? [EMPTY_FILE] : source.checkReferences();
  if (unusable.length > 0) return refuse(unusable.map((draft) => source.problem(draft)));

  const unfilled = fillVariables(source, options.env);
  retypeVariables(source, options.types);
  const value = source.toValue();
  const root = Root.safeParse(value);
  const connectors = entriesAt(value, ['connectors']).map(([name, entry]) =>
    readConnector(name, entry, options.types),
  );
  const drafts = [
    ...(root.success ? [] : draftsFrom(root.error, { schema: Root, value, path: [] })),
    ...connectors.flatMap((connector) => connector.drafts),
    ...checkAcrossKeys(value),
  ].filter((draft) => !unfilled.some((missing) => isAtOrBelow(draft.path, missing.path)));
  const problems = [...source.problems, ...[...unfilled, ...drafts].map((draft) => source.problem(draft))];
  if (problems.length > 0 || !root.success) return refuse(problems);

  const configs = connectors.flatMap(({ config }) => config ?? []);
  const warnings = [
    ...connectors.flatMap(({ config, warnings }) =>
      config === null ? [] : warnings.map((message) => source.warning(['connectors', config.name], message)),
    ),
    ...warnOfUnknownLeads(source, root.data, configs),
    ...warnOfQuestions(source, value),
    ...warnOfWording(source, value),
    ...warnOfReplies(source, value),
  ];
  return { config: buildConfig(options.file, root.data, configs, warnings), problems: [] };
}

const EMPTY_FILE: ProblemDraft = {
  path: [],
  message: 'there is nothing in it',
  value: '(empty)',
  allowed: 'the keys that config/example.yaml shows; server, mail and connectors at least',
  fix: 'Copy config/example.yaml and edit it.',
};

function refuse(problems: readonly ConfigProblem[]): Assembled {
  const inOrder = problems.toSorted((left, right) => left.line - right.line || left.column - right.column);
  return { config: null, problems: inOrder };
}

function isAtOrBelow(path: KeyPath, top: KeyPath): boolean {
  return top.every((part, index) => path[index] === part);
}

function buildConfig(
  file: string,
  settings: Settings,
  connectors: readonly ConnectorConfig[],
  warnings: readonly ConfigWarning[],
): Config {
  const { server, mail, policy, followUp, writeBack, signIn, report } = settings;
  return {
    file,
    server: {
      publicUrl: server.publicUrl,
      host: server.host,
      port: server.port,
      secrets: server.secret,
      trustProxy: server.trustProxy,
    },
    dataDir: resolve(dirname(file), settings.dataDir),
    database: { url: settings.database.url ?? null },
    queue: { url: settings.queue.url ?? null },
    mail: {
      ...mail,
      replyTo: mail.replyTo ?? null,
      url: mail.url ?? null,
      dkim: mail.dkim ?? null,
      mailbox: mail.mailbox ?? null,
    },
    calendar: settings.calendar,
    connectors: new Map(connectors.map((connector) => [connector.name, connector])),
    surveys: Object.entries(settings.surveys).map(([name, survey]) =>
      buildSurvey(name, survey, followUp.below),
    ),
    brands: Object.entries(settings.brands).map(([key, brand]) => buildBrand(key, brand)),
    languages: languagesWith(settings.texts),
    policy: {
      send: policy.send,
      delayMs: policy.delay,
      quietPeriodMs: policy.quietPeriod,
      again: policy.again,
      sampleRatio: policy.sample,
      skip: policy.skip,
      maxPerHour: policy.maxPerHour,
      hours: policy.hours,
      quietHours: policy.quietHours,
      remindAfterMs: policy.remindAfter,
    },
    followUp: buildFollowUp(followUp),
    digest: settings.digest,
    webhooks: new Map(
      Object.entries(settings.webhooks).map(([name, { secret, ...webhook }]) => [
        name,
        { name, secrets: secret, ...webhook },
      ]),
    ),
    writeBack: { gatherMs: writeBack.gather, note: writeBack.note, tag: writeBack.tag },
    signIn: {
      password: signIn.password,
      idleMs: signIn.idle,
      lifetimeMs: signIn.lifetime,
      oidc: signIn.oidc ?? null,
      agentsSee: signIn.agentsSee,
    },
    report: {
      zone: report.zone ?? settings.calendar.zone,
      minimum: report.minimum,
      goal: report.goal ?? null,
      baselineDays: report.baseline / DAY_MS,
    },
    credit: report.credit,
    warnings,
  };
}

function buildSurvey(name: string, survey: Settings['surveys'][string], below: number): SurveyDefinition {
  return {
    name,
    when: survey.when,
    kind: survey.kind,
    scale: survey.scale,
    satisfiedFrom: survey.satisfiedFrom ?? SCALES[survey.scale].satisfiedFrom,
    metric: survey.metric,
    question: survey.question,
    labels: survey.labels,
    icons: survey.icons,
    // Every other scale has been made to say.
    followUpBelow: survey.followUpBelow ?? below,
    expiresMs: survey.expires,
    changeWithinMs: survey.changeWithin,
    via: survey.via,
    reasons: survey.reasons,
  };
}

function buildBrand(key: string, brand: Settings['brands'][string]): Brand {
  return {
    key,
    when: brand.when,
    name: brand.name ?? null,
    logo: brand.logo ?? null,
    colour: brand.colour ?? PLAIN_BRAND.colour,
    signature: brand.signature ?? null,
    from: brand.from ?? null,
    replyTo: brand.replyTo ?? null,
    locale: brand.locale ?? null,
  };
}
