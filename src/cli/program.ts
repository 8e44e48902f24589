import { Command, CommanderError, Option } from 'commander';

/** The exit codes every command keeps to. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Where the config file is looked for when `--config` does not name one. */
export const DEFAULT_CONFIG = 'config/caseloop.yaml';

const configOption = () =>
  new Option('--config <file>', 'the config file').default(DEFAULT_CONFIG).argParser((file: string) => file);
const jsonOption = () => new Option('--json', 'print data for programs instead of text');

function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  throw new CommanderError(
    EXIT.usage,
    'port',
    `--port: ${text} is not a port; use a whole number from 0 to 65535.`,
  );
}

/** Of an option that may be given several times. */
const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

const portOption = (about: string) => new Option('--port <n>', about).argParser(port);

/**
 * Every command with its options and an example; `process.exitCode` is what the command returns. A command's code is loaded
 * when it runs, so that help and usage errors come at once.
 */
export function createProgram(): Command {
  const program = new Command('caseloop')
    .description(
      'Closes the loop on every closed support case: survey, score on the case record, follow-up task.',
    )
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
    .showHelpAfterError('Run it with --help to see what it takes.');

  const add = (name: string, about: string, example: string) =>
    program.command(name).description(about).addHelpText('after', `\nExample:\n  ${example}`);

  add('start', 'run the server: web, workers, schedules', 'caseloop start --config config/caseloop.yaml')
    .addOption(configOption())
    .addOption(
      new Option('--role <role>', 'what this process does').choices(['all', 'web', 'worker']).default('all'),
    )
    .addOption(portOption('listen here instead of on server.port'))
    .action(async (options) => {
      const { start } = await import('./start.ts');
      setExit(await start(options));
    });

  add('demo', 'see the whole loop against simulated CRMs; needs no account', 'caseloop demo --once')
    .addOption(new Option('--once', 'play every case to its end, print what happened, and stop'))
    .addOption(jsonOption())
    .addOption(portOption('the port of the first page; 0 picks free ones').default(7878))
    .action(async (options) => {
      const { demo } = await import('./demo.ts');
      setExit(await demo(options));
    });

  add(
    'check',
    'look at config, credentials, scopes, fields and mail; change nothing',
    'caseloop check --offline',
  )
    .addOption(configOption())
    .addOption(new Option('--offline', 'look at the config file only'))
    .addOption(jsonOption())
    .action(async (options) => {
      const { check } = await import('./check.ts');
      setExit(await check(options));
    });

  add(
    'provision',
    'show or make what the CRM is missing: fields, webhook, view',
    'caseloop provision zendesk-eu --apply',
  )
    .argument('[connector]', 'only this one')
    .addOption(configOption())
    .addOption(new Option('--apply', 'make it so; without it, only show'))
    .addOption(jsonOption())
    .action(async (connector, options) => {
      const { provision } = await import('./provision.ts');
      setExit(await provision(connector ?? null, options));
    });

  add('watch', 'read what changed since the last watch, now', 'caseloop watch zendesk-eu')
    .argument('[connector]', 'only this one')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (connector, options) => {
      const { watch } = await import('./watch.ts');
      setExit(await watch(connector ?? null, options));
    });

  add('explain', 'tell what happened to a case and why', 'caseloop explain zendesk-eu 4711')
    .argument('<connector>', 'its name in the config file')
    .argument('<case>', 'the id or number of the case')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (connector, caseNumber, options) => {
      const { explain } = await import('./explain.ts');
      setExit(await explain(connector, caseNumber, options));
    });

  add(
    'report',
    'print the figures of a period: score, interval, response rate, trend, slices, flags',
    'caseloop report --from 2026-11-01 --to 2026-11-30 --by team --filter channel=email',
  )
    .option('--from <day>', 'first day, YYYY-MM-DD; without it, 30 days up to the last one')
    .option('--to <day>', 'last day; without it, today in the zone of the report')
    .addOption(
      new Option('--by <dimension>', 'a table by agent, team, channel ...; may be given several times')
        .default([], 'none')
        .argParser(collect),
    )
    .addOption(
      new Option('--filter <dimension=value>', 'only such closings, as in team=Billing; several times, too')
        .default([], 'none')
        .argParser(collect),
    )
    .option('--metric <name>', 'the metric of a survey; without it, the one that was asked with last')
    .addOption(new Option('--step <length>', 'of the trend').choices(['day', 'week', 'month']))
    .addOption(
      new Option('--format <format>', 'how it is printed').choices(['table', 'json', 'csv']).default('table'),
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options) => {
      const { report } = await import('./report.ts');
      setExit(await report(options));
    });

  add(
    'suppressions',
    'see, change, import or export the list of those who want no surveys',
    'caseloop suppressions import unsubscribed.csv',
  )
    .argument('[action]', 'list, add, remove, import or export', 'list')
    .argument('[value]', 'the address to add or remove, the CSV file to import or to write')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (action, value, options) => {
      const { suppressions } = await import('./suppressions.ts');
      setExit(await suppressions(action, value ?? null, options));
    });

  add('preview', 'see every mail and page in a browser; sends and stores nothing', 'caseloop preview')
    .addOption(configOption())
    .addOption(portOption('the port of the page; 0 picks a free one').default(7879))
    .action(async (options) => {
      const { preview } = await import('./preview.ts');
      setExit(await preview(options));
    });

  add(
    'send-test',
    'send one marked mail through your relay; asks nobody',
    'caseloop send-test --to you@acme.example --locale de',
  )
    .requiredOption('--to <address>', 'who gets it')
    .option('--survey <name>', 'a survey of the config file; without it, the first one')
    .option('--brand <key>', 'a brand of the config file; without it, the one for all other cases')
    .option('--locale <tag>', "the customer's language; without it, the brand's")
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options) => {
      const { sendTest } = await import('./send-test.ts');
      setExit(await sendTest(options));
    });

  add(
    'quarantine',
    'see which taps were held as machine-made, and overrule that',
    'caseloop quarantine accept 17',
  )
    .argument('[action]', 'accept: it was a person; dismiss: it was a machine; list: only look', 'list')
    .argument('[id]', 'which one')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (action, id, options) => {
      const { quarantine } = await import('./quarantine.ts');
      setExit(await quarantine(action, id ?? null, options));
    });

  add(
    'survey',
    'send the survey of a case by hand, hold it, or send it again',
    'caseloop survey send zendesk-eu 4711',
  )
    .argument('<action>', 'send, hold, release or resend')
    .argument('<connector>', 'a connector of the config file')
    .argument('<case>', 'id or number of the case')
    .addOption(configOption())
    .addOption(new Option('--again', 'also where the customer was asked or has answered before'))
    .addOption(jsonOption())
    .action(async (action, connector, caseId, options) => {
      const { survey } = await import('./survey.ts');
      setExit(await survey({ action, connector, case: caseId }, options));
    });

  add(
    'users',
    'who may sign in to the dashboard; list, invite, role, agents, disable or enable',
    'caseloop users invite ann@acme.example --role admin',
  )
    .argument('[action]', 'list, invite, role, agents, disable or enable', 'list')
    .argument(
      '[who...]',
      'the mail address; for role the role after it, for agents keys such as zendesk-eu/361',
    )
    .addOption(configOption())
    .addOption(new Option('--role <role>', 'the role of somebody new: agent, lead or admin'))
    .addOption(jsonOption())
    .action(async (action, values, options) => {
      const { users } = await import('./users.ts');
      setExit(await users(action, values, options));
    });

  add(
    'digest',
    'show the digest of the last week, or send it to one address now',
    'caseloop digest --team Billing --to lead@acme.example',
  )
    .option('--team <name>', 'a team as the CRM names it; without it, all of them together')
    .option('--to <address>', 'who gets it; without it, it is only shown')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options) => {
      const { digest } = await import('./digest.ts');
      setExit(await digest(options));
    });

  program
    .command('schema', { hidden: true })
    .description('write config/schema.json anew')
    .action(async () => {
      const { schema } = await import('./schema-command.ts');
      setExit(await schema());
    });
  return program;
}

function setExit(code: number): void {
  process.exitCode = code;
}
