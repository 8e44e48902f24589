import { spawnSync } from 'node:child_process';
import { cpSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** `npm run build`: emits `dist/` for the published package, with the files that are read at run time beside the code. */

const FILES = ['src/**/*.eta', 'src/**/*.css', 'src/web/assets/*.js', 'src/preview/*.js'];

rmSync('dist', { recursive: true, force: true });
const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
for (const file of globSync(FILES)) cpSync(file, join('dist', file));
