import type { Block, DigestLink } from './digest-blocks.ts';

/** Plain text of a digest's parts. */
export function digestText(title: string, blocks: readonly Block[]): string {
  return `${[title, ...blocks.map(textOf).filter((text) => text !== '')].join('\n\n')}\n`;
}

function textOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${block.text}\n${'-'.repeat(Array.from(block.text).length)}`;
    case 'figures':
      return block.figures
        .map(({ label, value, detail }) => `${label}: ${value}${detail === '' ? '' : ` (${detail})`}`)
        .join('\n');
    case 'text':
    case 'note':
      return block.text;
    case 'table':
      return [block.head, ...block.rows.map(({ cells }) => cells)].map(lineOf(widthsOf(block))).join('\n');
    case 'picture':
      return block.alt;
    case 'quote':
      return [
        [block.title, block.detail].filter((part) => part !== '').join(' - '),
        ...(block.comment === null ? [] : linesOf(block.comment).map((line) => `> ${line}`.trimEnd())),
        linkText(block.link),
      ].join('\n');
    case 'links':
      return block.links.map(linkText).join('\n');
  }
}

function linkText({ text, href }: DigestLink): string {
  return `${text}: ${href}`;
}

/** What stands on a line of its own; customers' line ends may be any. */
export function linesOf(comment: string): readonly string[] {
  return comment.split(/\r\n|[\r\n\u2028\u2029]/);
}

function widthsOf({ head, rows }: Extract<Block, { kind: 'table' }>): readonly number[] {
  return head.map((_, at) =>
    Math.max(...[head, ...rows.map(({ cells }) => cells)].map((row) => lengthOf(row[at]))),
  );
}

function lineOf(widths: readonly number[]) {
  return (cells: readonly string[]): string =>
    cells
      .map((cell, at) => {
        const gap = ' '.repeat((widths[at] ?? 0) - lengthOf(cell));
        return at === 0 ? `${cell}${gap}` : `${gap}${cell}`;
      })
      .join('  ')
      .trimEnd();
}

function lengthOf(text: string | undefined): number {
  return Array.from(text ?? '').length;
}
