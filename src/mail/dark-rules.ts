import type { Tones } from '../tones.ts';

/** Selectors with what they set. */
export type MailRules = readonly (readonly [where: string, what: string])[];

/**
 * The style sheet of a mail: dark colours only, where a client knows them, and the focus of links. Outlook marks what it has
 * darkened: surfaces with `data-ogsb`, inks with `data-ogsc`. `light` are rules for every client.
 */
export function mailStyle(
  tones: Pick<Tones, 'link' | 'linkOnDark'>,
  { surfaces, inks, light = '' }: { surfaces: MailRules; inks: MailRules; light?: string },
): string {
  const rules = (all: MailRules, mark = '') =>
    all.map(([where, what]) => `${where.replace(/(^|,)/g, `$1${mark}`)}{${what}}`).join('\n');
  return `:root{color-scheme:light dark;supported-color-schemes:light dark}
a:focus{outline:2px solid ${tones.link};outline-offset:2px}
${light}@media (prefers-color-scheme:dark){
${rules([...surfaces, ...inks])}
a:focus{outline-color:${tones.linkOnDark}}
}
${rules(surfaces, '[data-ogsb] ')}
${rules(inks, '[data-ogsc] ')}`;
}
