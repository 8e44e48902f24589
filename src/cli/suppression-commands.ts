import { z } from 'zod';
import type { App } from '../app.ts';
import {
  addSuppressions,
  noteExport,
  personRef,
  readPersonRef,
  readSuppressions,
  removeSuppression,
} from '../store/suppressions.ts';
import type { LineProblem } from './suppression-file.ts';

/** What `caseloop suppressions` has the owner of the database do. Addresses pass through and are not kept. */

const ACTOR = 'command line';
const PAGE = 500;

/** The most lines of one call: they travel as one line of JSON. */
export const LINES_PER_CALL = 1_000;

export const AddArgs = z.strictObject({
  lines: z
    .array(
      z.strictObject({
        line: z.int(),
        who: z.string(),
        since: z.string().nullable(),
        source: z.string().nullable(),
      }),
    )
    .max(LINES_PER_CALL),
  /** The source of lines that name none. */
  source: z.string(),
});

export interface AddResult {
  readonly added: number;
  /** Were on the list already. */
  readonly known: number;
  readonly problems: readonly LineProblem[];
}

export async function suppress({ work, clock }: App, args: z.infer<typeof AddArgs>): Promise<AddResult> {
  const at = clock.now();
  const problems: LineProblem[] = [];
  const people = args.lines.flatMap(({ line, who, since, source }) => {
    const person = personOf(work, who);
    if (person === null) {
      problems.push({ line, problem: OF_ANOTHER });
      return [];
    }
    return [{ person, since: since === null ? at : new Date(since), source: source ?? args.source }];
  });
  const added = await addSuppressions(work.db, people, { at, actor: ACTOR });
  return { added, known: people.length - added, problems };
}

const OF_ANOTHER =
  'this hash was made by another installation, and only that one can tell whose it is: import the address';

export const RemoveArgs = z.strictObject({ who: z.string() });

export interface RemoveResult {
  readonly removed: boolean;
}

export async function unsuppress(
  { work, clock }: App,
  args: z.infer<typeof RemoveArgs>,
): Promise<RemoveResult> {
  const person = personOf(work, args.who);
  const change = { at: clock.now(), actor: ACTOR };
  return { removed: person !== null && (await removeSuppression(work.db, person, change)) };
}

/** Null: a hash of another installation. */
function personOf({ installation }: App['work'], who: string): string | null {
  const ref = readPersonRef(who);
  if (ref === null) return installation.hashPerson(who);
  return ref.installation === installation.id ? ref.person : null;
}

export const ListArgs = z.strictObject({ isExport: z.boolean() });

/** Someone on the list, as it is shown: by address where a survey still knows it. */
export interface ListedPerson {
  readonly who: string;
  readonly since: string;
  readonly source: string;
}

/** Emits the list page by page. */
export async function listSuppressions(
  { work, clock }: App,
  args: z.infer<typeof ListArgs>,
  emit: (event: readonly ListedPerson[]) => void,
): Promise<{ people: number }> {
  let people = 0;
  let after: string | null = null;
  for (;;) {
    const page = await readSuppressions(work.db, { after, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) break;
    emit(
      page.map(({ person, address, since, source }) => ({
        who: address ?? personRef(work.installation.id, person),
        since: since.toISOString(),
        source,
      })),
    );
    people += page.length;
    after = last.person;
  }
  if (args.isExport) await noteExport(work.db, { at: clock.now(), actor: ACTOR, people });
  return { people };
}
