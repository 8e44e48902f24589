import { expect, test } from 'vitest';
import { TRACES } from './traces/all.ts';

test('the traces are many, about half of them have a person in them, and every family is there', () => {
  expect(TRACES.length).toBeGreaterThanOrEqual(44);
  const withPerson = TRACES.filter(({ made }) => made !== 'machine').length / TRACES.length;
  expect(withPerson).toBeGreaterThan(0.4);
  expect(withPerson).toBeLessThan(0.65);
  expect([...new Set(TRACES.map(({ family }) => family))].sort()).toMatchInlineSnapshot(`
    [
      "Antivirus",
      "Apple Mail Privacy",
      "Archive crawler",
      "Barracuda",
      "Defender detonation with scripts",
      "Desktop",
      "Double taps",
      "Forwarded mail",
      "Gmail proxy",
      "Mimecast",
      "No-script human",
      "Outlook Safe Links",
      "Phone",
      "Phone preview",
      "Prefetching browser",
      "Prefetching gateway",
      "Proofpoint",
      "Several people behind one gateway",
      "Slack preview",
      "Slow human",
      "Teams preview",
      "Web fuzzer",
    ]
  `);
});

test.each(TRACES)('$family: $name is a trace that can have happened', (trace) => {
  expect(trace.means.length > 0).toBe(trace.made !== 'machine');
  for (const { does, caller, browser, at, score, saw, pageless } of trace.requests) {
    if (does !== 'confirm') continue;
    const pages = trace.requests.filter(
      (one) => one.does === 'open' && one.score === score && one.browser === browser && one.at < at,
    );
    // A phone may change its address between the page and the confirmation, and a forger opens none.
    expect(pages.length > 0 || pageless === true, `${caller} confirms ${score}`).toBe(true);
    expect(saw).toBeDefined();
  }
  expect(new Set(TRACES.map(({ family, name }) => `${family}: ${name}`)).size).toBe(TRACES.length);
});
