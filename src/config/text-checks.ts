import { languageOf, MESSAGE_PATHS, messageProblem } from '../texts/own-texts.ts';
import type { ConfigWarning, ProblemDraft } from './problem.ts';
import type { Source } from './source.ts';
import { suggest } from './suggest.ts';
import { entriesAt } from './value-at.ts';

/** Messages of one's own: for a language there is, at a path there is, with the places that are filled there. */
export function checkTexts(value: unknown): ProblemDraft[] {
  return entriesAt(value, ['texts']).flatMap(([tag, messages]) => [
    ...checkTag(tag),
    ...entriesAt(messages, []).flatMap(([path, message]) =>
      typeof message === 'string' ? checkMessage(tag, path, message) : [],
    ),
  ]);
}

function checkTag(tag: string): ProblemDraft[] {
  if (languageOf(tag) !== null) return [];
  return [
    {
      path: ['texts', tag],
      atKey: true,
      message: 'there are no texts in this language that could be changed',
      allowed: 'a language that docs/languages.md lists, or a variant of one, such as de-AT',
      fix: 'Write another language tag, or delete it.',
    },
  ];
}

function checkMessage(tag: string, path: string, message: string): ProblemDraft[] {
  if (!MESSAGE_PATHS.includes(path)) {
    const meant = suggest(path, MESSAGE_PATHS);
    return [
      {
        path: ['texts', tag, path],
        atKey: true,
        message: 'there is no such text',
        allowed: 'the paths that docs/languages.md lists',
        fix: meant === null ? 'Look it up there, or delete it.' : `Write ${meant}.`,
      },
    ];
  }
  const problem = messageProblem(path, message);
  if (problem === null) return [];
  const allowed = 'an ICU message with the places of the text it replaces';
  return [{ path: ['texts', tag, path], ...problem, allowed }];
}

/** A warning for every question around which everything else would be in English, and for every one that is two. */
export function warnOfWording(source: Source, value: unknown): ConfigWarning[] {
  return entriesAt(value, ['surveys']).flatMap(([name, survey]) =>
    entriesAt(survey, ['question']).flatMap(([tag, question]) => {
      const path = ['surveys', name, 'question', tag];
      return [
        ...(languageOf(tag) === null ? [source.warning(path, ALONE)] : []),
        ...(asksTwice(question) ? [source.warning(path, TWICE)] : []),
      ];
    }),
  );
}

const ALONE = 'there are no other texts in this language: everything around the question is in English.';
const TWICE =
  'this is more than one question, and a score answers only one. Ask one; what else you want to know fits into a comment.';

// As Arabic, Chinese and Japanese write it too; Spanish has the other half of it in front.
function asksTwice(question: unknown): boolean {
  return typeof question === 'string' && (question.match(/[?؟？]/g) ?? []).length > 1;
}
