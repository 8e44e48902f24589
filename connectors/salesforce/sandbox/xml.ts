/** An element as JSON: text, or an object of its children. Repeated ones are lists, attributes stand under `@`. */
export type XmlValue = string | null | XmlObject | readonly XmlValue[];
export interface XmlObject {
  readonly [name: string]: XmlValue;
}

/** XML that is not well formed. */
export class XmlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'XmlError';
  }
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Reads a document; prefixes of names are cut off. Throws XmlError. */
export function readXml(text: string): XmlObject {
  const tokens = text.match(/<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<[^>]+>|[^<]+/g) ?? [];
  const root: Open = { name: '', attributes: {}, children: [], text: '' };
  const stack: Open[] = [root];
  for (const token of tokens) {
    const current = stack.at(-1);
    if (current === undefined) throw new XmlError('too many closing tags');
    if (token.startsWith('<?') || token.startsWith('<!--')) continue;
    if (token.startsWith('<![CDATA[')) current.text += token.slice(9, -3);
    else if (token.startsWith('</')) {
      const name = localName(token.slice(2, -1).trim());
      const parent = stack.at(-2);
      if (name !== current.name || parent === undefined) throw new XmlError(`unexpected </${name}>`);
      stack.pop();
      parent.children.push([current.name, close(current)]);
    } else if (token.startsWith('<')) {
      const opened = open(token);
      if (token.endsWith('/>')) current.children.push([opened.name, close(opened)]);
      else stack.push(opened);
    } else current.text += decode(token);
  }
  if (stack.length !== 1) throw new XmlError(`<${stack.at(-1)?.name}> is not closed`);
  const value = close(root);
  if (typeof value === 'string' || value === null || Array.isArray(value)) throw new XmlError('no element');
  return value as XmlObject;
}

/** Writes a value as an element; null writes none. */
export function writeXml(name: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map((one) => writeXml(name, one)).join('');
  if (typeof value !== 'object') return `<${name}>${encode(String(value))}</${name}>`;
  const inner = Object.entries(value).map(([key, child]) => writeXml(key, child));
  return `<${name}>${inner.join('')}</${name}>`;
}

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: [string, XmlValue][];
  text: string;
}

function open(tag: string): Open {
  const name = /^<([^\s/>]+)/.exec(tag)?.[1];
  if (name === undefined) throw new XmlError(`bad tag ${tag}`);
  const attributes = [...tag.matchAll(/\s([^\s=]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
    localName(key),
    decode(value),
  ]);
  return { name: localName(name), attributes: Object.fromEntries(attributes), children: [], text: '' };
}

function close({ attributes, children, text }: Open): XmlValue {
  if (attributes.nil === 'true') return null;
  const type = attributes.type;
  if (children.length === 0 && type === undefined) return text;
  const grouped = new Map<string, XmlValue[]>();
  for (const [name, value] of children) grouped.set(name, [...(grouped.get(name) ?? []), value]);
  const entries = [...grouped].map(([name, values]): [string, XmlValue] => [
    name,
    values.length === 1 ? (values[0] ?? null) : values,
  ]);
  return Object.fromEntries([
    ...entries,
    ...(type === undefined ? [] : [['@type', localName(type)] as const]),
  ]);
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function decode(text: string): string {
  return text.replaceAll(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (_all, name: string) => {
    if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    const known = ENTITIES[name];
    if (known === undefined) throw new XmlError(`unknown entity &${name};`);
    return known;
  });
}

function encode(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
