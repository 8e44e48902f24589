import { readFile, writeFile } from 'node:fs/promises';
import { Presets, SingleBar } from 'cli-progress';
import { codeOf } from '../error-facts.ts';
import { ConfigError } from '../errors.ts';
import { type CommonOptions, commandLog, loadForCommand, print, printJson } from './load.ts';
import { EXIT } from './program.ts';
import { type Reach, reach } from './reach.ts';
import { count } from './show.ts';
import {
  type AddResult,
  LINES_PER_CALL,
  type ListedPerson,
  type RemoveResult,
} from './suppression-commands.ts';
import { HEAD, type LineProblem, parseSuppressions, whoProblem, writeLine } from './suppression-file.ts';

const ACTIONS = ['list', 'add', 'remove', 'import', 'export'] as const;

type Action = (typeof ACTIONS)[number];

/** `caseloop suppressions`: who wants no surveys. 1 when an import left lines out. */
export async function suppressions(
  action: string,
  value: string | null,
  options: CommonOptions,
): Promise<number> {
  if (!isAction(action)) {
    const fix = `Use one of ${ACTIONS.join(', ')}.`;
    throw new ConfigError(`suppressions ${action}: there is no such action.`, { fix });
  }
  const config = await loadForCommand(options);
  // What is wrong with the arguments is said before the store is opened.
  const run = await prepare(action, value, options.json === true);
  const reached = await reach(config, commandLog());
  try {
    return await run(reached);
  } finally {
    await reached.close();
  }
}

function isAction(word: string): word is Action {
  return (ACTIONS as readonly string[]).includes(word);
}

async function prepare(
  action: Action,
  value: string | null,
  isJson: boolean,
): Promise<(reached: Reach) => Promise<number>> {
  switch (action) {
    case 'list':
      if (value !== null) throw usage(action, 'it takes nothing more', 'Leave the rest out.');
      return (reached) => list(reached, isJson);
    case 'export':
      return (reached) => exportTo(reached, value);
    case 'import': {
      const text = await readList(value ?? missing(action, 'a file'));
      return (reached) => importFrom(reached, text, isJson);
    }
    default: {
      const who = value ?? missing(action, 'a mail address');
      const problem = whoProblem(who);
      if (problem !== null) throw usage(action, problem, 'Write one address, such as ann@customer.example.');
      return (reached) => (action === 'add' ? add(reached, who, isJson) : remove(reached, who, isJson));
    }
  }
}

function missing(action: Action, what: string): never {
  throw usage(action, `${what} is missing`, 'Run `caseloop suppressions --help` to see what it takes.');
}

function usage(action: Action, message: string, fix: string): ConfigError {
  return new ConfigError(`suppressions ${action}: ${message}.`, { fix });
}

async function readList(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw usage('import', `${file} cannot be read (${codeOf(error)})`, 'Name a CSV file that you may read.');
  });
}

async function list(reached: Reach, isJson: boolean): Promise<number> {
  const { people } = (await reached.call('suppressions', { isExport: false }, (page) => {
    for (const one of page as readonly ListedPerson[]) {
      if (isJson) printJson(one);
      else print(`${one.since.slice(0, 10)}  ${one.source}  ${one.who}`);
    }
  })) as { people: number };
  if (!isJson) print(people === 0 ? 'Nobody is on the list.' : `${people} on the list.`);
  return EXIT.ok;
}

async function add(reached: Reach, who: string, isJson: boolean): Promise<number> {
  const lines = [{ line: 1, who, since: null, source: null }];
  const result = (await reached.call('suppress', { lines, source: 'admin' })) as AddResult;
  const [problem] = result.problems;
  if (problem !== undefined) throw usage('add', problem.problem, 'Write the address.');
  if (isJson) printJson(result);
  else if (result.added === 0) print('Was on the list already.');
  else print('Added. No more surveys go there, over all connectors.');
  return EXIT.ok;
}

async function remove(reached: Reach, who: string, isJson: boolean): Promise<number> {
  const result = (await reached.call('unsuppress', { who })) as RemoveResult;
  if (isJson) printJson(result);
  else print(result.removed ? 'Removed. Surveys may go there again.' : 'Was not on the list.');
  return EXIT.ok;
}

async function importFrom(reached: Reach, text: string, isJson: boolean): Promise<number> {
  const { lines, problems } = parseSuppressions(text);
  const all: LineProblem[] = [...problems];
  let [added, known] = [0, 0];
  const bar =
    process.stderr.isTTY && !isJson
      ? new SingleBar(
          { format: '[{bar}] {percentage}%  {value} of {total}', hideCursor: true },
          Presets.shades_classic,
        )
      : null;
  bar?.start(lines.length, 0);
  try {
    for (let from = 0; from < lines.length; from += LINES_PER_CALL) {
      const part = lines.slice(from, from + LINES_PER_CALL);
      const result = (await reached.call('suppress', { lines: part, source: 'import' })) as AddResult;
      added += result.added;
      known += result.known;
      all.push(...result.problems);
      bar?.update(from + part.length);
    }
  } finally {
    bar?.stop();
  }
  all.sort((one, other) => one.line - other.line);
  for (const problem of all) {
    if (isJson) printJson(problem);
    else process.stderr.write(`line ${problem.line}: ${problem.problem}\n`);
  }
  if (isJson) printJson({ added, known, problems: all.length });
  else print(`${added} added, ${known} on the list already, ${count(all.length, 'line')} left out.`);
  return all.length === 0 ? EXIT.ok : EXIT.failed;
}

async function exportTo(reached: Reach, file: string | null): Promise<number> {
  const lines = [HEAD];
  const { people } = (await reached.call('suppressions', { isExport: true }, (page) => {
    lines.push(...(page as readonly ListedPerson[]).map(writeLine));
  })) as { people: number };
  const text = `${lines.join('\n')}\n`;
  if (file === null) {
    process.stdout.write(text);
    return EXIT.ok;
  }
  await writeFile(file, text, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    throw usage(
      'export',
      `${file} cannot be written (${codeOf(error)})`,
      'Name a file that does not exist yet.',
    );
  });
  print(`${people} written to ${file}.`);
  return EXIT.ok;
}
