import type { Clock } from '../src/clock.ts';
import type { Sandbox } from '../src/sandbox.ts';
import { startFreshdeskSandbox } from './freshdesk/sandbox/sandbox.ts';
import { startSalesforceSandbox } from './salesforce/sandbox/sandbox.ts';
import { startZendeskSandbox } from './zendesk/sandbox/sandbox.ts';

/** Starts a simulated CRM on loopback; port 0 picks a free one. */
export type StartSandbox = (options: { clock: Clock; port?: number }) => Promise<Sandbox>;

/** The sandbox of every connector type that has one, written by hand like the types themselves. */
export const sandboxes: Readonly<Record<string, StartSandbox>> = {
  zendesk: startZendeskSandbox,
  freshdesk: startFreshdeskSandbox,
  salesforce: startSalesforceSandbox,
};
