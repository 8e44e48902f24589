import { defineConfig } from 'vitest/config';

const MINUTE_MS = 60_000;

/** The long runs, `npm run soak`: they start servers of their own, kill processes and take minutes. */
export default defineConfig({
  test: {
    include: ['tests/soak/**/*.test.ts'],
    globalSetup: ['tests/support/soak-summary.ts'],
    // One run at a time: they measure how long it takes to be back.
    fileParallelism: false,
    testTimeout: 5 * MINUTE_MS,
    hookTimeout: MINUTE_MS,
    reporters: ['verbose'],
  },
});
