import type { SandboxCaseInput } from '../sandbox.ts';

/** How a case ends in the demo. */
type Ending = 'happy' | 'unhappy' | 'silent' | 'skipped' | 'reopened';

/** A customer with a case, and what they do with the survey. */
export interface Role {
  readonly ending: Ending;
  readonly about: string;
  readonly opens: SandboxCaseInput;
  readonly score: number | null;
  readonly comment: string | null;
}

/** Who plays, in order of appearance. */
export const CAST: readonly Role[] = [
  {
    ending: 'happy',
    about: 'content: taps 5 and adds nothing',
    opens: {
      subject: 'Cannot log in after the update',
      requester: { name: 'Ana Novak', email: 'ana.novak@customer.example', locale: 'en' },
      tags: ['login'],
    },
    score: 5,
    comment: null,
  },
  {
    ending: 'unhappy',
    about: 'a link scanner opens every link first; then the customer gives 2 with a comment',
    opens: {
      subject: 'Refund still missing',
      requester: { name: 'Ben Okafor', email: 'ben.okafor@customer.example', locale: 'en' },
      tags: ['refund'],
    },
    score: 2,
    comment: 'I had to explain the same thing three times.',
  },
  {
    ending: 'silent',
    about: 'gets the mail and does not answer',
    opens: {
      subject: 'How do I export my data?',
      requester: { name: 'Chloé Martin', email: 'chloe.martin@customer.example', locale: 'en' },
    },
    score: null,
    comment: null,
  },
  {
    ending: 'skipped',
    about: 'writes from our own domain, so nobody is asked',
    opens: {
      subject: 'Printer on the second floor',
      requester: { name: 'Dana Frost', email: 'dana.frost@acme.example', locale: 'en' },
    },
    score: null,
    comment: null,
  },
  {
    ending: 'reopened',
    about: 'is reopened before the mail leaves, and asked after the next closing',
    opens: {
      subject: 'Die Rechnung stimmt nicht',
      requester: { name: 'Eli Weber', email: 'eli.weber@customer.example', locale: 'de' },
    },
    score: 4,
    comment: null,
  },
];
