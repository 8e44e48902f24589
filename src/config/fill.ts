import type { KeyPath, ProblemDraft } from './problem.ts';
import { isSecretPath } from './secrecy.ts';
import type { Source } from './source.ts';

/** `$${` (a literal), `${NAME}`, `${NAME:-default}`, or a `${` that is none of these. */
const VARIABLE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;
const FORMS = `\${NAME}, \${NAME:-default}, or $\${ for a literal \${`;

/**
 * Fills variables into every text value of the file, once: what a variable holds is not looked at again. Gives a problem
 * for each that is not set and has no default; an empty variable takes the default, and is empty without one.
 */
export function fillVariables(
  source: Source,
  env: Readonly<Record<string, string | undefined>>,
): ProblemDraft[] {
  const keys = source.keysWith('${').map(inKey);
  const values = source.texts().flatMap((value) => {
    const problems: ProblemDraft[] = [];
    const used: string[] = [];
    const filled = value.text.replace(VARIABLE, (whole, name?: string, fallback?: string) => {
      if (whole === '$${') return '${';
      if (name === undefined) {
        problems.push(malformed(value.path));
        return whole;
      }
      const set = env[name];
      if (set !== undefined && (set !== '' || fallback === undefined)) {
        used.push(name);
        return set;
      }
      if (fallback === undefined) problems.push(unset(value.path, name));
      return fallback ?? whole;
    });
    value.replace(filled, used);
    return problems;
  });
  return [...keys, ...values];
}

function inKey(path: KeyPath): ProblemDraft {
  return {
    path,
    atKey: true,
    message: 'a variable stands in a key',
    allowed: 'variables in values only',
    fix: 'Write the key out.',
  };
}

function malformed(path: KeyPath): ProblemDraft {
  return {
    path,
    message: '"${" does not start a variable here',
    allowed: FORMS,
    fix: 'Name the variable in letters, digits and _, and close it with }.',
  };
}

function unset(path: KeyPath, name: string): ProblemDraft {
  return {
    path,
    message: `the variable ${name} is not set`,
    allowed: isSecretPath(path)
      ? 'a variable that is set'
      : `a variable that is set, or one with a default: \${${name}:-...}`,
    fix: `Set ${name} in the environment that starts Caseloop, or take the key out if it is optional.`,
  };
}
