import { PLAIN_BRAND } from '../domain/brand.ts';
import { SURFACES, type Tones, tonesOf } from '../tones.ts';
import { type MailRules, mailStyle } from './dark-rules.ts';
import type { BigFigure, Block, DigestLink, PictureBlock, Quote, Table } from './digest-blocks.ts';
import { linesOf } from './digest-text.ts';
import { renderMjml } from './mjml.ts';
import { makeTemplate, place } from './template.ts';

/** The width of the card's inside in CSS pixels, where there is room for it. */
const PICTURE_WIDTH = 560;

/** HTML of a digest's parts that keeps its shape in mail clients, light and dark, and tells everything without its pictures. */
export async function digestHtml(title: string, preview: string, blocks: readonly Block[]): Promise<string> {
  const put = collectValues();
  const source = sourceOf({ title, preview, blocks }, put.say);
  return makeTemplate(await renderMjml(source), {})(put.values);
}

/** Puts a text in its place. What others wrote never stands in the source, so none of it can be taken for markup. */
type Say = (text: string) => string;

function collectValues(): { say: Say; values: Readonly<Record<string, string>> } {
  const values: Record<string, string> = {};
  let count = 0;
  return {
    values,
    say(text) {
      count += 1;
      values[`v${count}`] = text;
      return place(`v${count}`);
    },
  };
}

const FONT = '-apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif';
const INK = '#1c2026';
const SOFT = '#565e69';
const LINE = '#dfe3e8';
const SIDE = '20px';
// Inboxes show what follows the preview text unless something invisible does.
const FILLER = '\u034f\u00a0'.repeat(40);

function sourceOf(
  { title, preview, blocks }: { title: string; preview: string; blocks: readonly Block[] },
  say: Say,
): string {
  const tones = tonesOf(PLAIN_BRAND.colour);
  return `<mjml lang="en">
<mj-head>
<mj-title>${say(title)}</mj-title>
<mj-preview>${say(preview)}${FILLER}</mj-preview>
<mj-attributes><mj-all font-family="${FONT}" /><mj-text font-size="15px" line-height="22px" color="${INK}" /></mj-attributes>
<mj-raw><meta name="color-scheme" content="light dark" /><meta name="supported-color-schemes" content="light dark" /></mj-raw>
<mj-style>${styleOf(tones)}</mj-style>
</mj-head>
<mj-body width="616px" background-color="${SURFACES.light.page}" css-class="page">
<mj-wrapper padding="16px 8px 24px">
<mj-section css-class="card" padding="24px 0 16px" background-color="${SURFACES.light.card}" border="1px solid #d8dbe0" border-radius="10px">
<mj-column>
${text('soft', `0 ${SIDE} 2px`, 'Weekly digest', SOFT_TEXT)}
${text('text', `0 ${SIDE} 12px`, `<h1 style="margin:0;font-size:21px;line-height:28px;font-weight:bold;">${say(title)}</h1>`)}
${blocks.map((block) => blockOf(block, say, tones)).join('\n')}
</mj-column>
</mj-section>
</mj-wrapper>
</mj-body>
</mjml>`;
}

const SOFT_TEXT = `font-size="13px" line-height="19px" color="${SOFT}"`;

function text(css: string, padding: string, content: string, more = ''): string {
  return `<mj-text css-class="${css}" padding="${padding}" ${more}>${content}</mj-text>`;
}

function blockOf(block: Block, say: Say, tones: Tones): string {
  switch (block.kind) {
    case 'heading':
      return text(
        'text',
        `22px ${SIDE} 6px`,
        `<h2 style="margin:0;font-size:16px;line-height:22px;font-weight:bold;">${say(block.text)}</h2>`,
      );
    case 'figures':
      return figures(block.figures, say);
    case 'text':
      return text('text', `4px ${SIDE}`, say(block.text));
    case 'note':
      return text('soft', `4px ${SIDE}`, say(block.text), SOFT_TEXT);
    case 'table':
      return table(block, say, tones);
    case 'picture':
      return picture(block, say);
    case 'quote':
      return quote(block, say, tones);
    case 'links':
      return text(
        'text',
        `16px ${SIDE} 12px`,
        block.links.map((one) => link(one, say, tones)).join('<br />'),
      );
  }
}

/** Side by side, and each stays with what it stands on. */
function figures(all: readonly BigFigure[], say: Say): string {
  const cells = all.map(
    ({ label, value, detail }) =>
      `<td class="soft" width="33%" valign="top" style="padding:0 8px 0 0;font-size:13px;line-height:19px;color:${SOFT};">${say(label)}<br /><span class="strong big" style="font-size:26px;line-height:34px;font-weight:bold;color:${INK};">${say(value)}</span><br />${say(detail)}</td>`,
  );
  return `<mj-table padding="4px ${SIDE} 12px" table-layout="fixed" role="presentation"><tr>${cells.join('')}</tr></mj-table>`;
}

function table({ head, rows }: Table, say: Say, tones: Tones): string {
  const align = (at: number) => (at === 0 ? 'left' : 'right');
  const edge = `border-bottom:1px solid ${LINE};padding:5px 0 5px 8px;`;
  const first = (at: number) => (at === 0 ? 'padding-left:0;min-width:84px;' : '');
  const heads = head.map(
    (name, at) =>
      `<th class="soft line" scope="col" align="${align(at)}" style="${edge}${first(at)}font-size:13px;font-weight:normal;color:${SOFT};text-align:${align(at)};white-space:nowrap;">${say(name)}</th>`,
  );
  const body = rows.map(({ cells, href }) => {
    const own = cells.map((cell, at) => {
      const words = at === 0 && href !== null ? link({ text: cell, href }, say, tones) : unbroken(cell, say);
      const tag = at === 0 ? 'th' : 'td';
      const scope = at === 0 ? ' scope="row"' : '';
      return `<${tag} class="ink line"${scope} align="${align(at)}" style="${edge}${first(at)}font-weight:normal;color:${INK};text-align:${align(at)};">${words}</${tag}>`;
    });
    return `<tr>${own.join('')}</tr>`;
  });
  return `<mj-table padding="4px ${SIDE} 8px" font-size="14px" line-height="20px" color="${INK}"><thead><tr>${heads.join('')}</tr></thead><tbody>${body.join('')}</tbody></mj-table>`;
}

/** A figure stays on one line; its interval may go on the next. */
function unbroken(cell: string, say: Say): string {
  return cell
    .split(/ (?=\()/)
    .map((part) =>
      part.startsWith('(') ? say(part) : `<span style="white-space:nowrap;">${say(part)}</span>`,
    )
    .join(' ');
}

function picture({ cid, alt }: PictureBlock, say: Say): string {
  return `<mj-image css-class="picture" padding="4px ${SIDE} 8px" width="${PICTURE_WIDTH}px" src="cid:${cid}" alt="${say(alt)}" font-size="13px" border-radius="6px" />`;
}

function quote({ title, detail, comment, link: to }: Quote, say: Say, tones: Tones): string {
  const words =
    comment === null
      ? ''
      : `<div class="strong" style="margin:4px 0 0;padding:0 0 0 10px;border-left:3px solid ${LINE};color:${INK};">${linesOf(comment).map(say).join('<br />')}</div>`;
  const about = detail === '' ? '' : `<span class="mute" style="color:${SOFT};">${say(detail)}</span><br />`;
  return text(
    'text',
    `8px ${SIDE} 6px`,
    `<strong>${say(title)}</strong><br />${about}${link(to, say, tones)}${words}`,
  );
}

function link({ text: words, href }: DigestLink, say: Say, tones: Tones): string {
  return `<a class="link" href="${say(href)}" style="color:${tones.link};">${say(words)}</a>`;
}

function styleOf(tones: Tones): string {
  const { page, card } = SURFACES.dark;
  const surfaces: MailRules = [
    ['.page,.page>div', `background-color:${page}!important`],
    ['.card,.card>table', `background:${card}!important`],
    ['.card>table>tbody>tr>td', 'border-color:#3b424c!important'],
    ['.line', 'border-color:#3b424c!important'],
  ];
  const inks: MailRules = [
    ['.text div,.ink,.strong', 'color:#eceef1!important'],
    ['.soft,.soft div,.mute,.picture img', 'color:#b4bac3!important'],
    ['.link', `color:${tones.linkOnDark}!important`],
  ];
  const light = `.picture img{color:${SOFT}}
@media (max-width:480px){.big{font-size:21px!important;line-height:28px!important}}
`;
  return mailStyle(tones, { surfaces, inks, light });
}
