import type { Config } from '../config.ts';
import { dnsRecordOf, isAligned } from '../mail/dkim.ts';
import type { PlacedFinding } from './commands.ts';

/** What to publish for the signature, and every sender it does not speak for. Looks nothing up. */
export function checkDkim({ mail, brands }: Pick<Config, 'mail' | 'brands'>): readonly PlacedFinding[] {
  const { dkim } = mail;
  if (dkim === null) return [];
  const { name, value } = dnsRecordOf(dkim);
  const senders = [
    { key: 'mail.from', from: mail.from },
    ...brands.flatMap(({ key, from }) => (from === null ? [] : [{ key: `brands.${key}.from`, from }])),
  ];
  return [
    {
      place: 'mail',
      what: 'dkim',
      level: 'ok',
      detail: `mails are signed for ${dkim.domain} with the selector ${dkim.selector}; in the DNS stands ${name} TXT "${value}"`,
      fix: null,
    },
    ...senders
      .filter(({ from }) => !isAligned(from, dkim.domain))
      .map(
        ({ key }): PlacedFinding => ({
          place: 'mail',
          what: 'dkim',
          level: 'warning',
          detail: `${key} is not at ${dkim.domain}, so receivers do not count the signature for it`,
          fix: `Set mail.dkim.domain to the domain of ${key}, or let the relay sign.`,
        }),
      ),
  ];
}
