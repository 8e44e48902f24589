import { MINUTE_MS } from '../../src/clock.ts';
import type { ConnectorContext } from '../../src/connector.ts';
import { FIELD_NAMES, FIELD_TITLES, type FieldName } from '../../src/domain/fields.ts';
import type { Level } from '../../src/domain/score.ts';
import { ConfigError } from '../../src/errors.ts';
import type { FreshdeskApi } from './client.ts';
import { TicketField } from './schema.ts';

/** The fields of an answer, and the one by which a ticket that we made is known again. */
export type OwnField = FieldName | 'reference';

/** Labels as admins see them. */
export const LABELS: Readonly<Record<OwnField, string>> = { ...FIELD_TITLES, reference: 'CSAT reference' };

/**
 * Freshdesk's type for each. A date field carries only a day, so the instant is ISO text; a line of text is short, so
 * whatever may be long is a paragraph.
 */
export const FIELD_TYPES: Readonly<Record<OwnField, string>> = {
  score: 'custom_number',
  rating: 'custom_text',
  level: 'custom_dropdown',
  comment: 'custom_paragraph',
  reasons: 'custom_paragraph',
  answeredAt: 'custom_text',
  link: 'custom_url',
  reference: 'custom_text',
};

/** Our fields in the order agents see them. */
export const OWN_FIELDS: readonly OwnField[] = [...FIELD_NAMES, 'reference'];

/** What the drop-down offers. */
export const LEVELS: readonly Level[] = ['low', 'neutral', 'high'];

/** Fields are read anew after this time, so that one an admin made again and a status that was renamed are found. */
const KEEP_MS = 10 * MINUTE_MS;

/** The account's own names of our fields: `cf_` and more, given by the server. */
export type AnswerFields = Readonly<Record<FieldName, string>>;

/** What reading tickets needs to know of the account's fields. */
export interface TicketFacts {
  /** The name of our reference field; null while there is none. */
  readonly reference: string | null;
  /** Agent labels by status number. */
  readonly statuses: ReadonlyMap<number, string>;
}

/** The account's ticket fields, read when they are needed and kept for ten minutes. */
export interface FieldDirectory {
  /** Throws ConfigError when one is missing. */
  answers(): Promise<AnswerFields>;
  /** Throws ConfigError when it is missing. */
  reference(): Promise<string>;
  /** Reads anew for a status that it does not know, once a minute at most. */
  factsFor(statuses: Iterable<number>): Promise<TicketFacts>;
  /** Reads anew next time: a write was refused, and a field that was made again could be why. */
  forget(): void;
}

/** The account's field for each of ours, found by label and type. */
export function pickOwnFields(all: readonly TicketField[]): ReadonlyMap<OwnField, TicketField> {
  const found = new Map<OwnField, TicketField>();
  for (const name of OWN_FIELDS) {
    const field = all.find((one) => isLabelled(one, name) && one.type === FIELD_TYPES[name]);
    if (field !== undefined) found.set(name, field);
  }
  return found;
}

/** A field that stands in the way: our label on another type. Labels are unique in Freshdesk. */
export function findImpostor(all: readonly TicketField[], name: OwnField): TicketField | null {
  return all.find((one) => isLabelled(one, name) && one.type !== FIELD_TYPES[name]) ?? null;
}

function isLabelled(field: TicketField, name: OwnField): boolean {
  return field.label.trim().toLowerCase() === LABELS[name].toLowerCase();
}

/** The levels that the drop-down does not offer. Its choices come as texts or as records with a value. */
export function missingLevels({ choices }: TicketField): readonly Level[] {
  const offered = Array.isArray(choices) ? choices.map(readChoice) : Object.keys(choices ?? {});
  return LEVELS.filter((level) => !offered.includes(level));
}

function readChoice(choice: unknown): unknown {
  return typeof choice === 'object' && choice !== null && 'value' in choice ? choice.value : choice;
}

/** Statuses with the label that agents see: `{"2":["Open","Being Processed"]}` (2026-11-22). */
export function readStatuses(all: readonly TicketField[]): ReadonlyMap<number, string> {
  const choices = all.find(({ type }) => type === 'default_status')?.choices ?? {};
  const labels = Object.entries(choices).map(
    ([id, label]) => [Number(id), String(Array.isArray(label) ? label[0] : label)] as const,
  );
  return new Map(labels.filter(([id]) => Number.isInteger(id)));
}

/** The account's ticket fields as agents have them. */
export function readFields(api: FreshdeskApi): Promise<readonly TicketField[]> {
  return api.get('ticket_fields', {}, TicketField.array());
}

/** Reads the fields when they are needed. No I/O until asked. */
export function createFieldDirectory(api: FreshdeskApi, context: ConnectorContext): FieldDirectory {
  let kept: { readonly own: ReadonlyMap<OwnField, TicketField>; readonly facts: TicketFacts } | null = null;
  let readAt = Number.NEGATIVE_INFINITY;

  async function readOnce(keepMs: number) {
    const now = context.clock.now().getTime();
    // Either way, since a clock may be set back.
    if (kept === null || Math.abs(now - readAt) >= keepMs) {
      const all = await readFields(api);
      const own = pickOwnFields(all);
      const reference = own.get('reference')?.name ?? null;
      kept = { own, facts: { reference, statuses: readStatuses(all) } };
      readAt = now;
    }
    return kept;
  }

  async function nameOf(name: OwnField): Promise<string> {
    const field = (await readOnce(KEEP_MS)).own.get(name);
    if (field !== undefined) return field.name;
    // The admin may be about to make it: the next look must see it.
    kept = null;
    throw new ConfigError(
      `Freshdesk: there is no ticket field "${LABELS[name]}" of type ${FIELD_TYPES[name]}`,
      { fix: `Run \`caseloop provision ${context.name} --apply\`.` },
    );
  }

  return {
    answers: async () => ({
      score: await nameOf('score'),
      rating: await nameOf('rating'),
      level: await nameOf('level'),
      comment: await nameOf('comment'),
      reasons: await nameOf('reasons'),
      answeredAt: await nameOf('answeredAt'),
      link: await nameOf('link'),
    }),
    reference: () => nameOf('reference'),
    async factsFor(statuses) {
      const { facts } = await readOnce(KEEP_MS);
      const isKnown = [...statuses].every((status) => facts.statuses.has(status));
      return isKnown ? facts : (await readOnce(MINUTE_MS)).facts;
    },
    forget() {
      kept = null;
    },
  };
}
