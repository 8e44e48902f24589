import { describe, expect, it } from 'vitest';
import { printOf } from '../../src/config/print.ts';
import { parseConfig } from '../../src/config.ts';
import { fakeConnector } from './fake-connector.ts';

const TEXT = `
server: { publicUrl: https://survey.acme.example, secret: "${'s'.repeat(40)}" }
mail: { from: support@acme.example }
connectors:
  one: { type: fake, baseUrl: https://one.example, token: first-token }
  two: { type: fake, baseUrl: https://two.example, token: other-token }
surveys: { support: { metric: "2026-11" } }
`;

const printed = (text: string, file = 'caseloop.yaml', env = {}) =>
  printOf(parseConfig(text, { file, env, types: { fake: fakeConnector } }));

describe("a config's print", () => {
  it('is the same for the same settings, however they are written', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the config file
    const variable = TEXT.replace('first-token', '"${TOKEN}"');
    const here = printed(TEXT);
    expect(printed(`# a comment\n${TEXT}\npolicy: { maxPerHour: 2000 }`)).toBe(here);
    expect(printed(variable, 'caseloop.yaml', { TOKEN: 'first-token' })).toBe(here);
    expect(printed(TEXT, `${process.cwd()}/caseloop.yaml`)).toBe(here);
    expect(printed(TEXT, 'other.yaml')).toBe(here);
  });

  it.each([
    ['a secret of a connector', 'other-token', 'new-token'],
    ['a survey', '2026-11', '2026-12'],
    ["the server's secret", 'sssss', 'ttttt'],
    ['the address', 'survey.acme', 'surveys.acme'],
    ['the name of a connector', 'one: {', 'three: {'],
  ])('differs with %s', (_what, from, to) => {
    expect(TEXT).toContain(from);
    expect(printed(TEXT.replace(from, to))).not.toBe(printed(TEXT));
  });
});
