import type { Point, Wording } from '../texts/texts.ts';
import { escapeHtml } from './escape-html.ts';

/** What differs between two invitations of one survey in one language. Plain text, escaped where it is put in. */
export interface InvitationValues {
  readonly title: string;
  readonly greeting: string;
  readonly closed: string;
  readonly reason: string;
  readonly openUrl: string;
  readonly optOutUrl: string;
  /** An address for each score of the scale. */
  readonly scoreUrls: ReadonlyMap<number, string>;
}

/** Fills a body whose unchanging part was made beforehand. */
export type InvitationBody = (values: InvitationValues) => string;

/** Plain text: every score with its words and its address. */
export function prepareText(wording: Wording, points: readonly Point[]): InvitationBody {
  const { mail } = wording.texts;
  return (values) =>
    [
      values.greeting,
      values.closed,
      wording.question,
      mail.choose,
      ...points.map((point) => `${point.name}\n${urlOf(point, values)}`),
      `-- \n${values.reason}`,
      `${mail.optOut}: ${values.optOutUrl}\n`,
    ].join('\n\n');
}

/**
 * HTML that keeps its shape in mail clients: tables, inline styles, no images, no scripts. The style block only adds dark
 * colours where a client knows them. No colour or size favours an answer.
 */
export function prepareHtml(wording: Wording, points: readonly Point[]): InvitationBody {
  const { mail, direction } = wording.texts;
  const open = `<!doctype html>
<html lang="${escapeHtml(wording.language)}" dir="${direction}">
${HEAD}`;
  const question = `<h1 style="margin:0 0 16px;font-size:20px;line-height:28px;font-weight:bold;">${escapeHtml(wording.question)}</h1>`;
  const choose = escapeHtml(mail.choose);
  const openLabel = escapeHtml(mail.open);
  const optOutLabel = escapeHtml(mail.optOut);
  const scores = prepareScores(points);
  return (values) => `${open}<title>${escapeHtml(values.title)}</title>
</head>
<body class="page" style="margin:0;padding:0;background:#f2f3f5;">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f2f3f5;">
<tr><td align="center" style="padding:24px 8px;">
<!--[if mso]><table role="presentation" width="520" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:520px;background:#ffffff;border:1px solid #d8dbe0;border-radius:8px;">
<tr><td class="text" style="padding:24px 20px 0;${FONT}font-size:16px;line-height:24px;color:#1c2026;">
<p style="margin:0 0 12px;">${escapeHtml(values.greeting)}</p>
<p style="margin:0 0 20px;">${escapeHtml(values.closed)}</p>
${question}
</td></tr>
<tr><td style="padding:0 16px;">
${scores(values)}
</td></tr>
<tr><td class="soft" style="padding:16px 20px 24px;${SMALL}">
${choose} <a href="${escapeHtml(values.openUrl)}" style="color:#565e69;">${openLabel}</a>
</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
<p class="soft" style="margin:16px 12px 0;max-width:496px;${SMALL}">${escapeHtml(values.reason)}<br><a href="${escapeHtml(values.optOutUrl)}" style="color:#565e69;">${optOutLabel}</a></p>
</td></tr>
</table>
</body>
</html>
`;
}

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;";
const SMALL = `${FONT}font-size:14px;line-height:21px;color:#565e69;`;

const HEAD = `<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<style>
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #16191d !important; }
  .card { background: #20242a !important; border-color: #3b424c !important; }
  .text, .text h1 { color: #eceef1 !important; }
  .soft, .soft a { color: #b4bac3 !important; }
  .point { background: #2b313a !important; border-color: #8d96a3 !important; color: #ffffff !important; }
}
</style>
`;

// More than seven cells in a row are too narrow for a thumb on a 320 px screen.
const MOST_PER_ROW = 7;

function prepareScores(points: readonly Point[]): (values: InvitationValues) => string {
  const rowCount = isInWords(points) ? points.length : Math.ceil(points.length / MOST_PER_ROW);
  const perRow = Math.ceil(points.length / rowCount);
  const rows = Array.from({ length: rowCount }, (_, row) => {
    const cells = points
      .slice(row * perRow, (row + 1) * perRow)
      .map((point) =>
        prepareCell(
          point,
          perRow,
          isPair(points) ? `${point.symbol} ${point.label}` : point.symbol || point.label,
        ),
      );
    return { cells, filler: '<td></td>'.repeat(perRow - cells.length) };
  });
  const ends = isPair(points) || isInWords(points) ? '' : endsTable(points);
  return (
    values,
  ) => `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="table-layout:fixed;">
${rows.map(({ cells, filler }) => `<tr>${cells.map((cell) => cell(values)).join('')}${filler}</tr>`).join('\n')}
</table>
${ends}`;
}

/** Two answers leave room for their words. */
function isPair(points: readonly Point[]): boolean {
  return points.length === 2;
}

/** Words alone need a line each. */
function isInWords(points: readonly Point[]): boolean {
  return points.every((point) => point.symbol === '');
}

function prepareCell(point: Point, perRow: number, shown: string): (values: InvitationValues) => string {
  const name = escapeHtml(point.name);
  const before = `<td width="${Math.floor(100 / perRow)}%" style="padding:3px;"><a class="point" href="`;
  const after = `" title="${name}" aria-label="${name}" style="display:block;padding:12px 0;border:1px solid #6c7581;border-radius:6px;background:#ffffff;${FONT}font-size:18px;line-height:24px;text-align:center;text-decoration:none;color:#1c2026;">${escapeHtml(shown)}</a></td>`;
  return (values) => `${before}${escapeHtml(urlOf(point, values))}${after}`;
}

/** What the lowest and the highest point mean, under the row. */
function endsTable(points: readonly Point[]): string {
  const cell = (side: 'left' | 'right', label: string) =>
    `<td class="soft" align="${side}" valign="top" style="padding:4px;${SMALL}">${escapeHtml(label)}</td>`;
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>${cell('left', points[0]?.label ?? '')}${cell('right', points.at(-1)?.label ?? '')}</tr></table>`;
}

function urlOf(point: Point, values: InvitationValues): string {
  const url = values.scoreUrls.get(point.score);
  if (url === undefined) throw new RangeError(`no address for score ${point.score}`);
  return url;
}
