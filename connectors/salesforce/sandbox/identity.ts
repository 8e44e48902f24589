import { findRecord } from './define.ts';
import type { Org } from './model.ts';
import { DATA_PATH } from './rest.ts';

/** What `/services/oauth2/userinfo` says about the user of a token. */
export function userInfoOf(org: Org, userId: string): Record<string, unknown> {
  const values = findRecord(org, 'User', userId)?.values ?? {};
  return {
    sub: `${org.url()}/id/${org.id}/${userId}`,
    user_id: userId,
    organization_id: org.id,
    preferred_username: values.Username,
    nickname: values.Alias,
    name: values.Name,
    email: values.Email,
    email_verified: true,
    given_name: values.FirstName,
    family_name: values.LastName,
    zoneinfo: values.TimeZoneSidKey,
    language: values.LanguageLocaleKey,
    locale: values.LocaleSidKey,
    user_type: 'STANDARD',
    active: values.IsActive,
    urls: { rest: `${org.url()}${DATA_PATH}/`, query: `${org.url()}${DATA_PATH}/query/` },
  };
}

/** What the identity URL of a token says. */
export function identityOf(org: Org, userId: string): Record<string, unknown> {
  const values = findRecord(org, 'User', userId)?.values ?? {};
  return {
    id: `${org.url()}/id/${org.id}/${userId}`,
    asserted_user: true,
    user_id: userId,
    organization_id: org.id,
    username: values.Username,
    nick_name: values.Alias,
    display_name: values.Name,
    email: values.Email,
    first_name: values.FirstName,
    last_name: values.LastName,
    active: values.IsActive,
    user_type: 'STANDARD',
    language: values.LanguageLocaleKey,
    locale: values.LocaleSidKey,
  };
}
