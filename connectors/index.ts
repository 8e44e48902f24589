import type { ConnectorDefinition } from '../src/connector.ts';
import { freshdesk } from './freshdesk/index.ts';
import { salesforce } from './salesforce/index.ts';
import { zendesk } from './zendesk/index.ts';

/**
 * Every connector type by name, written by hand so that nothing is found by accident. What `Config` parses is what `connect`
 * takes: `definition.connect(definition.Config.parse(input), context)`.
 */
export const connectorTypes: Readonly<Record<string, ConnectorDefinition<unknown>>> = {
  zendesk,
  freshdesk,
  salesforce,
};
