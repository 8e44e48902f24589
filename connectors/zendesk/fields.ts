import type { ConnectorContext } from '../../src/connector.ts';
import { FIELD_NAMES, FIELD_TITLES, type FieldName } from '../../src/domain/fields.ts';
import type { Level } from '../../src/domain/score.ts';
import { ConfigError } from '../../src/errors.ts';
import type { ZendeskApi } from './client.ts';
import { TicketField } from './schema.ts';

/** Field ids are read anew after this time, so that a field an admin made again is found. */
const KEEP_MS = 10 * 60_000;

/** Zendesk's type for each of our fields. A `date` field carries only a day, so the instant is ISO text. */
export const FIELD_TYPES: Readonly<Record<FieldName, string>> = {
  score: 'integer',
  rating: 'text',
  level: 'tagger',
  comment: 'textarea',
  reasons: 'text',
  answeredAt: 'text',
  // Zendesk has no type for addresses.
  link: 'text',
};

/** The drop-down's values. Zendesk turns them into tags, so they are unique in the account and views can filter on them. */
export const LEVEL_VALUES: Readonly<Record<Level, string>> = {
  low: 'csat_low',
  neutral: 'csat_neutral',
  high: 'csat_high',
};

/** The account's field for each of ours: found by title and type, since titles are not unique in Zendesk. */
export async function findFields(api: ZendeskApi): Promise<ReadonlyMap<FieldName, TicketField>> {
  const all = await api.list(TicketField, (zendesk) => zendesk.ticketfields.list());
  const found = new Map<FieldName, TicketField>();
  for (const name of FIELD_NAMES) {
    const same = all.filter(
      (field) => field.title === FIELD_TITLES[name] && field.type === FIELD_TYPES[name],
    );
    const field = same.find(isActive) ?? same[0];
    if (field !== undefined) found.set(name, field);
  }
  return found;
}

/** An inactive field takes no values. Zendesk leaves `active` out of nothing we know; absent counts as active. */
export function isActive(field: { readonly active?: boolean | null | undefined }): boolean {
  return field.active !== false;
}

export type FieldIds = Readonly<Record<FieldName, number>>;

/** The ids that write-backs need. */
export interface FieldDirectory {
  /** Throws ConfigError when a field is missing or inactive. */
  ids(): Promise<FieldIds>;
  /** Reads anew next time: a write was refused, and a field that was made again could be why. */
  forget(): void;
}

/** Reads ids once and keeps them for ten minutes. No I/O until asked. */
export function createFieldDirectory(api: ZendeskApi, context: ConnectorContext): FieldDirectory {
  let kept: { readonly ids: FieldIds; readonly readAt: number } | null = null;
  return {
    async ids() {
      const now = context.clock.now().getTime();
      if (kept === null || now - kept.readAt >= KEEP_MS) {
        const fields = await findFields(api);
        const id = (name: FieldName): number => {
          const field = fields.get(name);
          if (field === undefined || !isActive(field)) throw missingField(name, context.name);
          return field.id;
        };
        kept = {
          ids: {
            score: id('score'),
            rating: id('rating'),
            level: id('level'),
            comment: id('comment'),
            reasons: id('reasons'),
            answeredAt: id('answeredAt'),
            link: id('link'),
          },
          readAt: now,
        };
      }
      return kept.ids;
    },
    forget() {
      kept = null;
    },
  };
}

function missingField(name: FieldName, connector: string): ConfigError {
  return new ConfigError(
    `Zendesk: there is no active ticket field "${FIELD_TITLES[name]}" of type ${FIELD_TYPES[name]}`,
    { fix: `Run \`caseloop provision ${connector} --apply\`.` },
  );
}
