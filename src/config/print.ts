import { createHmac } from 'node:crypto';
import type { Config } from '../config.ts';
import { Secret } from '../secret.ts';

/**
 * Tells whether two processes run with the same settings, without giving any away: the same settings give the same print,
 * wherever they are read from and whatever comments stand beside them.
 */
export function printOf(config: Config): string {
  const { file, warnings, ...settings } = config;
  return createHmac('sha256', config.server.secrets[0].reveal())
    .update(JSON.stringify(spellOut(settings)))
    .digest('base64url');
}

/** As plain JSON: secrets by their values, maps as pairs. */
function spellOut(value: unknown): unknown {
  if (value instanceof Secret) return { secret: value.reveal() };
  if (value instanceof Map || value instanceof Set) return [...value].map(spellOut);
  if (Array.isArray(value)) return value.map(spellOut);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spellOut(one)]));
}
