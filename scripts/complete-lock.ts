import { readFileSync, writeFileSync } from 'node:fs';

/**
 * `node scripts/complete-lock.ts`, after dependencies changed: some registries serve one platform's binaries only. npm then
 * leaves the other platforms' optional packages out of the lock file, and `npm ci` refuses it. This names them with their
 * platform, so that they are skipped where they do not fit and fetched where they do. Safe to repeat.
 */

interface LockEntry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const FILE = 'package-lock.json';
const OS = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'openharmony',
  'win32',
  'aix',
  'netbsd',
  'openbsd',
  'sunos',
];
const CPU = ['arm64', 'x64', 'ia32', 'riscv64', 's390x', 'ppc64', 'loong64', 'mips64el', 'wasm32', 'arm'];

const lock = JSON.parse(readFileSync(FILE, 'utf8')) as { packages: Record<string, LockEntry> };
const added: Record<string, LockEntry> = {};
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (lock.packages[path] === undefined) added[path] = entryFor(name, version, parent.dev === true);
  }
}
const [root, ...rest] = Object.entries({ ...lock.packages, ...added });
lock.packages = Object.fromEntries([
  ...(root === undefined ? [] : [root]),
  ...rest.sort(([a], [b]) => (a < b ? -1 : 1)),
]);
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${Object.keys(added).length} platform packages added to ${FILE}.\n`);

function entryFor(name: string, version: string, dev: boolean): LockEntry {
  if (!/^\d/.test(version))
    throw new Error(`${name}: ${version} is a range, not a version; resolve it by hand.`);
  const words = name.split(/[/-]/);
  const os = OS.find((one) => words.includes(one));
  const cpu = CPU.find((one) => words.includes(one));
  if (os === undefined || cpu === undefined) throw new Error(`${name}: its name does not tell its platform.`);
  return {
    version,
    ...(dev ? { dev } : {}),
    optional: true,
    os: [os],
    cpu: [cpu],
    ...(words.includes('musl') ? { libc: ['musl'] } : {}),
  };
}
