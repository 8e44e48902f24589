import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createProgram } from '../../src/cli/program.ts';
import { codeIn, type Page, pageAt, ROOT, readPage, readPages } from './pages.ts';

const Manifest = z.object({ scripts: z.record(z.string(), z.string()) });
const { scripts } = Manifest.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
const START = scripts.start ?? '';

interface Quoted {
  readonly place: string;
  readonly command: string;
}

const STARTS = /^(npm|npx|caseloop|node|sh) /;

/** Commands in shell blocks, one a line and joined by &&, and in inline code. Lines of the log are none. */
function quotedIn(page: Page): Quoted[] {
  const logLines = new Set(page.rows.filter(({ table }) => table === 'line').map(({ line }) => line));
  const inText = page.spans.filter(({ line }) => !logLines.has(line));
  const inBlocks = page.blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text, line }) =>
      text.split('\n').map((one, index) => ({ text: one.replace(/\s+#.*$/, ''), line: line + index })),
    );
  return [...inBlocks, ...inText].flatMap(({ text, line }) =>
    text
      .split('&&')
      .map((one) => one.trim())
      .filter((one) => STARTS.test(one))
      .map((command) => ({ place: `${page.path}:${line}`, command })),
  );
}

/** What is wrong with a command, or null. */
function problemWith(command: string): string | null {
  const [name = '', ...args] = command.split(/\s+/);
  switch (name) {
    case 'npm':
      return problemWithNpm(args);
    case 'npx':
      return problemWith(args.join(' '));
    case 'sh':
      return existsSync(join(ROOT, args[0] ?? '')) ? null : `there is no file ${args[0]}`;
    case 'node':
      return args[0] === 'src/cli/main.ts' ? problemWithArguments(args.slice(1)) : `what is ${args[0]}?`;
    case 'caseloop':
      return problemWithArguments(args);
    default:
      return `what is ${name}?`;
  }
}

function problemWithNpm([verb = '', ...rest]: string[]): string | null {
  if (verb === 'ci' && rest.length === 0) return null;
  const script = verb === 'run' ? (rest.shift() ?? '') : verb;
  if (verb !== 'run' && !['start', 'test'].includes(verb)) return `npm has no short form for ${verb}`;
  const body = scripts[script];
  if (body === undefined) return `package.json has no script "${script}"`;
  if (rest.length === 0) return null;
  if (rest.shift() !== '--') return 'arguments for a script stand after --';
  return body === START ? problemWithArguments(['demo', ...rest]) : `"${script}" takes no arguments here`;
}

/** Parses as the program does, and does nothing. */
function problemWithArguments(args: readonly string[]): string | null {
  const parser = createProgram();
  for (const command of [parser, ...parser.commands]) {
    command.configureOutput({ writeErr: () => undefined }).action(() => undefined);
  }
  try {
    parser.parse(args, { from: 'user' });
    return null;
  } catch (error) {
    return error instanceof CommanderError ? error.message : String(error);
  }
}

describe('commands that the docs quote', () => {
  const quoted = readPages().flatMap(quotedIn);

  it('are found', () => {
    const commands = quoted.map(({ command }) => command);
    expect(commands).toEqual(
      expect.arrayContaining(['npm ci', 'npm start -- --once', 'npm test', 'caseloop provision --apply']),
    );
  });

  it.each(quoted)('$place $command', ({ command }) => {
    expect(problemWith(command)).toBeNull();
  });

  it.each([
    'npm run deploy',
    'npm start --once',
    'npm start -- --twice',
    'npm install',
    'caseloop dashboard',
    'caseloop start --role boss',
    'caseloop check --config',
    'caseloop explain zendesk-eu 1 2',
    'node src/main.ts check',
    'sh scripts/nowhere.sh',
  ])('"%s" would be noticed', (command) => {
    const [{ command: found } = { command: '' }] = quotedIn(readPage('x.md', `\`${command}\``));
    expect(problemWith(found)).not.toBeNull();
  });
});

describe('the table of commands in README.md', () => {
  const rows = pageAt('README.md').rows.filter(({ table }) => table === 'command');
  const visible = createProgram().commands.filter((one) => !(one as Command & { _hidden: boolean })._hidden);

  it('names every command and no other', () => {
    const named = rows.map(({ cells }) => codeIn(cells[0]).split(' ')[1]);
    expect(named.sort()).toEqual(visible.map((one) => one.name()).sort());
  });

  it('shows the arguments and the options that must be given', () => {
    for (const { cells } of rows) {
      const [, name, ...shown] = codeIn(cells[0]).split(' ');
      const command = visible.find((one) => one.name() === name);
      const taken = command?.registeredArguments ?? [];
      const options = command?.options.filter(({ mandatory }) => mandatory) ?? [];
      expect(shown).toEqual([
        ...taken.map((one) => (one.required ? one.name().toUpperCase() : `[${one.name().toUpperCase()}]`)),
        // `--to <address>` is shown as `--to ADDRESS`.
        ...options.flatMap(({ flags }) =>
          flags.replace(/<(.*)>/, (_, value: string) => value.toUpperCase()).split(' '),
        ),
      ]);
    }
  });
});
