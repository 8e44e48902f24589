/** Where a key stands: names of maps and positions in lists, from the top of the file. */
export type KeyPath = readonly (string | number)[];

/** One thing that is wrong in a config file. Lines and columns start at 1. Holds no secrets. */
export interface ConfigProblem {
  readonly line: number;
  readonly column: number;
  /** Dotted, as `connectors.zendesk-eu.pollEvery` or `surveys.support.when.brand[0]`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong, to be read after the path. */
  readonly message: string;
  /** What stands there, shortened; `[secret]` for values from variables and at secret keys. */
  readonly value: string;
  readonly allowed: string;
  /** What to do, an imperative sentence. */
  readonly fix: string;
}

/** Something an admin should read in a valid file. Holds no secrets. */
export interface ConfigWarning {
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
}

/** A problem before its place and value are looked up in the source. */
export interface ProblemDraft {
  readonly path: KeyPath;
  readonly message: string;
  readonly allowed: string;
  readonly fix: string;
  /** Shown in place of what stands there: text where a map belongs may be anything, a password too. */
  readonly value?: string;
  /** Point at the key rather than its value: the key itself is wrong. */
  readonly atKey?: boolean;
}

export function writePath(path: KeyPath): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}

/** Every problem for a person to read, in the file's order, under one heading. */
export function describeProblems(file: string, problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return [
    `${count} in ${file}. Nothing was started.`,
    ...problems.map((problem) => describe(file, problem)),
  ].join('\n\n');
}

function describe(file: string, problem: ConfigProblem): string {
  const path = problem.path === '' ? 'the file' : problem.path;
  return [
    `${file}:${problem.line}:${problem.column}  ${path}: ${problem.message}`,
    `  value    ${problem.value}`,
    `  allowed  ${problem.allowed}`,
    `  fix      ${problem.fix}`,
  ].join('\n');
}
