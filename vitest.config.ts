import { configDefaults, defineConfig } from 'vitest/config';
import { SummaryReporter } from './tests/support/summary-reporter.ts';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts', 'src/**/*.test.ts', 'connectors/**/*.test.ts', 'jobs/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'tests/soak/**'],
    reporters: ['default', new SummaryReporter()],
    // Most of a test's time is waiting for real servers, so that three files share even two cores well.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
  },
});
