import type { World } from './world.ts';

/** Reads the sandbox's API as any other client of the account would. */
export async function openHistory(crm: World['crm']): Promise<ZendeskHistory> {
  const { auth } = crm.settings as { auth: { clientId: string; clientSecret: string } };
  const minted = await fetch(`${crm.url}/oauth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'client_credentials',
      client_id: auth.clientId,
      client_secret: auth.clientSecret,
      scope: 'read',
    }),
  });
  const { access_token } = (await minted.json()) as { access_token: string };
  const read = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${crm.url}/api/v2/${path}`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    if (response.status !== 200) throw new Error(`the sandbox answered ${response.status} to ${path}`);
    return (await response.json()) as T;
  };
  const { ticket_fields } = await read<{ ticket_fields: { id: number; title: string }[] }>('ticket_fields');
  return {
    async valuesOf(caseId, title) {
      const id = String(ticket_fields.find((field) => field.title === title)?.id);
      const { audits } = await read<{ audits: { events: { field_name?: string; value?: unknown }[] }[] }>(
        `tickets/${caseId}/audits`,
      );
      return audits.flatMap(({ events }) =>
        events.filter((one) => one.field_name === id).map(({ value }) => value),
      );
    },
  };
}

export interface ZendeskHistory {
  /** Every value that a field of that title has had on the case, oldest first. Writing the same value again is no change. */
  valuesOf(caseId: string, title: string): Promise<readonly unknown[]>;
}
