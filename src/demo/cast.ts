import type { SandboxCaseInput } from '../sandbox.ts';

/** How a case ends in the demo. */
type Ending =
  | 'happy'
  | 'unhappy'
  | 'silent'
  | 'skipped'
  | 'reopened'
  | 'late'
  | 'changed'
  | 'outage'
  /** The same person has been asked about a case in another CRM. */
  | 'elsewhere';

/** A customer with a case, and what they do with the survey. */
export interface Role {
  readonly ending: Ending;
  readonly about: string;
  readonly opens: SandboxCaseInput;
  readonly score: number | null;
  readonly comment: string | null;
  /** What they make of their answer a moment later. */
  readonly second?: { readonly score: number; readonly comment: string };
}

/** Who plays in the first CRM, in order of appearance. */
const FIRST_CAST: readonly Role[] = [
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
  {
    ending: 'late',
    about: 'answers when the case is closed for good, and nothing can be written on it any more',
    opens: {
      subject: 'Delivery was late',
      requester: { name: 'Fay Lindgren', email: 'fay.lindgren@customer.example', locale: 'en' },
      tags: ['delivery'],
    },
    score: 4,
    comment: 'Sorry, I only saw this now.',
  },
  {
    ending: 'changed',
    about: 'gives 3 and thinks better of it',
    opens: {
      subject: 'Wrong size delivered',
      requester: { name: 'Gil Moreau', email: 'gil.moreau@customer.example', locale: 'en' },
      tags: ['delivery'],
    },
    score: 3,
    comment: null,
    second: { score: 5, comment: 'They called me back, all is well.' },
  },
  {
    ending: 'outage',
    about: 'answers while the CRM is out of order',
    opens: {
      subject: 'Password reset mail never came',
      requester: { name: 'Hana Sato', email: 'hana.sato@customer.example', locale: 'en' },
      tags: ['login'],
    },
    score: 5,
    comment: null,
  },
];

/** Who plays in every further CRM. They write to several of our brands, so each CRM has customers of its own. */
const NEXT_CAST: readonly Role[] = [
  {
    ending: 'unhappy',
    about: 'a link scanner opens every link first; then the customer gives 1 with a comment',
    opens: {
      subject: 'Charged twice in one month',
      requester: { name: 'Ines Costa', email: 'ines.costa', locale: 'en' },
    },
    score: 1,
    comment: 'Nobody told me what happens next.',
  },
  {
    ending: 'changed',
    about: 'gives 2 and thinks better of it',
    opens: {
      subject: 'Where is my parcel?',
      requester: { name: 'Jonas Berg', email: 'jonas.berg', locale: 'en' },
    },
    score: 2,
    comment: null,
    second: { score: 4, comment: 'It came an hour later.' },
  },
  {
    ending: 'outage',
    about: 'answers while the CRM is out of order',
    opens: {
      subject: 'The export is empty',
      requester: { name: 'Kira Lindholm', email: 'kira.lindholm', locale: 'en' },
    },
    score: 5,
    comment: null,
  },
  {
    ending: 'elsewhere',
    about: 'has just been asked about a case in another CRM, so nobody asks again',
    opens: {
      subject: 'One more question',
      requester: { name: 'Ana Novak', email: 'ana.novak@customer.example', locale: 'en' },
    },
    score: null,
    comment: null,
  },
];

/** A role and the CRM that it is played in. */
export interface Part {
  readonly connector: string;
  readonly role: Role;
}

/** Who plays where; a second act begins when the first has ended. */
export function castOf(connectors: readonly string[]): readonly (readonly Part[])[] {
  const parts = connectors.flatMap((connector, nth) =>
    nth === 0
      ? FIRST_CAST.map((role) => ({ connector, role }))
      : NEXT_CAST.map((role) => ({ connector, role: customerOf(role, connector) })),
  );
  return [
    parts.filter(({ role }) => role.ending !== 'elsewhere'),
    parts.filter(({ role }) => role.ending === 'elsewhere'),
  ];
}

function customerOf(role: Role, connector: string): Role {
  const { requester } = role.opens;
  const email =
    requester.email?.includes('@') === false ? `${requester.email}@${connector}.example` : requester.email;
  return { ...role, opens: { ...role.opens, requester: { ...requester, email } } };
}
