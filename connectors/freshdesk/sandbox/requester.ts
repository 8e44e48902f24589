import type { BodyReader } from './params.ts';
import { addContact, findPerson, findPersonByEmail, type State } from './state.ts';

const ADDRESS = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

/**
 * Reads whom a ticket body names by id, address, phone or external id. Unknown addresses and phones become contacts, but
 * only when the result is called: a refused request must leave nobody behind. Null when the body names nobody.
 */
export function readRequester(state: State, reader: BodyReader): (() => number) | null {
  const name = reader.text('name');
  const id = reader.integer('requester_id');
  const email = reader.text('email');
  const phone = reader.text('phone');
  const externalId = reader.text('unique_external_id');
  const nobody = (key: string): void => reader.complain(key, `There is no contact matching the given ${key}`);
  // Known keys whose contacts the sandbox does not play.
  for (const key of ['twitter_id', 'facebook_id']) if (reader.text(key) !== undefined) nobody(key);

  if (id !== undefined) {
    if (findPerson(state, id) === undefined) nobody('requester_id');
    return () => id;
  }
  if (externalId !== undefined) {
    const known = [...state.contacts.values()].find((contact) => contact.uniqueExternalId === externalId);
    if (known === undefined) nobody('unique_external_id');
    return () => known?.id ?? 0;
  }
  if (email !== undefined) {
    if (!ADDRESS.test(email)) reader.complain('email', 'It should be a valid email address');
    return () => {
      const known = findPersonByEmail(state, email);
      return (known ?? addContact(state, { name: name ?? email.split('@')[0] ?? email, email })).id;
    };
  }
  if (phone === undefined) return null;
  const known = [...state.contacts.values()].find((contact) => contact.phone === phone);
  if (known === undefined && name === undefined)
    reader.complain('name', 'It should not be blank as this is a mandatory field', 'missing_field');
  return () => (known ?? addContact(state, { name: name ?? phone, email: null, phone })).id;
}
