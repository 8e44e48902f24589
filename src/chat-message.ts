import type { AlertEntry, AlertText } from './domain/alert.ts';

/** What each kind of chat takes. */
export const CHAT_MESSAGES = { slack: slackMessage, teams: teamsMessage } as const;

/** Slack's own limit is 3,000 characters for a section (docs.slack.dev/reference/block-kit/blocks, 2026-11-27). */
const LONGEST_SECTION = 2_900;

/**
 * For an incoming webhook of Slack. What comes from a CRM or a customer stands in plain text alone, where Slack reads no mark-up:
 * nobody can mention a channel or dress up a link through us.
 */
function slackMessage({ subject, entries, more }: AlertText): unknown {
  return {
    text: escapeForSlack(subject),
    unfurl_links: false,
    blocks: [
      { type: 'header', text: plain(subject.slice(0, 150)) },
      ...entries.flatMap((entry) => [
        { type: 'section', text: plain(wordsOf(entry, entries.length > 1).slice(0, LONGEST_SECTION)) },
        {
          type: 'context',
          elements: [
            {
              type: 'mrkdwn',
              text: `${linkForSlack(entry.caseUrl, 'Open the case')} · ${linkForSlack(entry.url, 'See it in Caseloop')}`,
            },
          ],
        },
      ]),
      ...(more === null ? [] : [{ type: 'context', elements: [plain(more)] }]),
    ],
  };
}

function plain(text: string): unknown {
  return { type: 'plain_text', text, emoji: false };
}

/** The three characters that Slack reads as mark-up. */
function escapeForSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A bar would end the address. */
function linkForSlack(url: string, words: string): string {
  return `<${escapeForSlack(url).replaceAll('|', '%7C')}|${words}>`;
}

/**
 * For a workflow of Teams that takes webhook requests: an Adaptive Card. A TextBlock reads Markdown, so what comes from a CRM or a
 * customer stands in text runs, which do not (adaptivecards.io, 2026-11-27).
 */
function teamsMessage({ subject, entries, more }: AlertText): unknown {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            run(subject, { weight: 'Bolder', size: 'Medium' }),
            ...entries.flatMap((entry) => [
              ...(entries.length > 1 ? [run(entry.title, { weight: 'Bolder' })] : []),
              run(entry.lines.join('\n')),
              ...(entry.comment === null ? [] : [run(`“${entry.comment}”`, { italic: true })]),
              {
                type: 'ActionSet',
                actions: [
                  { type: 'Action.OpenUrl', title: 'Open the case', url: entry.caseUrl },
                  { type: 'Action.OpenUrl', title: 'See it in Caseloop', url: entry.url },
                ],
              },
            ]),
            ...(more === null ? [] : [run(more)]),
          ],
        },
      },
    ],
  };
}

function run(text: string, style: Readonly<Record<string, unknown>> = {}): unknown {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, ...style }] };
}

/** The title only where the message is about several. */
function wordsOf({ title, lines, comment }: AlertEntry, withTitle: boolean): string {
  const words = [...(withTitle ? [title] : []), ...lines, ...(comment === null ? [] : [`“${comment}”`])];
  return words.join('\n');
}
