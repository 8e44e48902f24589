import { z } from 'zod';
import type { App } from '../app.ts';
import { printOf } from '../config/print.ts';
import type { Finding, ProvisionStep } from '../connector.ts';
import { CaseloopError } from '../errors.ts';
import type { Explanation } from '../explain.ts';
import type { DoorCommand } from '../store/door-protocol.ts';
import { DigestArgs, findingsOnDigest, makeDigest } from './digest-commands.ts';
import { RuleArgs, ruleOnHeld } from './quarantine-commands.ts';
import { answerReport, ReportArgs } from './report-command.ts';
import {
  AddArgs,
  ListArgs,
  listSuppressions,
  RemoveArgs,
  suppress,
  unsuppress,
} from './suppression-commands.ts';
import { changeUsers, UserArgs } from './user-commands.ts';

/**
 * What a command does, apart from how it is shown. Whoever owns the database runs it: the command's own process, or the
 * server that it reached through the door. Arguments, events and results are plain JSON.
 */
const commands = {
  explain: command(
    z.strictObject({ connector: z.string(), case: z.string() }),
    (app, args): Promise<Explanation> => app.explain(args.connector, args.case),
  ),

  check: command(z.strictObject({}), async (app, _args, emit): Promise<CheckResult> => {
    const findings: PlacedFinding[] = [];
    const found = (place: string, finding: Finding): void => {
      findings.push({ place, ...finding });
      emit({ place, ...finding });
    };
    for (const name of app.config.connectors.keys()) {
      try {
        const account = await app.checkConnector(name);
        found(name, { what: 'account', level: 'ok', detail: account.name, fix: null });
        for (const finding of account.findings) found(name, finding);
      } catch (error) {
        found(name, failed('connection', error));
      }
    }
    try {
      await app.checkMail();
      found('mail', {
        what: 'relay',
        level: 'ok',
        detail: app.config.mail.url === null ? 'mails are written to the outbox folder' : 'the relay answers',
        fix: null,
      });
    } catch (error) {
      found('mail', failed('relay', error));
    }
    if (app.config.mail.mailbox !== null) {
      try {
        await app.checkMailbox();
        found('mail', { what: 'mailbox', level: 'ok', detail: 'bounces and replies can be read', fix: null });
      } catch (error) {
        found('mail', failed('mailbox', error));
      }
    }
    for (const name of app.config.webhooks.keys()) {
      for (const finding of await app.checkWebhook(name)) found(`webhooks.${name}`, finding);
    }
    for (const finding of await findingsOnDigest(app)) found('digest', finding);
    return { findings };
  }),

  provision: command(
    z.strictObject({ connector: z.string().nullable(), mode: z.enum(['plan', 'apply']) }),
    async (app, args, emit): Promise<ProvisionResult> => {
      const connectors: ProvisionResult['connectors'][number][] = [];
      for (const name of namesOf(app, args.connector)) {
        const result = { connector: name, mode: args.mode, steps: await app.provision(name, args.mode) };
        connectors.push(result);
        emit(result);
      }
      return { connectors };
    },
  ),

  watch: command(
    z.strictObject({ connector: z.string().nullable() }),
    async (app, args, emit): Promise<WatchResult> => {
      const watches: WatchEvent[] = [];
      for (const name of namesOf(app, args.connector)) {
        let last = notWatched(name);
        try {
          const end = await app.watch(name, (progress) => {
            last = toEvent(name, progress);
            emit(last);
          });
          last = end === null ? { ...last, busy: true } : toEvent(name, end);
        } catch (error) {
          // The others are watched all the same; where only this one was asked for, it is what the command came to.
          if (args.connector !== null || !(error instanceof CaseloopError)) throw error;
          last = { ...last, error: { message: error.message, fix: error.fix } };
          emit(last);
        }
        watches.push(last);
      }
      return { watches };
    },
  ),

  suppress: command(AddArgs, suppress),

  unsuppress: command(RemoveArgs, unsuppress),

  suppressions: command(ListArgs, listSuppressions),

  quarantine: command(RuleArgs, ruleOnHeld),

  report: command(ReportArgs, answerReport),

  survey: command(
    z.strictObject({
      action: z.enum(['send', 'hold', 'release', 'resend']),
      connector: z.string(),
      case: z.string(),
      again: z.boolean(),
    }),
    async (app, args) => ({ detail: await app.surveyByHand(args) }),
  ),

  users: command(UserArgs, changeUsers),

  digest: command(DigestArgs, makeDigest),

  config: command(z.strictObject({}), async (app): Promise<ConfigResult> => ({ print: printOf(app.config) })),
} as const;

export type CommandName = keyof typeof commands;

export interface PlacedFinding extends Finding {
  /** The connector's name, or `config`, `mail`, `brands.NAME` or `webhooks.NAME`. */
  readonly place: string;
}

export interface CheckResult {
  readonly findings: readonly PlacedFinding[];
}

export interface ProvisionResult {
  readonly connectors: readonly {
    readonly connector: string;
    readonly mode: 'plan' | 'apply';
    readonly steps: readonly ProvisionStep[];
  }[];
}

export interface WatchEvent {
  readonly connector: string;
  readonly pages: number;
  readonly cases: number;
  readonly closures: number;
  readonly asks: number;
  readonly cancelled: number;
  readonly from: string | null;
  readonly reachedAt: string | null;
  readonly done: boolean;
  /** Another process was watching at that moment. */
  readonly busy: boolean;
  /** What ended it before it was done; what was read before that is kept. */
  readonly error: { readonly message: string; readonly fix: string | null } | null;
}

export interface WatchResult {
  readonly watches: readonly WatchEvent[];
}

/** What the one who does the work runs with: see `printOf`. */
export interface ConfigResult {
  readonly print: string;
}

/** The commands of one running app, by name, for its own process and for those that come through the door. */
export function commandsOf(app: App): Readonly<Record<CommandName, DoorCommand>> {
  return {
    explain: (args, { emit }) => commands.explain.run(app, args, emit),
    check: (args, { emit }) => commands.check.run(app, args, emit),
    provision: (args, { emit }) => commands.provision.run(app, args, emit),
    quarantine: (args, { emit }) => commands.quarantine.run(app, args, emit),
    report: (args, { emit }) => commands.report.run(app, args, emit),
    watch: (args, { emit }) => commands.watch.run(app, args, emit),
    suppress: (args, { emit }) => commands.suppress.run(app, args, emit),
    unsuppress: (args, { emit }) => commands.unsuppress.run(app, args, emit),
    suppressions: (args, { emit }) => commands.suppressions.run(app, args, emit),
    survey: (args, { emit }) => commands.survey.run(app, args, emit),
    users: (args, { emit }) => commands.users.run(app, args, emit),
    digest: (args, { emit }) => commands.digest.run(app, args, emit),
    config: (args, { emit }) => commands.config.run(app, args, emit),
  };
}

function command<A, R>(
  Args: z.ZodType<A>,
  run: (app: App, args: A, emit: (event: unknown) => void) => Promise<R>,
) {
  return {
    run: (app: App, args: unknown, emit: (event: unknown) => void) => run(app, Args.parse(args), emit),
  };
}

function namesOf(app: App, only: string | null): readonly string[] {
  return only === null ? [...app.config.connectors.keys()] : [only];
}

type WatchProgress = NonNullable<Awaited<ReturnType<App['watch']>>>;

function notWatched(connector: string): WatchEvent {
  const nothing = { pages: 0, cases: 0, closures: 0, asks: 0, cancelled: 0 };
  return { connector, ...nothing, from: null, reachedAt: null, done: false, busy: false, error: null };
}

function toEvent(connector: string, progress: WatchProgress): WatchEvent {
  return {
    ...notWatched(connector),
    ...progress,
    from: progress.from?.toISOString() ?? null,
    reachedAt: progress.reachedAt?.toISOString() ?? null,
  };
}

function failed(what: string, error: unknown): Finding {
  if (!(error instanceof CaseloopError)) throw error;
  return { what, level: 'error', detail: error.message, fix: error.fix };
}
