/** What a search asks for, as a tree: `status:4 AND (tag:'vip' OR priority:>2)`. */
export type SearchTerm =
  | { readonly all: readonly SearchTerm[] }
  | { readonly any: readonly SearchTerm[] }
  | {
      readonly field: string;
      readonly comparison: 'is' | 'at least' | 'at most';
      readonly value: SearchValue;
    };

/** A number, a truth value, a quoted text or nothing. */
export type SearchValue = string | number | boolean | null;

/** Reads a query without its outer quotes. Null when it is none. */
export function parseSearch(text: string): SearchTerm | null {
  const tokens = tokenise(text);
  if (tokens === null) return null;
  let at = 0;

  const parseAny = (): SearchTerm | null => parseList('OR', parseAll, (any) => ({ any }));
  const parseAll = (): SearchTerm | null => parseList('AND', parseOne, (all) => ({ all }));

  function parseList(
    word: 'AND' | 'OR',
    parsePart: () => SearchTerm | null,
    join: (parts: readonly SearchTerm[]) => SearchTerm,
  ): SearchTerm | null {
    const parts: SearchTerm[] = [];
    for (;;) {
      const part = parsePart();
      if (part === null) return null;
      parts.push(part);
      if (tokens?.[at] !== word) return join(parts);
      at += 1;
    }
  }

  function parseOne(): SearchTerm | null {
    const token = tokens?.[at];
    at += 1;
    if (token !== '(') return token === undefined ? null : parseCondition(token);
    const inner = parseAny();
    if (tokens?.[at] !== ')') return null;
    at += 1;
    return inner;
  }

  const term = parseAny();
  return at === tokens.length ? term : null;
}

function tokenise(text: string): readonly string[] | null {
  const tokens: string[] = [];
  const pattern = /\s*(\(|\)|AND\b|OR\b|[a-z_0-9]+:[<>]?(?:'[^']*'|[^\s()']+))\s*/gy;
  while (pattern.lastIndex < text.length) {
    const token = pattern.exec(text)?.[1];
    if (token === undefined) return null;
    tokens.push(token);
  }
  return tokens;
}

function parseCondition(token: string): SearchTerm | null {
  const [, field, sign, written] = /^([a-z_0-9]+):([<>]?)(.+)$/s.exec(token) ?? [];
  if (field === undefined || written === undefined) return null;
  const value = parseValue(written);
  if (value === undefined) return null;
  return { field, comparison: sign === '>' ? 'at least' : sign === '<' ? 'at most' : 'is', value };
}

function parseValue(written: string): SearchValue | undefined {
  if (written === 'null') return null;
  if (written === 'true' || written === 'false') return written === 'true';
  if (/^-?\d+$/.test(written)) return Number(written);
  return /^'([^']*)'$/.exec(written)?.[1];
}
