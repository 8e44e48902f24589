/** The same words, table and number of links as Caseloop's invitation, so that both pipelines send mails of one size. */
export function invitation(ticket: { id: string; subject: string; name: string }, surveyUrl: string) {
  const scores = ['Very dissatisfied', 'Dissatisfied', 'Neutral', 'Satisfied', 'Very satisfied'];
  const optOutUrl = surveyUrl.replace('/s/', '/u/');
  const cells = scores.map((label, index) => {
    const score = index + 1;
    return `<td width="20%" style="padding:3px;"><a class="point" href="${surveyUrl}?score=${score}" title="${score} – ${label}" aria-label="${score} – ${label}" style="display:block;padding:12px 0;border:1px solid #667;border-radius:6px;background:#fff;${FONT}font-size:18px;line-height:24px;text-align:center;text-decoration:none;color:#222;">${score}</a></td>`;
  });
  return {
    subject: `Your request ${ticket.id} to Acme: how was the support?`,
    html: `${HEAD}
<body class="page" style="margin:0;padding:0;background:#f2f3f5;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f2f3f5;"><tr><td align="center" style="padding:24px 8px;">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:520px;background:#ffffff;border:1px solid #d8dbe0;border-radius:8px;">
<tr><td class="text" style="padding:24px 20px 0;${FONT}font-size:16px;line-height:24px;color:#222222;">
<p style="margin:0 0 12px;">Hello ${escapeHtml(ticket.name)},</p>
<p style="margin:0 0 20px;">Your request ${ticket.id}, “${escapeHtml(ticket.subject)}”, has been closed.</p>
<h1 style="margin:0 0 16px;font-size:20px;line-height:28px;font-weight:bold;">How would you rate the support you received?</h1>
</td></tr>
<tr><td style="padding:0 16px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="table-layout:fixed;"><tr>${cells.join('')}</tr></table>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="soft" align="left" valign="top" style="padding:4px;${SMALL}">Very dissatisfied</td><td class="soft" align="right" valign="top" style="padding:4px;${SMALL}">Very satisfied</td></tr></table>
</td></tr>
<tr><td class="soft" style="padding:16px 20px 24px;${SMALL}">Choose one answer. A page opens where you can add a comment if you like. <a href="${surveyUrl}" style="color:#555555;">Open the survey page</a></td></tr>
</table>
<p class="soft" style="margin:16px 12px 0;max-width:496px;${SMALL}">You get this mail because your request ${ticket.id} was closed.<br><a href="${optOutUrl}" style="color:#555555;">Send me no more surveys</a></p>
</td></tr></table>
</body>
</html>
`,
    text: [
      `Hello ${ticket.name},`,
      `Your request ${ticket.id}, “${ticket.subject}”, has been closed.`,
      'How would you rate the support you received?',
      'Choose one answer. A page opens where you can add a comment if you like.',
      ...scores.map((label, index) => `${index + 1} – ${label}\n${surveyUrl}?score=${index + 1}`),
      `-- \nYou get this mail because your request ${ticket.id} was closed.`,
      `Send me no more surveys: ${optOutUrl}`,
    ].join('\n\n'),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'List-Unsubscribe': `<${optOutUrl}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  };
}

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;";
const SMALL = `${FONT}font-size:14px;line-height:21px;color:#555555;`;
const HEAD = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
@media (prefers-color-scheme: dark) {
  .page { background: #16191d !important; }
  .card { background: #20242a !important; border-color: #3b424c !important; }
  .text, .text h1 { color: #eceef1 !important; }
  .soft, .soft a { color: #b4bac3 !important; }
  .point { background: #2b313a !important; border-color: #8d96a3 !important; color: #ffffff !important; }
}
</style>
<title>How was the support?</title>
</head>`;

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
