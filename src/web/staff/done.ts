import type { StaffPage } from './staff-pages.ts';

/** What a page says after something was done, by the word its address carries: an address can make it say nothing else. */
const DONE = {
  send: 'The survey is on its way.',
  hold: 'The survey is held until it is released.',
  release: 'The survey is released and on its way.',
  resend: 'The survey is on its way once more.',
  credited: 'The credit was moved. It stays there.',
  'credited-before': 'The credit was there already.',
  reviewed: 'The causes are kept.',
  'reviewed-before': 'The causes were marked so already.',
  released: 'The agent can read the comment now.',
  'released-before': 'The agent could read the comment already.',
  retried: 'It is due again and will be tried at once.',
  'retried-none': 'There was nothing to retry: it is under way, or done.',
  recovered: 'The low score counts as recovered from now on.',
  'recovered-before': 'It was recovered already, or the score is low no longer.',
  accepted: 'The tap counts as an answer now.',
  'accepted-before':
    'The tap was accepted; the answer that stands says the same, or is the customer’s own word.',
  'accepted-late': 'The tap was accepted, but changes nothing: the time for changing the answer was over.',
  dismissed: 'The tap is dismissed and counts for nothing.',
  gone: 'The tap had been decided on already.',
} as const;

export type Done = keyof typeof DONE;

/** The notice for `?done=...`; null where it says nothing known. */
export function doneNotice(value: unknown): NonNullable<StaffPage['notice']> | null {
  if (typeof value !== 'string' || !Object.hasOwn(DONE, value)) return null;
  return { tone: 'good', text: DONE[value as Done] };
}
