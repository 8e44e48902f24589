import { codeOf } from '../error-code.ts';
import { CaseloopError } from '../errors.ts';

/**
 * What of an error may be logged. Our own messages hold nothing personal; those of others do (PGlite hangs a query's
 * parameters on its errors, and with them the comment), so only their code and where they came from are kept.
 */
export function errorFacts(error: unknown): Readonly<Record<string, unknown>> {
  const code = codeOf(error);
  if (!(error instanceof Error)) return { code };
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
  return error instanceof CaseloopError ? { code, reason: error.message, frames } : { code, frames };
}
