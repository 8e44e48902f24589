/** A survey page of about Caseloop's size, put together from one row. */
export function surveyPage(survey: { number: string; question: string }, score: number | null): string {
  const labels = ['Very dissatisfied', 'Dissatisfied', 'Neutral', 'Satisfied', 'Very satisfied'];
  const points = labels.map((label, index) => {
    const point = index + 1;
    return `<label class="point"><input type="radio" name="score" value="${point}" required${point === score ? ' checked' : ''}><span class="symbol" aria-hidden="true">${point}</span><span class="words" aria-hidden="true">${label}</span><span class="unseen">${point} – ${label}</span></label>`;
  });
  const reasons = Object.entries(REASONS).map(
    ([id, words]) =>
      `<label class="chip"><input type="checkbox" name="reasons" value="${id}"><span>${words}</span></label>`,
  );
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(survey.question)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="../assets/survey.css">
</head>
<body>
<main>
<p class="request">Your request ${escapeHtml(survey.number)}</p>
<form method="post" action="?">
<fieldset>
<legend><h1>${escapeHtml(survey.question)}</h1></legend>
<div class="points list of-5">
${points.join('\n')}
</div>
</fieldset>
<fieldset class="reasons">
<legend>What was it about? <span class="soft">(optional)</span></legend>
<div class="chips">
${reasons.join('\n')}
</div>
</fieldset>
<label class="comment" for="comment">Would you like to add anything? <span class="soft">(optional)</span></label>
<textarea id="comment" name="comment" rows="3"></textarea>
<button type="submit">Send</button>
</form>
</main>
</body>
</html>
`;
}

const REASONS = {
  person: 'The person who helped me',
  policy: 'The rules or the price',
  product: 'The product or service itself',
  wait: 'How long it took',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
