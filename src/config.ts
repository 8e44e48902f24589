import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { assembleConfig } from './config/assemble.ts';
import { type ConfigProblem, type ConfigWarning, describeProblems } from './config/problem.ts';
import type { ConnectorDefinition } from './connector.ts';
import type { AnswerEventType } from './domain/answer-event.ts';
import type { Brand } from './domain/brand.ts';
import type { Calendar, DueIn } from './domain/calendar.ts';
import type { CreditRule } from './domain/credit.ts';
import type { DigestTime } from './domain/digest.ts';
import type { FollowUpEventType } from './domain/follow-up-event.ts';
import type { Leads } from './domain/lead.ts';
import type { Policy } from './domain/policy-settings.ts';
import type { ReportSettings } from './domain/report.ts';
import type { CommentRule, Role } from './domain/staff.ts';
import type { SurveyDefinition } from './domain/survey.ts';
import { ConfigError } from './errors.ts';
import type { Secret } from './secret.ts';
import type { Languages } from './texts/languages.ts';

export type { ConfigProblem } from './config/problem.ts';

/** The connector types that a config file may name, by `type`. */
export type Registry = Readonly<Record<string, ConnectorDefinition<unknown>>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** A config file, checked and with every default filled in. Credentials are `Secret`s and print as `[secret]`. */
export interface Config {
  /** Absolute path of the file it was read from. */
  readonly file: string;
  readonly server: ServerConfig;
  /** Absolute path. */
  readonly dataDir: string;
  /** Null: the embedded database in `dataDir`. */
  readonly database: { readonly url: Secret | null };
  /** Null: the queue lives in the database. */
  readonly queue: { readonly url: Secret | null };
  readonly mail: MailConfig;
  readonly calendar: Calendar;
  readonly connectors: ReadonlyMap<string, ConnectorConfig>;
  /** In the file's order: the first whose `when` matches is used. Never empty. */
  readonly surveys: readonly SurveyDefinition[];
  /** In the file's order; `chooseBrand` picks a case's. */
  readonly brands: readonly Brand[];
  /** What customers read, by language, with the file's own texts in it. */
  readonly languages: Languages;
  readonly policy: Policy;
  readonly followUp: FollowUpConfig;
  readonly writeBack: WriteBackConfig;
  readonly signIn: SignInConfig;
  readonly report: ReportSettings;
  /** Who is credited with a closure, settled when it closes. `report.credit` in the file. */
  readonly credit: CreditRule;
  readonly digest: DigestConfig;
  /** Who is told of answers, by name. */
  readonly webhooks: ReadonlyMap<string, WebhookConfig>;
  /** What an admin should read although the file is valid. Holds no secrets. */
  readonly warnings: readonly ConfigWarning[];
}

interface ServerConfig {
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly host: string;
  /** 0 lets the system pick a free one. */
  readonly port: number;
  /** The first signs, all verify. Never empty. */
  readonly secrets: readonly [Secret, ...Secret[]];
  /** As Express' `trust proxy` takes it. */
  readonly trustProxy: boolean | number | string;
}

interface MailConfig {
  /** An address, with or without a name before it. */
  readonly from: string;
  readonly replyTo: string | null;
  /** Null: mails are written to `dataDir/outbox` as .eml files. */
  readonly url: Secret | null;
  /** SMTP connections at a time. */
  readonly concurrency: number;
  /** What becomes of a mail whose sending was cut off by a crash. */
  readonly afterCrash: 'resend' | 'hold';
  /** Null: the relay signs, or nobody does. */
  readonly dkim: { readonly domain: string; readonly selector: string; readonly privateKey: Secret } | null;
  /** Null: what comes back is for people. */
  readonly mailbox: {
    readonly url: Secret;
    readonly address: string;
    /** Its server delivers `name+anything@` to `name@`. */
    readonly plusAddresses: boolean;
  } | null;
}

export interface ConnectorConfig {
  readonly name: string;
  readonly type: string;
  readonly pollEveryMs: number;
  /** Cases closed earlier are decided "before start". */
  readonly startFrom: 'now' | Date;
  /** Where an answer goes that arrives when the case can no longer be written. */
  readonly late: 'keep' | 'follow-up-ticket' | 'user-field';
  /** What the type's own `Config` schema made of the other keys. */
  readonly settings: unknown;
}

interface FollowUpConfig {
  readonly action: 'task' | 'reopen' | 'both';
  readonly dueIn: DueIn;
  readonly owner: 'assignee' | 'lead';
  readonly lead: Leads;
  /** Addresses told of every low score, beside the lead. */
  readonly notify: readonly string[];
  /** Addresses told when a customer was not answered in time, beside those. */
  readonly escalate: readonly string[];
  /** Whether mails to these people hold what customers wrote. */
  readonly comments: boolean;
  /** Chats that are told, too, by name. */
  readonly chats: ReadonlyMap<string, ChatConfig>;
}

export interface ChatConfig {
  readonly name: string;
  readonly kind: 'slack' | 'teams';
  /** Whoever has it can write there. */
  readonly url: Secret;
  /** Names of teams; empty for all. */
  readonly team: readonly string[];
  /** Whether messages hold what customers wrote. */
  readonly comments: boolean;
}

interface WriteBackConfig {
  /** How long answers are gathered into one batch, at most. */
  readonly gatherMs: number;
  readonly note: boolean;
  readonly tag: boolean;
}

export interface SignInConfig {
  /** Whether passwords that Caseloop keeps will do. */
  readonly password: boolean;
  /** A session ends when nothing was asked for so long, and in any case after its lifetime. */
  readonly idleMs: number;
  readonly lifetimeMs: number;
  /** Null: there is no provider. */
  readonly oidc: {
    /** https, or http on loopback. */
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: Secret;
    readonly name: string;
    readonly scopes: readonly string[];
    readonly roles: { readonly claim: string } & Readonly<Record<Role, readonly string[]>>;
  } | null;
  readonly agentsSee: { readonly comments: CommentRule };
}

export interface DigestConfig {
  readonly on: DigestTime;
  /** Addresses by team name; `default` is for one about all teams together. */
  readonly to: Readonly<Record<string, readonly string[]>>;
  /** Whether it holds what customers wrote with low scores. */
  readonly comments: boolean;
}

export interface WebhookConfig {
  readonly name: string;
  /** https, or http on loopback. Such addresses often hold a token of their own. */
  readonly url: Secret;
  /** `whsec_` and base64; every event is signed with each. Never empty. */
  readonly secrets: readonly [Secret, ...Secret[]];
  readonly events: readonly (AnswerEventType | FollowUpEventType)[];
  /** Whether events hold what customers wrote. */
  readonly comments: boolean;
}

/**
 * A config file that cannot be used. The message prints every problem with its place, value, what is allowed and how to
 * fix it; values from variables and at secret keys are `[secret]`.
 */
export class ConfigFileError extends ConfigError {
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    super(describeProblems(file, problems), { fix: `Correct ${file} and start again.` });
    this.problems = problems;
  }
}

export interface ConfigOptions {
  /** Path as the admin gave it: it is what messages print. */
  readonly file: string;
  readonly env: Environment;
  readonly types: Registry;
}

/**
 * Reads and checks a config file. Reads nothing else, starts nothing.
 * Throws ConfigError when the file cannot be read, ConfigFileError with every problem when it is not valid.
 */
export async function loadConfig(options: ConfigOptions): Promise<Config> {
  return parseConfig(await readText(options.file), options);
}

/** As `loadConfig`, from text; `file` is where relative paths start and what messages print. */
export function parseConfig(text: string, options: ConfigOptions): Config {
  const file = isAbsolute(options.file) ? options.file : resolve(options.file);
  const { config, problems } = assembleConfig(text, { file, env: options.env, types: options.types });
  if (config === null) throw new ConfigFileError(options.file, problems);
  return config;
}

/** The process's environment. The only place that reads it. */
export function readEnvironment(): Environment {
  return process.env;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): ConfigError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (code === 'ENOENT')
    return new ConfigError(`Config file ${file}: there is no such file.`, {
      fix: `Copy config/example.yaml to ${file} and edit it, or name another file with --config.`,
      cause: error,
    });
  return new ConfigError(`Config file ${file}: it cannot be read (${code}).`, {
    fix: 'Name a file that this user may read with --config.',
    cause: error,
  });
}
