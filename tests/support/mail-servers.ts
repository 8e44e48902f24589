import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

const run = promisify(execFile);
const POSTFIX = '/usr/sbin/postfix';
const DOVECOT = '/usr/sbin/dovecot';
const missing = [
  ...(existsSync(POSTFIX) ? [] : ['no Postfix (install postfix)']),
  ...(existsSync(DOVECOT) ? [] : ['no Dovecot (install dovecot-imapd)']),
  ...(process.getuid?.() === 0 ? [] : ['no root (run as root)']),
];

/** Debian's own Postfix and Dovecot on loopback, with their own folders and nothing of the machine's. */
export interface MailServers {
  readonly smtpUrl: string;
  readonly imapUrl: string;
  /** Every mail that arrived for a person, as it is on disk. */
  delivered(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** `describe` for tests that need both; skipped with the reason in the title without them, failing when CI=true. */
export function describeMailServers(name: string, tests: () => void): void {
  const [why] = missing;
  if (why === undefined) describe(name, tests);
  else if (process.env.CI === 'true') test(name, () => expect.fail(why));
  else describe.skip(`${name} - skipped: ${why}`, tests);
}

/**
 * Customers are at customer.example, where `gone@` is unknown and everybody else has one mailbox in common; survey@ with
 * anything after a plus at acme.example is what Dovecot shows.
 */
export async function startMailServers(): Promise<MailServers> {
  const dir = await mkdtemp(join(tmpdir(), 'caseloop-mail-'));
  await chmod(dir, 0o755);
  const owner = await idsOf('postfix');
  for (const name of ['people', 'survey']) {
    await mkdir(join(dir, 'mail', name), { recursive: true });
    await chown(join(dir, 'mail', name), owner.uid, owner.gid);
  }
  await chown(join(dir, 'mail'), owner.uid, owner.gid);
  const smtpPort = await startPostfix(dir, owner);
  const imapPort = await startDovecot(dir, owner);
  return {
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    imapUrl: `imap://survey:secret@127.0.0.1:${imapPort}/INBOX`,
    async delivered() {
      const folder = join(dir, 'mail', 'people', 'new');
      const names = await readdir(folder).catch(() => []);
      return Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
    },
    async close() {
      await run(POSTFIX, ['-c', join(dir, 'postfix'), 'abort']).catch(() => undefined);
      await run(DOVECOT, ['-c', join(dir, 'dovecot.conf'), 'stop']).catch(() => undefined);
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

async function idsOf(user: string): Promise<Ids> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, user])).stdout)),
  );
  return { uid: uid ?? 0, gid: gid ?? 0 };
}

async function startPostfix(dir: string, owner: Ids): Promise<number> {
  const port = await freePort();
  const config = join(dir, 'postfix');
  const queue = join(dir, 'queue');
  const data = join(dir, 'data');
  for (const one of [config, queue, data]) await mkdir(one);
  await chown(data, owner.uid, owner.gid);
  const main = {
    compatibility_level: '3.6',
    queue_directory: queue,
    data_directory: data,
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    mynetworks: '127.0.0.0/8',
    myhostname: 'mail.acme.example',
    mydestination: '',
    local_recipient_maps: '',
    alias_maps: '',
    maillog_file: join(dir, 'maillog'),
    maillog_file_prefixes: dir,
    virtual_mailbox_domains: 'customer.example, acme.example',
    virtual_mailbox_base: join(dir, 'mail'),
    virtual_mailbox_maps: `regexp:${join(config, 'people')}`,
    virtual_uid_maps: `static:${owner.uid}`,
    virtual_gid_maps: `static:${owner.gid}`,
    virtual_minimum_uid: '1',
    virtual_mailbox_lock: 'fcntl',
    recipient_delimiter: '+',
    // Taken first and returned later, as by a relay in front of the customer's own server.
    smtpd_reject_unlisted_recipient: 'no',
    smtpd_recipient_restrictions: 'permit_mynetworks, reject',
    default_transport: 'discard',
    soft_bounce: 'no',
  };
  await writeFile(
    join(config, 'main.cf'),
    Object.entries(main)
      .map(([key, value]) => `${key} = ${value}\n`)
      .join(''),
  );
  // Who matches no line is unknown.
  await writeFile(
    join(config, 'people'),
    '/^survey(\\+[0-9a-v]*)?@acme\\.example$/ survey/\nif !/^gone@/\n/@customer\\.example$/ people/\nendif\n',
  );
  await writeFile(join(config, 'master.cf'), masterCf(port));
  await launch(POSTFIX, ['-c', config, 'start']);
  await answering(port, 'Postfix');
  return port;
}

/** Services whose sockets others than Postfix itself may reach. */
const PUBLIC = new Set(['pickup', 'cleanup', 'qmgr', 'flush', 'postlog']);

function masterCf(port: number): string {
  const services = [
    [`127.0.0.1:${port}`, 'inet', 'smtpd'],
    ['pickup', 'unix', 'pickup'],
    ['cleanup', 'unix', 'cleanup', '0'],
    ['qmgr', 'unix', 'qmgr', '1'],
    ['rewrite', 'unix', 'trivial-rewrite'],
    ['bounce', 'unix', 'bounce', '0'],
    ['defer', 'unix', 'bounce', '0'],
    ['trace', 'unix', 'bounce', '0'],
    ['verify', 'unix', 'verify', '1'],
    ['flush', 'unix', 'flush', '0'],
    ['proxymap', 'unix', 'proxymap'],
    ['smtp', 'unix', 'smtp'],
    ['error', 'unix', 'error'],
    ['retry', 'unix', 'error'],
    ['discard', 'unix', 'discard'],
    ['local', 'unix', 'local'],
    ['virtual', 'unix', 'virtual'],
    ['anvil', 'unix', 'anvil', '1'],
    ['postlog', 'unix-dgram', 'postlogd', '1'],
  ];
  const unprivileged = (name = '') => (['local', 'virtual'].includes(name) ? 'n' : '-');
  return services
    .map(([name, type, command, most = '-']) =>
      [
        name,
        type,
        PUBLIC.has(name ?? '') || type === 'inet' ? 'n' : 'y',
        unprivileged(command),
        'n',
        '-',
        most,
        command,
      ].join(' '),
    )
    .join('\n')
    .concat('\n');
}

async function startDovecot(dir: string, owner: Ids): Promise<number> {
  const port = await freePort();
  const conf = join(dir, 'dovecot.conf');
  await mkdir(join(dir, 'run'));
  await writeFile(
    conf,
    `
protocols = imap
listen = 127.0.0.1
base_dir = ${dir}/run
log_path = ${dir}/dovecot.log
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:${dir}/mail/survey
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=${owner.uid} gid=${owner.gid} home=${dir}/mail
}
namespace inbox {
  inbox = yes
  separator = /
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
`,
  );
  await launch(DOVECOT, ['-c', conf]);
  await answering(port, 'Dovecot');
  return port;
}

/** Starts a daemon. It would keep our pipes open for as long as it lives. */
async function launch(command: string, args: readonly string[]): Promise<void> {
  const starter = spawn(command, args, { stdio: 'ignore' });
  const [code] = await once(starter, 'exit');
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}

async function answering(port: number, name: string): Promise<void> {
  await eventually(
    `${name} to answer`,
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1');
        socket.once('data', () => {
          socket.destroy();
          resolve(true);
        });
        socket.once('error', () => resolve(false));
      }),
  );
}
