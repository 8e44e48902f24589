import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  isCallExpression,
  isClassDeclaration,
  isEnumDeclaration,
  isExportAssignment,
  isExportDeclaration,
  isExportSpecifier,
  isIdentifier,
  isImportDeclaration,
  isInterfaceDeclaration,
  isMethodSignatureDeclaration,
  isNamedImports,
  isNewExpression,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isPropertySignatureDeclaration,
  isStringLiteral,
  isTemplateExpression,
  isTemplateHead,
  isTemplateMiddle,
  isTemplateTail,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What the rules look at in one TypeScript file. Lines count from 1. */
export interface Source {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly lineCount: number;
  readonly imports: readonly Import[];
  /** Identifiers and literal texts, so that comments do not count. */
  readonly words: readonly { readonly text: string; readonly line: number }[];
  readonly defaultExports: readonly number[];
  readonly enums: readonly number[];
  /** Where `process.env` is read. */
  readonly environmentReads: readonly number[];
  readonly calls: readonly Call[];
  /** Literal texts of object properties by their names, in order: `{ rule: 'spam' }`. */
  readonly properties: Readonly<Record<string, readonly string[]>>;
  /** Members of interfaces by the interface's name. */
  readonly interfaces: Readonly<Record<string, readonly Member[]>>;
  readonly classes: readonly string[];
}

interface Member {
  readonly name: string;
  readonly isOptional: boolean;
}

/** `work.log.warn({ id }, 'gone')` or `new Date()`. */
interface Call {
  /** The text of what is called: `work.log.warn`, `new Date`. */
  readonly callee: string;
  readonly argumentCount: number;
  /** String literals in the arguments, at any depth. */
  readonly texts: readonly string[];
  /** The last argument, when it is a text; of a template what stands before its first value. */
  readonly message: string | null;
  readonly line: number;
}

export interface Import {
  /** A path from the root for our own files, else the specifier: `node:crypto`, `kysely`. */
  readonly target: string;
  readonly line: number;
}

/** Parses the TypeScript files of the tree. Nothing is type-checked and nothing is run. */
export async function readSourceTree(): Promise<readonly Source[]> {
  const texts: Record<string, string> = {};
  for await (const path of glob('{src,jobs,connectors}/**/*.ts', { cwd: ROOT })) {
    texts[path.replaceAll('\\', '/')] = readFileSync(join(ROOT, path), 'utf8');
  }
  return parseSources(texts);
}

/** Parses files given as text by path, with the compiler that is installed. */
export function parseSources(texts: Readonly<Record<string, string>>): readonly Source[] {
  const paths = Object.keys(texts).sort();
  const files = Object.fromEntries(paths.map((path) => [`/tree/${path}`, texts[path] ?? '']));
  const compilerOptions = { noLib: true, noResolve: true, types: [], module: 'nodenext' };
  files['/tree/tsconfig.json'] = JSON.stringify({ compilerOptions, files: paths });
  const api = new API({ cwd: '/tree', fs: createVirtualFileSystem(files) });
  const snapshot = api.updateSnapshot({ openProjects: ['/tree/tsconfig.json'] });
  try {
    const [project] = snapshot.getProjects();
    return paths.map((path) => {
      const file = project?.program.getSourceFile(`/tree/${path}`);
      if (file === undefined) throw new Error(`The compiler did not read ${path}.`);
      return describeSource(path, file);
    });
  } finally {
    snapshot.dispose();
    api.close();
  }
}

function describeSource(path: string, file: SourceFile): Source {
  const lines = linesOf(file.text);
  const lineOf = (node: Node): number => lines(node.getStart(file));
  const imports: Import[] = [];
  const words: { text: string; line: number }[] = [];
  const defaultExports: number[] = [];
  const enums: number[] = [];
  const environmentReads: number[] = [];
  const calls: Call[] = [];
  const properties: Record<string, string[]> = {};
  const interfaces: Record<string, Member[]> = {};
  const classes: string[] = [];
  const imported = (specifier: Node | undefined, node: Node): void => {
    if (specifier !== undefined && isStringLiteral(specifier))
      imports.push({ target: targetOf(path, specifier.text), line: lineOf(node) });
  };

  const visit = (node: Node): void => {
    if (isImportDeclaration(node) || isExportDeclaration(node)) imported(node.moduleSpecifier, node);
    if (isImportDeclaration(node)) {
      const bindings = node.importClause?.namedBindings;
      const takesEnv = (name: string) => ['process', 'node:process'].includes(name);
      if (isStringLiteral(node.moduleSpecifier) && takesEnv(node.moduleSpecifier.text)) {
        const names = bindings !== undefined && isNamedImports(bindings) ? bindings.elements : [];
        if (names.some((one) => (one.propertyName ?? one.name).text === 'env'))
          environmentReads.push(lineOf(node));
      }
    }
    if (isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword)
      imported(node.arguments[0], node);
    if (isCallExpression(node) || isNewExpression(node)) {
      const given = node.arguments ?? [];
      calls.push({
        callee: `${isNewExpression(node) ? 'new ' : ''}${node.expression.getText(file)}`,
        argumentCount: given.length,
        texts: given.flatMap((argument) => textsIn(argument)),
        message: messageOf(given.at(-1)),
        line: lineOf(node),
      });
    }
    // `default:` in a switch is a clause; the keyword as a node of its own is the modifier of an export.
    const isDefault =
      isExportAssignment(node) ||
      node.kind === SyntaxKind.DefaultKeyword ||
      (isExportSpecifier(node) && node.name.text === 'default');
    if (isDefault) defaultExports.push(lineOf(node));
    if (isEnumDeclaration(node)) enums.push(lineOf(node));
    if (isClassDeclaration(node) && node.name !== undefined) classes.push(node.name.text);
    if (isInterfaceDeclaration(node)) interfaces[node.name.text] = node.members.flatMap(memberOf);
    if (isPropertyAssignment(node) && isIdentifier(node.name) && isStringLiteral(node.initializer)) {
      properties[node.name.text] = [...(properties[node.name.text] ?? []), node.initializer.text];
    }
    if (
      isPropertyAccessExpression(node) &&
      node.name.text === 'env' &&
      node.expression.getText(file) === 'process'
    )
      environmentReads.push(lineOf(node));
    const text = wordOf(node);
    if (text !== null) words.push({ text, line: lineOf(node) });
    node.forEachChild(visit);
  };
  visit(file);
  const lineCount = file.text === '' ? 0 : file.text.replace(/\n$/, '').split('\n').length;
  return {
    path,
    lineCount,
    imports,
    words,
    defaultExports,
    enums,
    environmentReads,
    calls,
    properties,
    interfaces,
    classes,
  };
}

function memberOf(node: Node): Member[] {
  if (!isPropertySignatureDeclaration(node) && !isMethodSignatureDeclaration(node)) return [];
  if (!isIdentifier(node.name)) return [];
  return [{ name: node.name.text, isOptional: node.postfixToken?.kind === SyntaxKind.QuestionToken }];
}

function messageOf(argument: Node | undefined): string | null {
  if (argument === undefined || isIdentifier(argument)) return null;
  return isTemplateExpression(argument) ? argument.head.text : wordOf(argument);
}

function targetOf(path: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier;
}

function wordOf(node: Node): string | null {
  if (isIdentifier(node) || isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (isTemplateHead(node) || isTemplateMiddle(node) || isTemplateTail(node)) return node.text;
  return null;
}

function textsIn(node: Node): string[] {
  const text = isIdentifier(node) ? null : wordOf(node);
  const found = text === null ? [] : [text];
  node.forEachChild((child) => {
    found.push(...textsIn(child));
  });
  return found;
}

/** The line of an offset into the text. */
function linesOf(text: string): (offset: number) => number {
  const starts = [0, ...[...text.matchAll(/\n/g)].map((end) => end.index + 1)];
  return (offset) => starts.filter((start) => start <= offset).length;
}
