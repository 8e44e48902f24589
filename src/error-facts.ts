import { CaseloopError } from './errors.ts';

/** A short name for an unknown error that is safe to log: its system or SQL code, else its class. Never its text. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : typeof error;
}

/**
 * What of an error may be logged. Our own messages hold nothing personal; those of others do (a database hangs a query's
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
