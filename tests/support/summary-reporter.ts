import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with what a reader, or a script, needs to know: how many tests passed, failed and were skipped, and what would
 * have to be there for the skipped ones to run. The reasons stand in the titles after `skipped: `.
 */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    // An error outside of any test fails the run too.
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const skippedFor = new Map<string, number>();
    for (const module of modules) {
      if (module.state() === 'failed' && module.children.allTests().next().done === true) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'pending') continue;
        counts[state] += 1;
        if (state !== 'skipped') continue;
        const reason = /skipped: (no \w+ \(.+?\))/.exec(test.fullName)?.[1] ?? 'switched off';
        skippedFor.set(reason, (skippedFor.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, n] of skippedFor) process.stdout.write(`skipped: ${reason}, ${n} tests\n`);
    process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  }
}
