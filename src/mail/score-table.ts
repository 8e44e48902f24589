import { withScore } from '../links.ts';
import type { Point } from '../texts/texts.ts';
import { SURFACES, type Tones } from '../tones.ts';
import type { InvitationLook } from './invitation-look.ts';
import { place } from './template.ts';

// More than seven cells in a row are too narrow for a thumb on a 320 px screen.
const MOST_PER_ROW = 7;

/** The scale as MJML: one button a score, all of the same colour and size, and below them what the ends mean. */
export function scoreTable(look: Pick<InvitationLook, 'points' | 'scale'>, tones: Tones): string {
  const { points } = look;
  const shape = shapeOf(look);
  const rowCount = shape === 'words' ? points.length : Math.ceil(points.length / MOST_PER_ROW);
  const perRow = Math.ceil(points.length / rowCount);
  const rows = Array.from({ length: rowCount }, (_, row) => {
    const cells = points
      .slice(row * perRow, (row + 1) * perRow)
      .map((point, at) => cell(row * perRow + at, point, { shape, perRow }, tones));
    return `<tr>${cells.join('')}${'<td></td>'.repeat(perRow - cells.length)}</tr>`;
  });
  const table = `<mj-table padding="0 13px" table-layout="fixed" role="presentation">${rows.join('\n')}</mj-table>`;
  return shape === 'words' || shape === 'pair' ? table : `${table}\n${ends(points.length - 1)}`;
}

/** Words have a line each; of two answers there is room for the words; numbers are filled, drawings stand on white. */
type Shape = 'words' | 'pair' | 'drawings' | 'numbers';

function shapeOf({ points, scale }: Pick<InvitationLook, 'points' | 'scale'>): Shape {
  if (points.every(({ symbol }) => symbol === '')) return 'words';
  if (points.length === 2) return 'pair';
  return scale === 'faces' ? 'drawings' : 'numbers';
}

const SIZES = {
  words: 'font-size:16px;line-height:22px',
  pair: 'font-size:18px;line-height:32px',
  drawings: 'font-size:28px;line-height:34px',
  numbers: 'font-size:18px;line-height:24px;font-weight:bold',
} as const;

function cell(at: number, point: Point, layout: { shape: Shape; perRow: number }, tones: Tones): string {
  const { shape, perRow } = layout;
  const isFilled = shape === 'numbers' || shape === 'words';
  const face = isFilled ? tones.button : SURFACES.light.card;
  const ink = isFilled ? tones.onButton : '#1c2026';
  const edge = isFilled ? tones.button : tones.link;
  const name = place(`name${at}`);
  // A plain number says all there is to say.
  const words = point.name === point.symbol ? '' : ` title="${name}" aria-label="${name}"`;
  const shown = place(`shown${at}`);
  // Outlook ignores the padding of links, so the cell has it for Outlook alone.
  return `<td width="${Math.floor(100 / perRow)}%" style="padding:3px;"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:separate;"><tr><td class="${isFilled ? 'filled' : 'drawn'}" align="center" bgcolor="${face}" style="border:1px solid ${edge};border-radius:8px;background:${face};mso-padding-alt:11px 0;"><a href="${withScore(place('openUrl'), point.score)}"${words} style="display:block;padding:11px 2px;${SIZES[shape]};color:${ink};text-decoration:none;">${shown}</a></td></tr></table></td>`;
}

/** What stands on the buttons and is said of them, by place. */
export function scoreFillings(look: Pick<InvitationLook, 'points' | 'scale'>): Record<string, string> {
  const shape = shapeOf(look);
  const { points } = look;
  const entries = points.flatMap(({ name, symbol, label }, at) => [
    [`name${at}`, name],
    [`shown${at}`, shape === 'words' ? label : shape === 'pair' ? `${symbol} ${label}` : symbol],
    // A drawing has no number to go by.
    [`end${at}`, shape === 'drawings' ? label : name],
  ]);
  return Object.fromEntries(entries);
}

function ends(last: number): string {
  const end = (align: string, at: number) =>
    `<td align="${align}" valign="top" width="50%" style="padding:4px 3px;">${place(`end${at}`)}</td>`;
  return `<mj-table css-class="soft" padding="0 13px" role="presentation" font-size="14px" line-height="20px" color="${SOFT}">
<tr>${end(place('start'), 0)}${end(place('finish'), last)}</tr></mj-table>`;
}

/** Of less important text on light surfaces. */
export const SOFT = '#565e69';
