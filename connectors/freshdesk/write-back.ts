import type { Receipt, WriteBack } from '../../src/connector.ts';
import { answerNote } from '../../src/domain/answer-note.ts';
import { PermanentError } from '../../src/errors.ts';
import { fieldValues, withOurFields } from './answer-values.ts';
import { unlessArchived } from './archive.ts';
import type { FreshdeskApi } from './client.ts';
import { toHtml } from './html.ts';
import { toId } from './ids.ts';
import { type Came, inTurn, type Keyed } from './in-turn.ts';
import type { GiveRating } from './native-rating.ts';
import { Written } from './schema.ts';
import type { AnswerFields, FieldDirectory } from './ticket-fields.ts';

/**
 * Puts answers on tickets, one PUT each, of our own fields and nothing else: Freshdesk's bulk update gives all tickets the same
 * values, and its `tags` replace the ticket's own, so none is added. Nothing here mails the customer. The same input twice
 * leaves the same fields and one native rating; a note would stand twice.
 *
 * Throws ConfigError when a field is missing. https://developers.freshdesk.com/api/#update_ticket (2026-11-22)
 */
export async function writeBackAll(
  api: FreshdeskApi,
  fields: FieldDirectory,
  giveRating: GiveRating | null,
  items: readonly WriteBack[],
): Promise<Receipt> {
  if (items.length === 0) return { outcomes: [] };
  const names = await fields.answers();
  return inTurn(latestPerCase(items), ({ item }) => writeOne(api, fields, { names, giveRating, item }));
}

async function writeOne(
  api: FreshdeskApi,
  fields: FieldDirectory,
  { names, giveRating, item }: { names: AnswerFields; giveRating: GiveRating | null; item: WriteBack },
): Promise<Came> {
  const ticketId = toId(item.caseId);
  if (ticketId === null) throw new PermanentError(`Freshdesk write-back: ${item.caseId} is not a ticket id`);
  return unlessArchived(api, { ticketId, what: 'write-back' }, async () => {
    const body = { custom_fields: fieldValues(item, names) };
    await withOurFields(fields, Object.values(names), () =>
      api.write('PUT', `tickets/${ticketId}`, body, Written),
    );
    await giveRating?.(ticketId, item);
    // Last, since it is the one thing that a repetition would double.
    if (item.note) {
      const note = { body: toHtml(answerNote(item)), private: true };
      await api.write('POST', `tickets/${ticketId}/notes`, note, Written);
    }
    return { ref: null };
  });
}

/** The latest answer to each ticket, on behalf of all its keys. */
function latestPerCase(items: readonly WriteBack[]): readonly (Keyed & { readonly item: WriteBack })[] {
  const latest = new Map<string, { item: WriteBack; keys: string[] }>();
  for (const item of items) {
    const other = latest.get(item.caseId);
    if (other === undefined) latest.set(item.caseId, { item, keys: [item.key] });
    else {
      other.keys.push(item.key);
      if (item.answeredAt >= other.item.answeredAt) other.item = item;
    }
  }
  return [...latest.values()];
}
