/** A short name for an unknown error that is safe to log: its system or SQL code, else its class. Never its text. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : typeof error;
}
