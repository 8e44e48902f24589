import { once } from 'node:events';
import { relative } from 'node:path';
import { styleText } from 'node:util';
import { systemClock } from '../clock.ts';
import { castOf, type Part } from '../demo/cast.ts';
import { playCase } from '../demo/play.ts';
import { crmOf, type Stage, setStage } from '../demo/stage.ts';
import { createTimeline, type Step } from '../demo/timeline.ts';
import { createLog } from '../log.ts';
import { print, printJson } from './load.ts';
import { EXIT } from './program.ts';
import { count } from './show.ts';
import { toldToStop } from './told-to-stop.ts';

export interface DemoOptions {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly port: number;
}

/** `caseloop demo`: the real program against simulated CRMs. With `--once` 0 only if every step really happened. */
export async function demo(options: DemoOptions): Promise<number> {
  const say = options.json === true ? () => undefined : print;
  const startedAt = performance.now();
  // From the first moment: whatever has been put up by then is taken down again.
  const stopping = new AbortController();
  void toldToStop().then((signal) => stopping.abort(new ToldToStop(signal)));
  const { signal } = stopping;
  say('Starting Caseloop with an embedded database against simulated CRMs. Nothing leaves this machine.');
  try {
    const stage = await setStage({
      // Nobody opens pages in a run that stops by itself, so it takes no fixed port from anyone.
      port: options.once === true ? 0 : options.port,
      clock: systemClock,
      log: createLog({ level: 'error', clock: systemClock }),
      signal,
    });
    try {
      say(`Ready after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s.\n`);
      if (options.once === true) return await playOnce(stage, options);
      await serve(stage, options, say);
    } finally {
      await stage.close();
    }
  } catch (error) {
    if (!(error instanceof ToldToStop)) throw error;
    say('\nStopped.');
  }
  // A play that was cut short has not shown that all is well.
  return options.once === true ? EXIT.failed : EXIT.ok;
}

class ToldToStop extends Error {
  override readonly name = 'ToldToStop';
}

async function playOnce(stage: Stage, options: DemoOptions): Promise<number> {
  let failures = 0;
  for (const act of castOf([...stage.crms.keys()])) {
    const plays = act.map(async ({ connector, role }) => {
      const timeline = createTimeline(systemClock, (step) => {
        if (options.json === true) printJson(step);
      });
      try {
        const lastLook = await playCase(stage, connector, role, timeline);
        return { connector, role, steps: timeline.steps, lastLook };
      } catch (error) {
        return { connector, role, steps: timeline.steps, lastLook: () => Promise.reject(error) };
      }
    });
    for (const { connector, role, steps, lastLook } of await Promise.all(plays)) {
      stage.signal.throwIfAborted();
      const failure = await lastLook().then(
        () => null,
        (error: unknown) => error,
      );
      if (failure !== null) failures += 1;
      if (options.json !== true) print(showTimeline({ connector, role }, steps));
      if (failure !== null)
        process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`);
    }
  }
  if (options.json !== true) {
    print(
      failures === 0
        ? 'Every step above was read back from the CRM, the mailbox or the store.'
        : `${failures} of the cases did not come to their end.`,
    );
  }
  return failures === 0 ? 0 : 1;
}

function showTimeline({ connector, role }: Part, steps: readonly Step[]): string {
  const { about, opens } = role;
  const title = `${styleText('bold', `${opens.requester.name}, case ${steps[0]?.case ?? '?'} in ${connector}`)} (${about})`;
  const lines = steps.map(
    (step) => `  ${step.at.toISOString().slice(11, 23)}  ${step.step.padEnd(12)}  ${step.detail}`,
  );
  return [title, ...lines, ''].join('\n');
}

async function serve(stage: Stage, options: DemoOptions, say: (text: string) => void): Promise<void> {
  const opened: { connector: string; case: string; url: string }[] = [];
  for (const { connector, role } of castOf([...stage.crms.keys()]).flat()) {
    const crm = crmOf(stage, connector);
    const caseId = await crm.openCase(role.opens);
    await crm.closeCase(caseId);
    opened.push({ connector, case: caseId, url: crm.caseUrl(caseId) });
  }
  const links = {
    dashboard: `${stage.serverUrl}/dashboard`,
    mailbox: stage.mailbox.url,
    cases: Object.fromEntries([...stage.crms].map(([name, crm]) => [name, crm.casesUrl])),
    config: stage.configFile,
  };
  if (options.json === true) printJson({ ...links, viewer: stage.viewer, opened });
  const first = opened[0];
  const program = relative(process.cwd(), process.argv[1] ?? '');
  say(
    [
      `${count(opened.length, 'case')} have just been closed. Open these pages:`,
      '',
      `  ${styleText('bold', 'Mailbox')}  ${links.mailbox}   what the customers got: tap a rating`,
      `  ${styleText('bold', 'Scores')}   ${links.dashboard}   the dashboard: sign in as ${stage.viewer.email} with the password ${stage.viewer.password}`,
      ...Object.entries(links.cases).map(
        ([name, url]) =>
          `  ${styleText('bold', 'Cases')}    ${url}   ${name}: scores and follow-ups; close and reopen cases yourself`,
      ),
      '',
      'Why was a customer asked, or not?',
      // npx: this package brings its own Node, and the machine's may be too old.
      `  npx node ${program} explain ${first?.connector} ${first?.case} --config ${stage.configFile}`,
      '',
      'Ctrl-C stops the demo and removes its data.',
    ].join('\n'),
  );
  if (!stage.signal.aborted) await once(stage.signal, 'abort');
  say('\nStopping.');
}
