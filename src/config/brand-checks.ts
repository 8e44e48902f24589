import type { ConfigWarning, KeyPath, ProblemDraft } from './problem.ts';
import type { Source } from './source.ts';
import { entriesAt, valueAt } from './value-at.ts';

/** A name that two brands have would go to one of them, and nobody could tell to which. */
export function checkBrands(value: unknown): ProblemDraft[] {
  const owners = new Map<string, string>();
  return entriesAt(value, ['brands']).flatMap(([key, brand]) =>
    namesOf(key, brand).flatMap(({ name, path }) => {
      const owner = owners.get(name.toLowerCase());
      owners.set(name.toLowerCase(), owner ?? key);
      if (owner === undefined || owner === key) return [];
      return [
        {
          path,
          message: `the brand ${owner} has this name already`,
          allowed: 'each name of a CRM for one brand only',
          fix: 'Delete it from one of the two.',
        },
      ];
    }),
  );
}

function namesOf(key: string, brand: unknown): readonly { name: string; path: KeyPath }[] {
  const when = valueAt(brand, ['when']);
  return [
    { name: key, path: ['brands', key] },
    ...(Array.isArray(when) ? when : []).flatMap((name: unknown, index) =>
      typeof name === 'string' ? [{ name, path: ['brands', key, 'when', index] }] : [],
    ),
  ];
}

/** A warning for every sender that replies would go back to: most often an address that the CRM reads. */
export function warnOfReplies(source: Source, value: unknown): ConfigWarning[] {
  if (valueAt(value, ['mail', 'replyTo']) !== undefined) return [];
  if (valueAt(value, ['mail', 'mailbox']) !== undefined) return [];
  const senders: readonly KeyPath[] = [
    ['mail', 'from'],
    ...entriesAt(value, ['brands'])
      .filter(
        ([, brand]) => valueAt(brand, ['from']) !== undefined && valueAt(brand, ['replyTo']) === undefined,
      )
      .map(([key]) => ['brands', key, 'from']),
  ];
  return senders.map((path) =>
    source.warning(
      path,
      'replies to surveys go to this address, since there is no replyTo. If your CRM reads it, a reply reopens the case or makes a new one.',
    ),
  );
}
