import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { childOf, isEmpty, keysUnder, leavesUnder, pathAt, resolveAlias, twinOf } from './nodes.ts';
import type { ConfigProblem, ConfigWarning, KeyPath, ProblemDraft } from './problem.ts';
import { writePath } from './problem.ts';
import { hideSecrets, isSecretPath, SHOWN, visiblePath } from './secrecy.ts';
import { describeDuplicate, describeSyntaxError, isAboutLines, isAftermath } from './syntax.ts';

/** A text value somewhere in the file. */
export interface TextValue {
  readonly path: KeyPath;
  readonly text: string;
  /** Puts another value in its place; `variables` names the environment variables it came from. */
  replace(value: string, variables: readonly string[]): void;
}

const BAD_REFERENCE: Omit<ProblemDraft, 'path'> = {
  message: 'an alias (*name) stands for nothing, or unfolds without end',
  value: '(not readable)',
  allowed: 'aliases of anchors (&name) further up',
  fix: 'Write the values out, or put a text that starts with * in quotes.',
};

interface Place {
  readonly line: number;
  readonly column: number;
}

const LONGEST_SHOWN = 60;
/** Unset, else it would have been filled: the name alone gives nothing away. */
const LONE_VARIABLE = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;
const URL_WITH_PASSWORD = /:\/\/[^/\s]*@/;

/** A parsed config file that still knows where everything stands, and what may not be shown. */
export class Source {
  /** Syntax errors and duplicate keys. */
  readonly problems: readonly ConfigProblem[];
  /** False when the text is so broken that its values cannot be trusted. */
  readonly readable: boolean;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();
  readonly #variables = new Map<Node, readonly string[]>();

  constructor(text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, stringKeys: true });
    const errors = [...this.#document.errors, ...this.#document.warnings];
    this.readable = errors.every((error) => error.code === 'DUPLICATE_KEY');
    this.problems = errors
      .filter((error, index) => index === 0 || !isAftermath(error))
      .map((error) => this.#syntaxProblem(error, text))
      .filter(isFirstAtItsPlace);
  }

  /** The file as plain values. Throws ReferenceError when aliases are unresolved or expand without measure. */
  toValue(): unknown {
    return this.#document.toJS();
  }

  /** Every text value, keys not included. */
  texts(): TextValue[] {
    return [...leavesUnder(this.#document.contents, [])].flatMap(({ path, node }) => {
      if (!isScalar(node) || typeof node.value !== 'string') return [];
      const replace = (value: string, variables: readonly string[]) => {
        node.value = value;
        if (variables.length > 0) this.#variables.set(node, variables);
      };
      return [{ path, text: node.value, replace }];
    });
  }

  /** True when the file holds no value at all. */
  get isEmpty(): boolean {
    return this.#document.contents === null || isEmpty(this.#document.contents);
  }

  /** Aliases that lead nowhere, to themselves, or that unfold to more than a config file can need. */
  checkReferences(): ProblemDraft[] {
    const dangling = [...leavesUnder(this.#document.contents, [])].filter(
      ({ node }) => resolveAlias(node, this.#document) === null,
    );
    if (dangling.length > 0) return dangling.map(({ path }) => ({ path, ...BAD_REFERENCE }));
    try {
      this.toValue();
      return [];
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      return [{ path: [], ...BAD_REFERENCE }];
    }
  }

  /** Keys that hold a variable: those are filled in values only. */
  keysWith(sign: string): KeyPath[] {
    return [...keysUnder(this.#document.contents, [])].filter((path) => String(path.at(-1)).includes(sign));
  }

  /** The environment variables that the value at this path came from. */
  variablesAt(path: KeyPath): readonly string[] {
    const node = this.#nodeAt(path);
    return node === null ? [] : (this.#variables.get(node) ?? []);
  }

  /** Reads a value that came from a variable the way YAML would: `7878` as a number, `true` as a boolean. */
  retype(path: KeyPath, value: number | boolean): void {
    const node = this.#nodeAt(path);
    if (isScalar(node)) node.value = value;
  }

  problem(draft: ProblemDraft): ConfigProblem {
    const hide = (text: string) => hideSecrets(text, this.#secretTexts());
    return {
      ...this.#placeAt(draft.path, draft.atKey === true),
      path: hide(writePath(visiblePath(draft.path))),
      message: hide(draft.message),
      value:
        draft.value ??
        hide(draft.atKey === true ? JSON.stringify(String(draft.path.at(-1))) : this.#show(draft.path)),
      allowed: hide(draft.allowed),
      fix: hide(draft.fix),
    };
  }

  warning(path: KeyPath, message: string): ConfigWarning {
    return {
      ...this.#placeAt(path, false),
      path: writePath(visiblePath(path)),
      message: hideSecrets(message, this.#secretTexts()),
    };
  }

  /** What must not appear in any message: what variables gave, and what stands at secret keys. */
  #secretTexts(): string[] {
    return [...leavesUnder(this.#document.contents, [])].flatMap(({ path, node }) => {
      if (!isScalar(node) || !(this.#variables.has(node) || isSecretPath(path))) return [];
      const text = String(node.value);
      return LONE_VARIABLE.test(text) ? [] : text;
    });
  }

  #syntaxProblem(error: YAMLError, text: string): ConfigProblem {
    const [offset] = error.pos;
    const path = isAboutLines(error) ? [] : visiblePath(pathAt(this.#document.contents, offset));
    const twin = error.code === 'DUPLICATE_KEY' ? twinOf(this.#document.contents, offset) : null;
    // What is never closed is noticed at the end of the file; it is the value it began with that needs an eye.
    const place = offset >= text.trimEnd().length ? this.#placeAt(path, false) : this.#placeOf(offset);
    return {
      ...place,
      path: writePath(path),
      ...(twin === null
        ? describeSyntaxError(error, text)
        : describeDuplicate(twin.key, this.#placeOf(twin.offset).line)),
    };
  }

  #show(path: KeyPath): string {
    const node = this.#nodeAt(path);
    const variables = this.variablesAt(path);
    if (variables.length > 0) {
      const names = variables.map((name) => `\${${name}}`).join(' and ');
      return `${isScalar(node) && node.value === '' ? '(empty)' : SHOWN}, from ${names}`;
    }
    if (node === null) return '(missing)';
    if (isMap(node)) return node.items.length === 0 ? 'an empty map' : `a map of ${node.items.length}`;
    if (isSeq(node)) return node.items.length === 0 ? 'an empty list' : `a list of ${node.items.length}`;
    if (!isScalar(node) || node.value === null || node.value === '') return '(empty)';
    if (isSecretPath(path))
      return LONE_VARIABLE.test(String(node.value)) ? JSON.stringify(node.value) : SHOWN;
    if (typeof node.value !== 'string') return node.source ?? String(node.value);
    if (URL_WITH_PASSWORD.test(node.value)) return SHOWN;
    const shown = node.value.length > LONGEST_SHOWN ? `${node.value.slice(0, LONGEST_SHOWN)}...` : node.value;
    return JSON.stringify(shown);
  }

  /** The place of a value, or of the nearest key above it that exists. */
  #placeAt(path: KeyPath, atKey: boolean): Place {
    let node: Node | null = this.#document.contents;
    let place = this.#placeOf(node?.range?.[0] ?? 0);
    for (const [index, part] of path.entries()) {
      const found = childOf(resolveAlias(node, this.#document), part);
      if (found === null) break;
      const useKey = found.value === null || isEmpty(found.value) || index < path.length - 1 || atKey;
      const offset = (useKey ? found.key : found.value)?.range?.[0] ?? found.value?.range?.[0];
      if (offset !== undefined) place = this.#placeOf(offset);
      node = found.value;
    }
    return place;
  }

  #placeOf(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  #nodeAt(path: KeyPath): Node | null {
    let node = resolveAlias(this.#document.contents, this.#document);
    for (const part of path) node = resolveAlias(childOf(node, part)?.value ?? null, this.#document);
    return node;
  }
}

/** One slip can be several errors to the YAML reader. */
function isFirstAtItsPlace(problem: ConfigProblem, index: number, all: readonly ConfigProblem[]): boolean {
  return all.findIndex(({ line, column }) => line === problem.line && column === problem.column) === index;
}
