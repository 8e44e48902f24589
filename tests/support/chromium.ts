import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright-core';
import { describe } from 'vitest';

const path = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const found = existsSync(path);

export interface ContextOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly javaScriptEnabled?: boolean;
  readonly viewport?: { width: number; height: number };
  /** Says nothing of being headless or driven, as a person's browser. */
  readonly likeAPerson?: boolean;
}

const PERSONS_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

const LAUNCH_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const LAUNCH: LaunchOptions = { executablePath: path, headless: true, args: LAUNCH_ARGS };

/** Starts a real browser for many contexts, which is quicker than one for each. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch(LAUNCH);
}

/** Starts a real browser with a profile of its own, which goes when it is closed. */
export async function openChromium({
  likeAPerson = false,
  ...options
}: ContextOptions = {}): Promise<{ context: BrowserContext; close(): Promise<void> }> {
  const profile = await mkdtemp(join(tmpdir(), 'caseloop-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    ...LAUNCH,
    args: [...LAUNCH_ARGS, ...(likeAPerson ? ['--disable-blink-features=AutomationControlled'] : [])],
    ...(likeAPerson ? { userAgent: PERSONS_AGENT } : {}),
    ...options,
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** `describe` for tests that need Chromium: skipped with its reason in the title without one, failing when CI=true. */
export function describeChromium(name: string, tests: () => void): void {
  if (found || process.env.CI === 'true') describe(name, tests);
  else describe.skip(`${name} - skipped: no Chromium (set CHROMIUM_PATH)`, tests);
}
