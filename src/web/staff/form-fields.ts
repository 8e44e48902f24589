import type { Request } from 'express';
import { PermanentError } from '../../errors.ts';

/** One field of a form that was sent; empty when it is not there. */
export function field(request: Request, name: string): string {
  return fields(request, name)[0] ?? '';
}

/** Every value of a field that can come several times. */
export function fields(request: Request, name: string): readonly string[] {
  const value: unknown = (request.body as Record<string, unknown> | undefined)?.[name];
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A field that holds the id of a row. Throws PermanentError for anything else. */
export function idField(request: Request, name: string): string {
  const value = field(request, name);
  if (ID.test(value)) return value;
  throw new PermanentError(`Nothing was done: the form did not say which ${name}.`, {
    fix: 'Load the page anew.',
  });
}
