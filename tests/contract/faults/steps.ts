import type { SandboxRequest } from '../../../src/sandbox.ts';

/** One kind of request that a call makes: ids are taken out of its path, so that it is known again in the next call. */
export interface Step {
  /** `GET /api/v2/tickets/*`. */
  readonly name: string;
  /** Matches it as "METHOD /path". */
  readonly on: RegExp;
  /** How often a call without faults makes it. */
  readonly times: number;
  /** The call's writes have all been answered by then. */
  readonly isAfterWrites: boolean;
}

/** The steps that these requests were, in the order of their first time. */
export function stepsOf(requests: readonly SandboxRequest[]): readonly Step[] {
  const names = requests.map(nameOf);
  const lastWrite = requests.findLastIndex(({ method }) => method !== 'GET');
  return [...new Set(names)].map((name) => ({
    name,
    on: new RegExp(`^${name.split('*').map(toLiteral).join('[^/]+')}$`),
    times: names.filter((other) => other === name).length,
    isAfterWrites: lastWrite >= 0 && names.indexOf(name) > lastWrite,
  }));
}

/** How many of the requests were this step. */
export function countOf(step: Step, requests: readonly SandboxRequest[]): number {
  return requests.filter((request) => nameOf(request) === step.name).length;
}

function nameOf({ method, path }: SandboxRequest): string {
  const parts = path.split('/').map((part) => (isId(part) ? '*' : part));
  return `${method} ${parts.join('/')}`;
}

/** A digit makes a part of a path an id, unless it is a version such as `v2` or `v62.0`. */
function isId(part: string): boolean {
  return /\d/.test(part) && !/^v\d+(\.\d+)?$/.test(part);
}

function toLiteral(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
