import { withTrap } from '../links.ts';
import { SURFACES, type Tones, tonesOf } from '../tones.ts';
import { type MailRules, mailStyle } from './dark-rules.ts';
import type { InvitationBody, InvitationLook } from './invitation-look.ts';
import { renderMjml } from './mjml.ts';
import { SOFT, scoreFillings, scoreTable } from './score-table.ts';
import { type Fillings, makeTemplate, place } from './template.ts';

/**
 * HTML that keeps its shape in mail clients, made from MJML once; a mail only fills it in. The rating comes first and needs
 * no picture. No colour or size favours an answer.
 */
export async function prepareHtml(look: InvitationLook): Promise<InvitationBody> {
  return makeTemplate(await skeletonOf(sourceOf(look)), knownOf(look));
}

// Languages of one direction share their skeleton. Sources hold nothing but what the config says, so there is an end to them.
const SKELETONS = new Map<string, Promise<string>>();

function skeletonOf(source: string): Promise<string> {
  const found = SKELETONS.get(source) ?? renderMjml(source);
  SKELETONS.set(source, found);
  return found;
}

/** What is the same in every mail of a look, by place. */
function knownOf(look: InvitationLook): Fillings {
  const { wording, brand } = look;
  const { mail, direction } = wording.texts;
  return {
    language: wording.language,
    start: direction === 'ltr' ? 'left' : 'right',
    finish: direction === 'ltr' ? 'right' : 'left',
    question: wording.question,
    choose: mail.choose,
    open: mail.open,
    replies: mail.replies,
    optOut: mail.optOut,
    logoUrl: brand.logo?.url ?? '',
    ...Object.fromEntries(look.signature.map((line, at) => [`signature${at}`, line])),
    ...scoreFillings(look),
  };
}

const FONT = '-apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif';
const INK = '#1c2026';
// Inboxes show what follows the preview text unless something invisible does.
const FILLER = '\u034f\u00a0'.repeat(70);

/** MJML in which every word of ours or of others is a place: none of it can be taken for markup. */
function sourceOf(look: InvitationLook): string {
  const { direction } = look.wording.texts;
  const start = direction === 'ltr' ? 'left' : 'right';
  const tones = tonesOf(look.brand.colour);
  const text = (css: string, padding: string, content: string, more = '') =>
    `<mj-text css-class="${css}" align="${start}" padding="${padding}" ${more}>${content}</mj-text>`;
  const soft = `font-size="14px" line-height="21px" color="${SOFT}"`;
  const link = (href: string, words: string) =>
    `<a class="link" href="${place(href)}" style="color:${tones.link};">${place(words)}</a>`;
  const lines = look.signature.map((_, at) => place(`signature${at}`));
  return `<mjml lang="${place('language')}" dir="${direction}">
<mj-head>
<mj-title>${place('title')}</mj-title>
<mj-preview>${place('preview')}${FILLER}</mj-preview>
<mj-attributes><mj-all font-family="${FONT}" /><mj-text font-size="16px" line-height="24px" color="${INK}" /></mj-attributes>
<mj-raw><meta name="color-scheme" content="light dark" /><meta name="supported-color-schemes" content="light dark" /></mj-raw>
<mj-style>${styleOf(tones)}</mj-style>
</mj-head>
<mj-body width="536px" background-color="${SURFACES.light.page}" css-class="page">
<mj-wrapper direction="${direction}" padding="16px 8px 0">
<mj-section css-class="card" direction="${direction}" padding="20px 0 24px" background-color="${SURFACES.light.card}" border="1px solid #d8dbe0" border-radius="10px">
<mj-column direction="${direction}">
${brandLine(look, start)}
${text('text', '0 16px 14px', `<h1 style="margin:0;font-size:21px;line-height:28px;font-weight:bold;">${place('question')}</h1>`)}
${scoreTable(look, tones)}
${text('soft', '10px 16px 0', `${place('choose')} ${link('openUrl', 'open')}`, soft)}
${text('text', '24px 16px 0', place('greeting'))}
${text('text', '8px 16px 0', place('closed'))}
${look.purpose === 'reminder' ? text('text', '8px 16px 0', place('reminder')) : ''}
${lines.length === 0 ? '' : text('text', '16px 16px 0', lines.join('<br />'))}
</mj-column>
</mj-section>
</mj-wrapper>
<mj-section direction="${direction}" padding="8px 8px 24px">
<mj-column direction="${direction}">
${text('soft', '8px 16px 0', `${look.repliesAreKept ? `${place('replies')}<br />` : ''}${place('reason')}<br />${link('optOutUrl', 'optOut')}`, soft)}
</mj-column>
</mj-section>
<mj-raw><div style="display:none;max-height:0;overflow:hidden;mso-hide:all;" aria-hidden="true"><a href="${withTrap(place('openUrl'))}" tabindex="-1"></a></div></mj-raw>
</mj-body>
</mjml>`;
}

/** The logo, whose alternative text is the brand; else the brand in words; else nothing. */
function brandLine({ brand }: InvitationLook, start: 'left' | 'right'): string {
  if (brand.logo !== null)
    return `<mj-image align="${start}" padding="0 16px 14px" width="${brand.logo.width}px" src="${place('logoUrl')}" alt="${place('brand')}" font-size="14px" css-class="soft" />`;
  if (brand.name === null) return '';
  return `<mj-text css-class="soft" align="${start}" padding="0 16px 10px" font-size="14px" line-height="20px" font-weight="bold" color="${SOFT}">${place('brand')}</mj-text>`;
}

function styleOf(tones: Tones): string {
  const { page, card } = SURFACES.dark;
  const surfaces: MailRules = [
    ['.page,.page>div', `background-color:${page}!important`],
    ['.card,.card>table', `background:${card}!important`],
    ['.card>table>tbody>tr>td', 'border-color:#3b424c!important'],
    ['.drawn', `background:#2b313a!important;border-color:${tones.linkOnDark}!important`],
    ['.filled', `border-color:${tones.linkOnDark}!important`],
  ];
  const inks: MailRules = [
    ['.text div,.drawn a', 'color:#eceef1!important'],
    ['.soft div,.soft table,.soft img', 'color:#b4bac3!important'],
    ['.soft .link', `color:${tones.linkOnDark}!important`],
  ];
  return mailStyle(tones, { surfaces, inks });
}
