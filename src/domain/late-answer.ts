/**
 * What the record of a late answer says for staff, plain text in English. The answer itself is not in it: it stands in the
 * record's fields, where a changed answer replaces it.
 */
export function lateAnswerText(about: { readonly caseNumber: string; readonly url: string }): {
  readonly subject: string;
  readonly body: string;
} {
  return {
    subject: `Late rating of case ${about.caseNumber}`,
    body: [
      `The customer rated case ${about.caseNumber} after it was closed for good, when nothing can be written on it any more.`,
      'The rating stands in the CSAT fields here. There is nothing to do: a low score has a follow-up of its own.',
      `Case: ${about.url}`,
    ].join('\n\n'),
  };
}
