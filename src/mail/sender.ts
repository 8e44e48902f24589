import type { Brand } from '../domain/brand.ts';

/** Who a mail is from and where replies to it go: what the brand says, else what holds for all mails. */
export function senderFor(
  mail: { readonly from: string; readonly replyTo: string | null },
  brand: Pick<Brand, 'from' | 'replyTo'>,
): { readonly from: string; readonly replyTo: string | null } {
  return { from: brand.from ?? mail.from, replyTo: brand.replyTo ?? mail.replyTo };
}
