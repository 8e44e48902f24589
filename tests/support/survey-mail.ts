import { parseMail, type SmtpSink } from './smtp.ts';

export interface SurveyMail {
  readonly messageId: string;
  readonly subject: string;
  readonly links: readonly string[];
}

/** Every mail that an SMTP server took for that address, parsed, oldest first. */
export async function mailsTo(smtp: Pick<SmtpSink, 'mails'>, address: string): Promise<SurveyMail[]> {
  const mails = smtp.mails.filter((mail) => mail.to.includes(address));
  return Promise.all(
    mails.map(async ({ raw }) => {
      const mail = await parseMail(raw);
      const html = typeof mail.html === 'string' ? mail.html : '';
      return {
        messageId: mail.messageId ?? '',
        subject: mail.subject ?? '',
        links: [...html.matchAll(/href="(http[^"]+)"/g)].map((match) =>
          (match[1] ?? '').replaceAll('&amp;', '&'),
        ),
      };
    }),
  );
}

/** Opens the link of a score and presses the button, as a browser without scripts does. */
export async function answerSurvey(
  mail: Pick<SurveyMail, 'links'>,
  score: number,
  comment = '',
): Promise<void> {
  const link = mail.links.find((one) => new URL(one).searchParams.get('score') === String(score));
  if (link === undefined) throw new Error(`the mail has no link for ${score}`);
  const page = await fetch(link);
  if (page.status !== 200) throw new Error(`the survey page answered ${page.status}`);
  const action = /<form[^>]*\baction="([^"]*)"/.exec(await page.text())?.[1] ?? '';
  const answer = await fetch(new URL(action, link), {
    method: 'POST',
    body: new URLSearchParams({ score: String(score), comment }),
  });
  if (answer.status >= 400) throw new Error(`the survey page answered ${answer.status} to an answer`);
}
