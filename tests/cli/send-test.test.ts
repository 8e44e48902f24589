import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseMail } from '../support/smtp.ts';
import { type Installation, openInstallation } from './installation.ts';

const BRANDS = {
  nordwind: {
    name: 'Nordwind',
    colour: '#0b7a4b',
    from: 'help@nordwind.example',
    replyTo: 'kept@nordwind.example',
  },
  limon: { name: 'Limón', colour: '#ffd400' },
};

describe('what an admin can see before anybody is asked', { timeout: 60_000 }, () => {
  let here: Installation;
  beforeAll(async () => {
    here = await openInstallation({ config: { brands: BRANDS } });
  });
  afterAll(() => here.close());

  it('check names the contrast of each brand, and a colour that can be read', async () => {
    const { code, stdout } = await here.run('check', '--offline');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ok {7}brands\.nordwind, contrast: white on buttons of #0b7a4b has 5\.3:1; links in it 4\.8:1 on light surfaces; /m,
    );
    expect(stdout).toMatch(
      /^warning {2}brands\.limon, contrast: black on buttons of #ffd400 has 14\.\d:1; links in it 1\.2:1 .* so they are (#[0-9a-f]{6}) with 4\.5:1; .*\n {9}do: Set brands\.limon\.colour to "\1"/m,
    );
  });

  it('send-test sends one marked mail that asks nobody', async () => {
    const { code, stdout } = await here.run(
      'send-test',
      ...['--to', 'admin@acme.example', '--brand', 'nordwind', '--locale', 'de'],
    );
    expect({ code, sent: here.smtp.mails.length }).toEqual({ code: 0, sent: 1 });
    expect(stdout).toMatch(
      /^The relay took it: \d+ bytes for admin@acme\.example\.\nSurvey support, brand nordwind, /,
    );
    const [taken] = here.smtp.mails;
    const mail = await parseMail(taken?.raw ?? Buffer.alloc(0));
    expect(mail.subject).toMatch(/^\[Test\] Ihre Anfrage 4711 an Nordwind/);
    expect(mail.from?.text).toBe('help@nordwind.example');
    const links = [...(mail.html || '').matchAll(/href="([^"]+)"/g)].map(
      ([, url = '']) => new URL(url).pathname,
    );
    expect(new Set(links)).toEqual(new Set(['/test-mail']));
  });

  it.each([
    [['--to', 'nobody'], '--to: this is not one plain mail address'],
    [['--to', 'a@acme.example', '--brand', 'acme'], 'do: Write one of nordwind, limon.'],
    [['--to', 'a@acme.example', '--survey', 'nps'], 'do: Write one of support.'],
  ])('send-test %j is bad usage', async (args, says) => {
    const { code, stderr } = await here.run('send-test', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});
