import { fileURLToPath } from 'node:url';
import { type Child, type ChildOptions, startChild } from './child.ts';
import type { Traffic } from './crm.ts';
import type { Arrival } from './mail-sink.ts';

/** The CRM and the mail relay that all pipelines share. Each is a process of its own. */
export interface CrmStub {
  readonly url: string;
  begin(): Promise<void>;
  traffic(): Promise<Traffic>;
  close(): Promise<void>;
}

export interface MailSink {
  readonly url: string;
  begin(options?: { keepsTexts: boolean }): Promise<void>;
  /** Rejects when mails to so many recipients have not come in time. */
  until(recipients: number, withinMs: number): Promise<void>;
  arrivals(): Promise<readonly Arrival[]>;
  /** What came since the last time, where texts are kept. */
  texts(): Promise<readonly { readonly to: string; readonly text: string }[]>;
  close(): Promise<void>;
}

/** Where a process prints to, and whom it tells when it ends by itself. */
export type Watch = Pick<ChildOptions, 'logFile' | 'onEnd'>;

export async function startCrm(watch: Watch): Promise<CrmStub> {
  const child = start('./crm.ts', watch);
  return {
    url: await child.ask<string>('url'),
    begin: () => child.ask('begin'),
    traffic: () => child.ask('traffic'),
    close: () => child.end('SIGTERM'),
  };
}

export async function startMailSink(watch: Watch): Promise<MailSink> {
  const child = start('./mail-sink.ts', watch);
  return {
    url: await child.ask<string>('url'),
    begin: (options = { keepsTexts: false }) => child.ask('begin', options),
    async until(recipients, withinMs) {
      let timer: NodeJS.Timeout | undefined;
      const tooLate = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`mails to ${recipients} customers had not come after ${withinMs} ms`)),
          withinMs,
        );
      });
      try {
        await Promise.race([child.ask('until', recipients), tooLate]);
      } finally {
        clearTimeout(timer);
      }
    },
    arrivals: () => child.ask('arrivals'),
    texts: () => child.ask('texts'),
    close: () => child.end('SIGTERM'),
  };
}

function start(script: string, watch: Watch): Child {
  return startChild({ script: fileURLToPath(new URL(script, import.meta.url)), ...watch });
}
