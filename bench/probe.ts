import { readFileSync } from 'node:fs';
import { answerQuestions } from './questions.ts';

/** What a server has used since it started. */
export interface Usage {
  /** Processor time of all its threads. */
  readonly cpuMs: number;
  readonly peakMib: number;
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1_000, peakMib: peakKib() / 1_024 };
}

/** From the kernel's own high-water mark where there is one: `maxRSS` begins with that of the process that forked us. */
function peakKib(): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}

// Preloaded into both pipelines' servers, so that neither has to know that it is measured.
answerQuestions({ usage });
