import type { ErrorCode, YAMLError } from 'yaml';

interface SyntaxText {
  readonly message: string;
  readonly allowed: string;
  readonly fix: string;
}

const QUOTE_IT = 'Put the whole value in double quotes.';
const WELL_FORMED = 'YAML: one `key: value` a line, nested keys indented by two spaces';

/** The library's own messages quote the source, which may be a secret; these do not. */
const TEXTS: Partial<Record<ErrorCode, SyntaxText>> = {
  TAB_AS_INDENT: {
    message: 'a tab is used to indent',
    allowed: 'spaces only',
    fix: 'Replace the tab by two spaces.',
  },
  BAD_INDENT: {
    message: 'the line is not indented like its neighbours, or a bracket above it is not closed',
    allowed:
      'the same number of spaces before all keys of one map, and inside brackets more than the key has',
    fix: 'Line it up with the key above or below that it belongs with, and close every { and [.',
  },
  BAD_SCALAR_START: {
    message: 'the value starts with a character that YAML keeps for itself (@ or `)',
    allowed: 'such a value in quotes',
    fix: QUOTE_IT,
  },
  BAD_DQ_ESCAPE: {
    message: 'a backslash in double quotes starts no known escape',
    allowed: '\\n, \\t, \\", \\\\ and the other YAML escapes',
    fix: 'Double the backslash, or put the value in single quotes.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'there is a second ": " in one value',
    allowed: 'one `key: value` a line; a value that holds ": " in quotes',
    fix: 'Put the value in double quotes; if the next line is a key of its own, line it up with this one.',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a key runs over more than one line; the ":" after it is probably missing',
    allowed: WELL_FORMED,
    fix: 'Write ": " after the key.',
  },
  MISSING_CHAR: {
    message: 'a quote, a bracket, a comma or the ":" after a key is missing',
    allowed: WELL_FORMED,
    fix: 'Close what this line or the one before it opens, and write ": " after the key.',
  },
  MULTIPLE_DOCS: {
    message: 'a second YAML document starts here (---)',
    allowed: 'one document a file',
    fix: 'Delete the line with --- and what follows, or move it to a file of its own.',
  },
  TAG_RESOLVE_FAILED: {
    message: 'the value starts with "!", which YAML reads as a tag',
    allowed: 'plain values, lists and maps',
    fix: QUOTE_IT,
  },
  NON_STRING_KEY: {
    message: 'a list or a map stands where a key belongs',
    allowed: 'plain words as keys',
    fix: 'Write the key as a plain word. A value that starts with [ or { goes in quotes.',
  },
  BAD_ALIAS: {
    message: '"*" or "&" starts an alias that names nothing',
    allowed: 'an alias of an anchor further up, or the value in quotes',
    fix: QUOTE_IT,
  },
};

const UNQUOTED_VARIABLE: SyntaxText = {
  message: 'a variable stands unquoted inside { } or [ ]',
  allowed: `variables in quotes there: { apiKey: "\${NAME}" }`,
  fix: `Put the \${...} in double quotes.`,
};

const ANYTHING_ELSE: SyntaxText = {
  message: 'this is not YAML as it should be',
  allowed: WELL_FORMED,
  fix: 'Look for an unclosed quote or bracket on this line or the one before it.',
};

/** True for errors of lines and not of keys. */
export function isAboutLines(error: YAMLError): boolean {
  return error.code === 'TAB_AS_INDENT' || error.code === 'MULTIPLE_DOCS';
}

/** True for errors that mostly follow from an earlier one. */
export function isAftermath(error: YAMLError): boolean {
  return TEXTS[error.code] === undefined && error.code !== 'DUPLICATE_KEY';
}

/** Text for one error of the YAML reader. Shows nothing of the source. */
export function describeSyntaxError(error: YAMLError, text: string): SyntaxText & { value: string } {
  const [offset] = error.pos;
  // `{ key: ${NAME} }`: YAML takes the braces for a map of their own.
  const isVariable = text.slice(0, offset + 1).endsWith('${');
  const words = isVariable ? UNQUOTED_VARIABLE : (TEXTS[error.code] ?? ANYTHING_ELSE);
  return { ...words, value: '(not readable)' };
}

/** Text for a key that its map has already, at `line`. */
export function describeDuplicate(key: string, line: number): SyntaxText & { value: string } {
  return {
    message: `the key is there twice, first on line ${line}`,
    value: JSON.stringify(key),
    allowed: 'each key once',
    fix: 'Keep one of the two and delete the other.',
  };
}
