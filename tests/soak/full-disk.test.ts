import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { openDatabase } from '../../src/store/database.ts';
import { eventually } from '../support/eventually.ts';
import { noSmallDisk, openSmallDisk } from '../support/soak-disk.ts';
import { describeSoak } from '../support/soak-engine.ts';
import { openSoakRun } from '../support/soak-run.ts';
import { CONNECTOR, MAILS_AT_ONCE } from '../support/soak-site.ts';

const MEGABYTE = 1024 * 1024;
/** Holds a new embedded database, its log and some work. */
const DISK_MEGABYTES = 120;
const CLOSURES = 10;
const MOST_CLOSURES = 400;

const title = noSmallDisk === '' ? 'a full disk' : `a full disk - skipped: ${noSmallDisk}`;

describe.skipIf(noSmallDisk !== '')(title, () => {
  describeSoak('the embedded database', ['PGlite'], (name) => {
    test('nothing is lost, and all is finished when there is space again', async () => {
      const disk = await openSmallDisk(DISK_MEGABYTES);
      const run = await openSoakRun('full disk', name, { dataDir: join(disk.folder, 'data') });
      const { site, cases } = run;
      const [slot] = site.slots;
      if (slot === undefined) throw new Error('there is no process');
      await cases.close(CLOSURES);
      await eventually('the first mail', () => site.smtp.mails.length > 0);
      disk.fill(0);
      // Files that are there have room left. Then a query is refused, or the database ends and the process with it.
      await eventually('that something is said of it', async () => {
        if (cases.all.length < MOST_CLOSURES) await cases.close(CLOSURES);
        return /53100|dataDir: /.test(slot.tell());
      });
      disk.free();
      const freedAt = performance.now();
      const hasDied = slot.hasDied();
      if (hasDied) await slot.start();
      await site.untilReady();
      run.backMs.push(performance.now() - freedAt);
      await run.finish({ kills: hasDied ? 1 : 0, mailsTwiceAtMost: hasDied ? MAILS_AT_ONCE : 0 });
    });

    test('a panic ends the database with a clear word instead of hanging the process', async () => {
      const disk = await openSmallDisk(DISK_MEGABYTES);
      const dataDir = join(disk.folder, 'data');
      const ends: ConfigError[] = [];
      const open = () =>
        openDatabase({ url: null, dataDir, log: silentLog, onEnd: (error) => ends.push(error) });
      const { db } = await open();
      await sql`create table public.filler (text text)`.execute(db);
      disk.fill(5 * MEGABYTE);
      // Rows that are thrown away again fill nothing but the log.
      const write = async (): Promise<void> => {
        await sql`insert into public.filler select repeat('x', 1500) || random() from generate_series(1, 800)`.execute(
          db,
        );
        await sql`truncate public.filler`.execute(db);
      };
      const failure = await (async () => {
        for (;;) await write();
      })().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Error);
      expect(ends.map(({ message }) => message)).toEqual([
        'dataDir: the embedded database cannot go on (53100)',
      ]);
      expect(ends[0]?.fix).toContain('Free some space');
      await expect(sql`select 1`.execute(db)).rejects.toBeInstanceOf(ConfigError);
      await expect(open()).rejects.toMatchObject({ fix: expect.stringContaining('Free some space') });

      disk.free();
      const again = await open();
      await sql`insert into public.filler values ('again')`.execute(again.db);
      await again.close();
    });
  });

  describeSoak('the outbox', ['PostgreSQL'], (name) => {
    test('mails that cannot be written wait, and are written when there is space again', async () => {
      const disk = await openSmallDisk(1);
      const dataDir = join(disk.folder, 'data');
      const run = await openSoakRun('full outbox', name, { dataDir, mailsToOutbox: true });
      const { site, cases } = run;
      disk.fill(0);
      await cases.close(CLOSURES);
      run.reveal();
      await eventually('the error in the log', () =>
        site.slots.some((slot) => slot.tell().includes('dataDir/outbox: cannot write a mail (ENOSPC)')),
      );
      const written = async (): Promise<number> =>
        (await readdir(join(dataDir, 'outbox'))).filter((file) => file.endsWith('.eml')).length;
      expect(await written()).toBe(0);
      const reached = await site.openReach();
      await eventually('an explanation of what is in the way', async () => {
        const explanation = await reached.call('explain', {
          connector: CONNECTOR,
          case: cases.all[0]?.caseId,
        });
        return JSON.stringify(explanation).includes('ENOSPC');
      });
      await reached.close();
      disk.free();
      const freedAt = performance.now();
      await run.watchNow();
      await eventually('all mails', async () => (await written()) === CLOSURES);
      run.backMs.push(performance.now() - freedAt);
    });
  });
});
