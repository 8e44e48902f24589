import { escapeHtml } from './escape-html.ts';

/** A place in a template's source that is filled later. Names are letters and digits. */
export function place(name: string): string {
  return `%%${name}%%`;
}

/** Text to put in place, by the name of the place. It is escaped. */
export type Fillings = Readonly<Record<string, string>>;

/** A document whose places are filled by joining strings. Throws RangeError for a place without a filling. */
export type Template = (fillings: Fillings) => string;

/**
 * Makes a template of a document in which nothing but our own text stands yet. What is filled in beforehand is escaped once
 * and for all; nothing that is filled in is ever taken for a place.
 */
export function makeTemplate(source: string, known: Fillings): Template {
  const parts = partsOf(source, known);
  return (fillings) => {
    const escaped = new Map<string, string>();
    let text = '';
    for (const part of parts)
      text += typeof part === 'string' ? part : escapedOf(part.place, fillings, escaped);
    return text;
  };
}

/** One value stands in many places: each is escaped once. */
function escapedOf(name: string, fillings: Fillings, escaped: Map<string, string>): string {
  const known = escaped.get(name);
  if (known !== undefined) return known;
  const value = fillings[name];
  if (value === undefined) throw new RangeError(`nothing to put in place of ${name}`);
  const made = escapeHtml(value);
  escaped.set(name, made);
  return made;
}

type Part = string | { readonly place: string };

/** What stands, and what is filled in beforehand, in as few strings as can be; the places that are left between them. */
function partsOf(source: string, known: Fillings): readonly Part[] {
  const parts: Part[] = [];
  let text = '';
  for (const [at, part] of source.split(PLACES).entries()) {
    // Odd ones are names.
    const filled = at % 2 === 0 ? part : known[part] === undefined ? null : escapeHtml(known[part]);
    if (filled === null) {
      parts.push(text, { place: part });
      text = '';
    } else text += filled;
  }
  return [...parts, text];
}

const PLACES = /%%([A-Za-z0-9]+)%%/;
