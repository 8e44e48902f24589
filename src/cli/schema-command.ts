import { writeFile } from 'node:fs/promises';
import { connectorTypes } from '../../connectors/index.ts';
import { print } from './load.ts';
import { renderSchemaFile } from './schema-file.ts';

const SCHEMA_FILE = 'config/schema.json';

/** `npm run schema`: writes the JSON schema that editors use for the config file. */
export async function schema(): Promise<number> {
  await writeFile(SCHEMA_FILE, renderSchemaFile(connectorTypes));
  print(`Wrote ${SCHEMA_FILE}.`);
  return 0;
}
