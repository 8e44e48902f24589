import { setTimeout as wait } from 'node:timers/promises';
import type { ReceivedMail, SmtpSink } from './smtp.ts';
import { answerSurvey, mailsTo } from './survey-mail.ts';

/** People who answer each survey once, and press again for as long as the server is away. */
export interface Customers {
  /** Addresses whose answer was accepted. */
  readonly answered: ReadonlySet<string>;
  /** From now on these say nothing to their mails, and everybody else answers. Nobody is silent at the start. */
  silence(isSilent: (address: string) => boolean): void;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 20;
const AGAIN_AFTER_MS = 300;
/** Longer than any outage of these runs, short enough to be seen when a page refuses an answer. */
const PATIENCE_MS = 120_000;

/** Lets everybody whose mail arrives in `smtp` answer what `scoreOf` says. A failure comes out of `stop`. */
export function letCustomersAnswer(
  smtp: Pick<SmtpSink, 'mails'>,
  scoreOf: (address: string) => number,
): Customers {
  const answered = new Set<string>();
  const begun = new Set<string>();
  const answers: Promise<void>[] = [];
  let isSilent = (_address: string): boolean => false;
  let isOver = false;

  async function answer(address: string, received: ReceivedMail): Promise<void> {
    const [mail] = await mailsTo({ mails: [received] }, address);
    if (mail === undefined) throw new Error('a mail without its recipient');
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        await answerSurvey(mail, scoreOf(address), 'As it was');
        answered.add(address);
        return;
      } catch (error) {
        if (isOver) return;
        if (performance.now() > end) throw error;
        await wait(AGAIN_AFTER_MS);
      }
    }
  }

  const looking = (async () => {
    while (!isOver) {
      for (const mail of [...smtp.mails]) {
        const address = mail.to[0] ?? '';
        if (begun.has(address) || isSilent(address)) continue;
        begun.add(address);
        const one = answer(address, mail);
        // Waited for in `stop`.
        one.catch(() => undefined);
        answers.push(one);
      }
      await wait(LOOK_EVERY_MS);
    }
  })();

  return {
    answered,
    silence(these) {
      isSilent = these;
    },
    async stop() {
      isOver = true;
      await looking;
      await Promise.all(answers);
    },
  };
}
