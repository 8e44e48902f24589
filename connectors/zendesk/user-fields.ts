import type { ConnectorContext } from '../../src/connector.ts';
import { FIELD_NAMES, FIELD_TITLES, type FieldName } from '../../src/domain/fields.ts';
import { ConfigError } from '../../src/errors.ts';
import type { ZendeskApi } from './client.ts';
import { isActive } from './fields.ts';
import { UserField } from './schema.ts';

/** Field keys are read anew after this time, so that a field an admin made again is found. */
const KEEP_MS = 10 * 60_000;

/**
 * Zendesk's type for each of our fields on a person. The level is text and no drop-down: the drop-down's value would become a
 * tag of the person, and Zendesk puts a person's tags on each of their later tickets.
 * https://developer.zendesk.com/api-reference/ticketing/users/user_fields/ (2026-11-21)
 */
export const USER_FIELD_TYPES: Readonly<Record<FieldName, string>> = {
  score: 'integer',
  rating: 'text',
  level: 'text',
  comment: 'textarea',
  reasons: 'text',
  answeredAt: 'text',
  link: 'text',
};

/** The keys we make fields with. They are unique in the account, so making one twice is refused. */
export const USER_FIELD_KEYS: Readonly<Record<FieldName, string>> = {
  score: 'csat_score',
  rating: 'csat_rating',
  level: 'csat_level',
  comment: 'csat_comment',
  reasons: 'csat_reasons',
  answeredAt: 'csat_answered_at',
  link: 'csat_link',
};

/** The account's field for each of ours: by our key, or by title where an admin made it under another. */
export async function findUserFields(api: ZendeskApi): Promise<ReadonlyMap<FieldName, UserField>> {
  const all = await api.list(UserField, (zendesk) => zendesk.userfields.list());
  const found = new Map<FieldName, UserField>();
  for (const name of FIELD_NAMES) {
    const right = all.filter((field) => field.type === USER_FIELD_TYPES[name]);
    const field =
      right.find(({ key }) => key === USER_FIELD_KEYS[name]) ??
      right.find((one) => one.title === FIELD_TITLES[name] && isActive(one)) ??
      right.find(({ title }) => title === FIELD_TITLES[name]);
    if (field !== undefined) found.set(name, field);
  }
  return found;
}

/** The keys that values are written under. */
export interface UserFieldDirectory {
  /** Throws ConfigError when a field is missing or inactive. */
  keys(): Promise<Readonly<Record<FieldName, string>>>;
}

/** Reads keys once and keeps them for ten minutes. No I/O until asked. */
export function createUserFieldDirectory(api: ZendeskApi, context: ConnectorContext): UserFieldDirectory {
  let kept: { readonly keys: Readonly<Record<FieldName, string>>; readonly readAt: number } | null = null;
  return {
    async keys() {
      const now = context.clock.now().getTime();
      if (kept === null || now - kept.readAt >= KEEP_MS) {
        const fields = await findUserFields(api);
        const key = (name: FieldName): string => {
          const field = fields.get(name);
          if (field !== undefined && isActive(field)) return field.key;
          throw new ConfigError(
            `Zendesk: there is no active user field "${FIELD_TITLES[name]}" of type ${USER_FIELD_TYPES[name]}`,
            { fix: `Run \`caseloop provision ${context.name} --apply\`.` },
          );
        };
        kept = {
          keys: {
            score: key('score'),
            rating: key('rating'),
            level: key('level'),
            comment: key('comment'),
            reasons: key('reasons'),
            answeredAt: key('answeredAt'),
            link: key('link'),
          },
          readAt: now,
        };
      }
      return kept.keys;
    },
  };
}
