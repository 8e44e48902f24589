import type { KeyPath } from './problem.ts';

/** What is printed in place of a secret. */
export const SHOWN = '[secret]';

const SECRET_WORD = /secret|token|passw|passphrase|private|credential|signature|key$/i;
const SECRET_ADDRESSES = new Set(['database.url', 'queue.url', 'mail.url']);
/** Shorter texts are no secrets, and hiding them would make messages unreadable. */
const SHORTEST_HIDDEN = 6;

/** True where a credential stands or, judged by the key's name, may stand. It errs towards hiding. */
export function isSecretPath(path: KeyPath): boolean {
  if (SECRET_ADDRESSES.has(path.slice(0, 2).join('.'))) return true;
  if (path.slice(0, 3).join('.') === 'mail.mailbox.url') return true;
  if (path[0] === 'webhooks' && path[2] === 'url') return true;
  if (path[0] === 'followUp' && path[1] === 'alerts' && path[3] === 'url') return true;
  const names = path[0] === 'connectors' || path[0] === 'webhooks' ? path.slice(2) : path;
  // Directly at `auth` stands a credential that should have been a map; the keys inside it are judged by their own names.
  return names.some((name, index) =>
    name === 'auth' ? index === names.length - 1 : SECRET_WORD.test(String(name)),
  );
}

/** The path down to the first key whose value is secret: what is below it may be part of the secret. */
export function visiblePath(path: KeyPath): KeyPath {
  const first = path.findIndex((name, index) => name !== 'auth' && isSecretPath(path.slice(0, index + 1)));
  return first === -1 ? path : [...path.slice(0, first + 1), ...path.slice(first + 1).filter(isPosition)];
}

function isPosition(part: string | number): part is number {
  return typeof part === 'number';
}

/** The text with every occurrence of a secret replaced. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST_HIDDEN)
    .sort((left, right) => right.length - left.length)
    .reduce((shown, secret) => shown.replaceAll(secret, SHOWN), text);
}
