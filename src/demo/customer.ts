import { request } from 'undici';
import type { MailboxMail } from './mailbox.ts';

/** What a customer, or their mail scanner, does with a survey mail: plain HTTP, as a browser without scripts sends it. */

/** Every link in the mail's HTML, as a scanner finds them. */
function linksIn(mail: MailboxMail): string[] {
  const links = [...(mail.html ?? '').matchAll(/href="([^"]+)"/g)].map((match) =>
    (match[1] ?? '').replaceAll('&amp;', '&'),
  );
  return [...new Set(links)].filter((link) => link.startsWith('http'));
}

/** Fetches every link, as scanners do before the customer sees the mail. Gives how many there were. */
export async function scanLinks(mail: MailboxMail): Promise<number> {
  const links = linksIn(mail);
  for (const link of links) {
    const { body } = await request(link, { headers: { 'user-agent': 'link-scanner' } });
    await body.dump();
  }
  return links.length;
}

/** Follows the link of a score and gives the address that the page's form posts to. */
export async function openSurvey(mail: MailboxMail, score: number): Promise<string> {
  const link = linksIn(mail).find((one) => new URL(one).searchParams.get('score') === String(score));
  if (link === undefined) throw new Error(`The mail has no link for the score ${score}.`);
  const { statusCode, body } = await request(link);
  const html = await body.text();
  if (statusCode !== 200) throw new Error(`The survey page answered ${statusCode}.`);
  const action = /<form[^>]*\baction="([^"]*)"/.exec(html)?.[1] ?? '';
  return new URL(action.replaceAll('&amp;', '&'), link).href;
}

/** Presses the page's button. */
export async function sendAnswer(
  formUrl: string,
  answer: { score: number; comment: string | null },
): Promise<void> {
  const form = new URLSearchParams({ score: String(answer.score), comment: answer.comment ?? '' });
  const { statusCode, body } = await request(formUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  await body.dump();
  if (statusCode >= 400) throw new Error(`The survey page answered ${statusCode} to an answer.`);
}
