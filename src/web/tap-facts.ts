import type { IncomingHttpHeaders } from 'node:http';
import { isbot } from 'isbot';
import type { TapFacts } from '../domain/taps.ts';

const MOST_AGENT_CHARACTERS = 80;

/** What the headers of a fetch give away about who fetched. */
export function readTapFacts(headers: IncomingHttpHeaders): TapFacts {
  const agent = headers['user-agent'] ?? '';
  return {
    prefetched: ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some((name) =>
      /prefetch|prerender|preview/i.test(String(headers[name] ?? '')),
    ),
    scanner: isbot(agent),
    bare: agent === '' || (agent.startsWith('Mozilla/') && lacksBrowserHeaders(agent, headers)),
  };
}

/** Versions from which a browser sends `Sec-Fetch-*` with every page it loads (https://caniuse.com/mdn-http_headers_sec-fetch-mode, 2026-11-27). */
const SENDS_FETCH_METADATA: readonly (readonly [RegExp, number])[] = [
  [/\bChrome\/(\d+)/, 80],
  [/\bFirefox\/(\d+)/, 90],
  [/\bVersion\/(\d+(?:\.\d+)?)\S* (?:Mobile\/\S+ )?Safari\//, 16.4],
];

function lacksBrowserHeaders(agent: string, headers: IncomingHttpHeaders): boolean {
  if (headers['accept-language'] === undefined) return true;
  if (headers['sec-fetch-mode'] !== undefined) return false;
  const [known] = SENDS_FETCH_METADATA.flatMap(([pattern, since]) => {
    const version = pattern.exec(agent)?.[1];
    return version === undefined ? [] : [Number(version) >= since];
  });
  return known === true;
}

const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\/(\d+)/, 'Edge'],
  [/\bOPR\/(\d+)/, 'Opera'],
  [/\bHeadlessChrome\/(\d+)/, 'Headless Chrome'],
  [/\b(?:Chrome|CriOS)\/(\d+)/, 'Chrome'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\bVersion\/(\d+)\S* (?:Mobile\/\S+ )?Safari\//, 'Safari'],
];

const PLATFORMS: readonly (readonly [RegExp, string])[] = [
  [/Windows/, 'Windows'],
  [/Android/, 'Android'],
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Macintosh/, 'Mac'],
  [/Linux|X11/, 'Linux'],
];

/** The family of a program from its `User-Agent`: "Edge 140 on Windows". What is none of the known ones is cut short. */
export function readAgent(headers: IncomingHttpHeaders): string {
  const agent = headers['user-agent'] ?? '';
  if (agent === '') return 'unnamed';
  for (const [pattern, family] of isbot(agent) ? [] : FAMILIES) {
    const version = pattern.exec(agent)?.[1];
    if (version === undefined) continue;
    const platform = PLATFORMS.find(([one]) => one.test(agent))?.[1];
    return [family, version, ...(platform === undefined ? [] : ['on', platform])].join(' ');
  }
  return agent.replace(/[^\x20-\x7e]/g, '').slice(0, MOST_AGENT_CHARACTERS);
}
