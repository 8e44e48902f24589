import { expect, test } from 'vitest';
import type { Explanation } from '../../src/explain.ts';
import { eventually } from '../support/eventually.ts';
import { untilFinished } from '../support/soak-cases.ts';
import { describeSoak } from '../support/soak-engine.ts';
import { openSoakRun } from '../support/soak-run.ts';
import { MAILS_AT_ONCE } from '../support/soak-site.ts';

const CLOSURES = 12;

describeSoak('mail.afterCrash: hold', ['PGlite', 'PostgreSQL'], (name) => {
  test('holds what a kill cut off, tells so, and sends it when told to', async () => {
    const run = await openSoakRun('hold', name, { config: { mail: { afterCrash: 'hold' } } });
    const { site, cases, customers } = run;
    customers.silence(() => true);
    site.holdMails(true);
    await cases.close(CLOSURES);
    await eventually('as many mails under way as there can be', () => site.mailsUnderWay() === MAILS_AT_ONCE);
    const killedAt = performance.now();
    await Promise.all(site.slots.map((slot) => slot.kill()));
    site.holdMails(false);
    const cutOff = await eventually('the relay keeps what it had been given', () => {
      const addresses = site.smtp.mails.flatMap(({ to }) => to);
      return addresses.length === MAILS_AT_ONCE && addresses;
    });
    await Promise.all(site.slots.map((slot) => slot.start()));
    run.backMs.push(performance.now() - killedAt);

    run.reveal();
    const heldOf = ({ closures }: Explanation) =>
      closures.flatMap(({ due }) => due).filter(({ what }) => what.includes('is held'));
    const explanations = await untilFinished(site, cases.all, (one) =>
      one.summary.includes('has not answered') ? heldOf(one).length === 0 : heldOf(one).length === 1,
    );
    const held = explanations.flatMap(heldOf);
    expect(held, 'what is held').toHaveLength(MAILS_AT_ONCE);
    for (const { at, what, fix } of held) {
      expect(at).toBeNull();
      expect(what).toContain('whether the relay took it is not known');
      expect(fix).toContain('mail.afterCrash');
    }
    expect(site.smtp.mails, 'mails sent while some are held').toHaveLength(CLOSURES);

    // One of them answers what it got after all: that mail need not be sent again. The others are, as the fix says.
    const [arrived = ''] = cutOff;
    customers.silence((address) => address !== arrived);
    await eventually('the answer to a held mail', () => customers.answered.has(arrived));
    await site.configure({ mail: { afterCrash: 'resend' } });
    for (const slot of site.slots) await slot.stop();
    await Promise.all(site.slots.map((slot) => slot.start()));
    await eventually('the mails sent again', () => site.smtp.mails.length === CLOSURES + MAILS_AT_ONCE - 1);
    customers.silence(() => false);
    await run.finish({ kills: site.slots.length, mailsTwiceAtMost: MAILS_AT_ONCE - 1 });
  });
});
