import { withScore } from '../links.ts';
import type { InvitationBody, InvitationLook } from './invitation-look.ts';

/** Plain text that says what the HTML says, in the same order: every score with its words and its address. */
export function prepareText(look: InvitationLook): InvitationBody {
  const { wording, points, signature } = look;
  const { mail } = wording.texts;
  return (values) =>
    [
      ...(values.brand === '' ? [] : [values.brand]),
      wording.question,
      ...points.map(({ name, score }) => `${name}\n${withScore(values.openUrl, score)}`),
      `${mail.choose}\n${mail.open}: ${values.openUrl}`,
      values.greeting,
      values.closed,
      ...(look.purpose === 'reminder' ? [values.reminder] : []),
      ...(signature.length === 0 ? [] : [signature.join('\n')]),
      ...(look.repliesAreKept ? [mail.replies] : []),
      `-- \n${values.reason}\n${mail.optOut}: ${values.optOutUrl}\n`,
    ].join('\n\n');
}
