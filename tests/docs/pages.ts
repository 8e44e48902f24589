import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** One page of documentation, in the pieces that tests look at. Lines count from 1. */
export interface Page {
  /** From the root. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Spans of inline code outside blocks. */
  readonly spans: readonly { readonly text: string; readonly line: number }[];
  readonly links: readonly { readonly target: string; readonly line: number }[];
  /** Headings as anchors: `rows-that-wait-for-you`. */
  readonly anchors: ReadonlySet<string>;
  /** Rows of tables, heads and rules left out, by the heading they stand under. */
  readonly rows: readonly Row[];
}

/** A fenced block. */
interface Block {
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

interface Row {
  /** The first cell of the table's head. */
  readonly table: string;
  /** The nearest heading above. */
  readonly heading: string;
  readonly cells: readonly string[];
  readonly line: number;
}

const PAGES = ['*.md', 'docs/**/*.md', 'connectors/*/README.md'];

/** Every page there is. */
export function readPages(): readonly Page[] {
  return globSync(PAGES, { cwd: ROOT })
    .sort()
    .map((path) => readPage(path, readFileSync(join(ROOT, path), 'utf8')));
}

/** The page at that path. */
export function pageAt(path: string): Page {
  return readPage(path, readFileSync(join(ROOT, path), 'utf8'));
}

/** Reads the Markdown that our own pages are written in: fences, inline code, links, headings, tables with outer pipes. */
export function readPage(path: string, text: string): Page {
  const blocks: { language: string; lines: string[]; line: number }[] = [];
  const prose: { text: string; line: number }[] = [];
  let fence: string | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const mark = /^(\s*)```(.*)$/.exec(line);
    if (mark !== null && fence === null) {
      fence = mark[1] ?? '';
      blocks.push({ language: mark[2]?.trim() ?? '', lines: [], line: index + 2 });
    } else if (mark !== null) fence = null;
    else if (fence !== null)
      blocks.at(-1)?.lines.push(line.startsWith(fence) ? line.slice(fence.length) : line);
    else prose.push({ text: line, line: index + 1 });
  }
  if (fence !== null) throw new Error(`${path}: a fence is not closed.`);
  return {
    path,
    text,
    blocks: blocks.map(({ language, lines, line }) => ({ language, text: lines.join('\n'), line })),
    spans: prose.flatMap(({ text: words, line }) =>
      [...words.matchAll(/`([^`]+)`/g)].map(([, span = '']) => ({ text: span, line })),
    ),
    links: prose.flatMap(({ text: words, line }) =>
      [...words.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({
        target,
        line,
      })),
    ),
    anchors: new Set(prose.flatMap(({ text: words }) => anchorOf(words))),
    rows: readRows(prose),
  };
}

/** As the forge that shows the pages makes anchors from headings. */
function anchorOf(line: string): string[] {
  const heading = /^#{1,6} (.+)$/.exec(line)?.[1];
  if (heading === undefined) return [];
  return [
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-'),
  ];
}

function readRows(prose: readonly { text: string; line: number }[]): Row[] {
  const rows: Row[] = [];
  let heading = '';
  let table: string | null = null;
  for (const { text, line } of prose) {
    heading = /^#{1,6} (.+)$/.exec(text)?.[1] ?? heading;
    const cells = /^\|(.*)\|$/
      .exec(text.trim())?.[1]
      ?.split('|')
      .map((cell) => cell.trim());
    if (cells === undefined) table = null;
    else if (table === null) table = cells[0] ?? '';
    else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) rows.push({ table, heading, cells, line });
  }
  return rows;
}

/** The first code span of a cell. */
export function codeIn(cell: string | undefined): string {
  return /`([^`]+)`/.exec(cell ?? '')?.[1] ?? '';
}
